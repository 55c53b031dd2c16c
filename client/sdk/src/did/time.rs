//! Datetimes as DID resolution writes them: UTC, without sub-seconds (XML Schema `dateTime`).

use marque_primitives::TimestampMs;

const DAY_SECS: u64 = 24 * 60 * 60;
/// The end of the year 9999, past which the format has no room.
const SECS_MAX: u64 = 253_402_300_799;

/// `2026-07-01T12:00:00Z` for a time in milliseconds since the Unix epoch. Times past the year 9999 are shown as its end.
pub fn format_time(at_ms: TimestampMs) -> String {
    let secs = (at_ms / 1000).min(SECS_MAX);
    let (year, month, day) = civil_from_days(secs / DAY_SECS);
    let (hour, minute, second) = (secs % DAY_SECS / 3600, secs % 3600 / 60, secs % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads what [`format_time`] writes, into milliseconds since the Unix epoch. `None` for any other text.
pub fn parse_time(text: &str) -> Option<TimestampMs> {
    if text.len() != "0000-00-00T00:00:00Z".len() || !text.is_ascii() {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = &text[from..to];
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten()
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let secs = days_from_civil(year, month, day) * DAY_SECS + hour * 3600 + minute * 60 + second;
    // Writing it again refuses what is no time: 30 February, 24:00, and other separators.
    (format_time(secs * 1000) == text).then_some(secs * 1000)
}

/// Howard Hinnant's `civil_from_days`, for days since 1970-01-01.
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Howard Hinnant's `days_from_civil`, for years from 1970 on.
const fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let year_of_era = year % 400;
    year / 400 * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_times() {
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ];
        for (at_ms, text) in known {
            assert_eq!(format_time(at_ms), text);
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let texts = [
            "",
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00.5Z",
            "2024-01-01T00:00:00+00",
            "1969-12-31T23:59:59Z",
            "2024-01-01T+1:00:00Z",
            "2024-00-10T00:00:00Z",
            "é24-01-01T00:00:00Z",
        ];
        for text in texts {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn times_survive_the_round_trip(secs in 0..=SECS_MAX) {
            prop_assert_eq!(parse_time(&format_time(secs * 1000)), Some(secs * 1000));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = parse_time(&text);
        }
    }
}
