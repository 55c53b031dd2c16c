//! Durations and times on the command line: `90s`, `10m`, `2h`, `7d`, `4w`, `2027-01-01T00:00:00Z`.

use marque_sdk::{
    Chain, did,
    primitives::{TimestampMs, bounds},
};

use crate::failure::{Failure, Outcome};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// The longest duration that is taken: 366 days, the longest that the registry grants anything for.
const MAX_MS: u64 = 366 * DAY_MS;

/// A time: some while from now, or on the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// So many milliseconds from now.
    In(u64),
    /// At this time.
    At(TimestampMs),
}

impl When {
    /// The time, for what the chain accepts up to `ms_max` ahead.
    ///
    /// # Errors
    /// When it is further ahead than that, or the chain can't be read.
    pub async fn resolve(self, chain: &Chain, ms_max: u64) -> Outcome<TimestampMs> {
        match self {
            Self::At(at_ms) => Ok(at_ms),
            Self::In(ms) if ms > ms_max => {
                Err(Failure::usage(format!("that is too long: {} at most", in_words(ms_max))))
            }
            Self::In(ms) => Ok(chain.time_ahead_ms(ms, ms_max).await?),
        }
    }
}

fn in_words(ms: u64) -> String {
    if ms.is_multiple_of(DAY_MS) { format!("{}d", ms / DAY_MS) } else { format!("{}s", ms / 1000) }
}

/// Parses a duration of up to 3660 days, the longest of a grant, or a time.
///
/// # Errors
/// A message for the user.
pub fn parse_when(text: &str) -> Result<When, String> {
    if text.contains(['T', ':']) {
        return parse_time(text).map(When::At);
    }
    parse_up_to(text, bounds::GRANT_MAX_MS).map(When::In)
}

/// Parses a time in UTC.
///
/// # Errors
/// A message for the user.
pub fn parse_time(text: &str) -> Result<TimestampMs, String> {
    did::parse_time(text).ok_or_else(|| "expected a time in UTC such as 2027-01-01T12:00:00Z".into())
}

/// Parses a whole number and one unit into milliseconds.
///
/// # Errors
/// A message for the user: no number, no or an unknown unit, zero, or more than 366 days.
pub fn parse_ms(text: &str) -> Result<u64, String> {
    parse_up_to(text, MAX_MS)
}

fn parse_up_to(text: &str, ms_max: u64) -> Result<u64, String> {
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
    let ms = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_ms)).filter(|ms| *ms <= ms_max);
    match ms {
        Some(0) => Err("a duration must be longer than zero".into()),
        Some(ms) => Ok(ms),
        None => Err(format!("a duration is at most {}", in_words(ms_max))),
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
    fn a_time_is_ahead_or_on_the_clock() {
        assert_eq!(parse_when("3660d"), Ok(When::In(bounds::GRANT_MAX_MS)));
        assert_eq!(parse_when("2026-07-01T12:00:00Z"), Ok(When::At(1_782_907_200_000)));
        for text in
            ["3661d", "0s", "now", "2026-07-01", "2026-07-01T12:00:00", "2026-02-30T12:00:00Z", "12:00", "T", ""]
        {
            assert!(parse_when(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "7", "d", "7 d", " 7d", "7d ", "-7d", "+7d", "1.5h", "7D", "7days", "1h30m", "٧d", "7é"] {
            assert!(parse_ms(text).is_err(), "{text:?} was taken");
        }
    }
}
