//! Times as the log and its readers write them.

use marque_sdk::{did, primitives::TimestampMs};

/// The most digits after the point.
const FRACTION_DIGITS_MAX: usize = 9;

/// Reads a time in UTC (RFC 3339), such as `2026-07-01T12:00:00Z` or `2026-07-01T12:00:00.123Z`: with up to 9 digits after the point, of
/// which those after the third do not count.
pub(super) fn parse_time(text: &str) -> Option<TimestampMs> {
    let Some((seconds, fraction)) = text.split_once('.') else { return did::parse_time(text) };
    let digits = fraction.strip_suffix('Z')?;
    let is_fraction =
        (1..=FRACTION_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let millis = || format!("{digits:0<3}").get(..3)?.parse::<u64>().ok();
    is_fraction.then(|| did::parse_time(&format!("{seconds}Z"))?.checked_add(millis()?)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_count_to_the_millisecond() {
        for (text, at_ms) in [
            ("2026-07-01T12:00:00Z", Some(1_782_907_200_000)),
            ("2026-07-01T12:00:00.5Z", Some(1_782_907_200_500)),
            ("2026-07-01T12:00:00.007Z", Some(1_782_907_200_007)),
            ("2026-07-01T12:00:00.123999999Z", Some(1_782_907_200_123)),
            ("2026-07-01T12:00:00.1234567890Z", None),
            ("2026-07-01T12:00:00.Z", None),
            ("2026-07-01T12:00:00.1", None),
            ("2026-07-01T12:00:00.+1Z", None),
            ("2026-07-01T12:00:00Z.1Z", None),
            ("2026-07-01T12:00:00.1+01:00", None),
            (".1Z", None),
        ] {
            assert_eq!(parse_time(text), at_ms, "{text}");
        }
    }
}
