//! Times of the past on the command line: `2027-01-01T00:00:00Z`, or `2h` for so long ago.

use std::time::{SystemTime, UNIX_EPOCH};

use marque_sdk::{did, primitives::TimestampMs};

use crate::duration::{self, When};

/// The machine's time.
pub fn now_ms() -> TimestampMs {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| since.as_millis().try_into().ok()).unwrap_or(0)
}

/// When it was, as the gateway reads it.
pub fn text(when: When, now_ms: TimestampMs) -> String {
    did::format_time(match when {
        When::In(ms) => now_ms.saturating_sub(ms),
        When::At(at_ms) => at_ms,
    })
}

/// Reads a time.
///
/// # Errors
/// A message for the user.
pub fn parse(text: &str) -> Result<When, String> {
    duration::parse_when(text)
        .map_err(|reason| format!("{reason}; or a time in UTC such as 2027-01-01T12:00:00Z: a duration is so long ago"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_so_long_ago() {
        let now_ms = 1_800_000_000_000;
        assert_eq!(text(parse("2h").unwrap(), now_ms), "2027-01-15T06:00:00Z");
        assert_eq!(text(parse("2027-01-01T00:00:00Z").unwrap(), now_ms), "2027-01-01T00:00:00Z");
        assert!(parse("yesterday").is_err());
    }
}
