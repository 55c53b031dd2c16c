//! Durations on the command line: `90s`, `10m`, `2h`, `7d`, `4w`.

/// The longest duration that is taken: 366 days, the longest that the registry grants anything for.
const MAX_MS: u64 = 366 * 24 * 60 * 60 * 1000;

/// Parses a whole number and one unit into milliseconds.
///
/// # Errors
/// A message for the user: no number, no or an unknown unit, zero, or more than 366 days.
pub fn parse_ms(text: &str) -> Result<u64, String> {
    let expected = "expected a whole number and a unit, such as 90s, 10m, 2h, 7d or 4w";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms: u64 = match unit {
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        "w" => 7 * 24 * 60 * 60 * 1000,
        _ => return Err(expected.into()),
    };
    if number.is_empty() {
        return Err(expected.into());
    }
    let ms = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_ms)).filter(|ms| *ms <= MAX_MS);
    match ms {
        Some(0) => Err("a duration must be longer than zero".into()),
        Some(ms) => Ok(ms),
        None => Err("a duration is at most 366d".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_each_unit() {
        assert_eq!(parse_ms("90s"), Ok(90_000));
        assert_eq!(parse_ms("10m"), Ok(600_000));
        assert_eq!(parse_ms("2h"), Ok(7_200_000));
        assert_eq!(parse_ms("7d"), Ok(604_800_000));
        assert_eq!(parse_ms("4w"), Ok(2_419_200_000));
    }

    #[test]
    fn is_bounded() {
        assert_eq!(parse_ms("366d"), Ok(MAX_MS));
        assert!(parse_ms("367d").is_err());
        assert!(parse_ms("0m").is_err());
        assert!(parse_ms("99999999999999999999999d").is_err());
        assert!(parse_ms("18446744073709551615w").is_err());
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "7", "d", "7 d", " 7d", "7d ", "-7d", "+7d", "1.5h", "7D", "7days", "1h30m", "٧d", "7é"] {
            assert!(parse_ms(text).is_err(), "{text:?} was taken");
        }
    }
}
