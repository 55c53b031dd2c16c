//! Hours of the week, in UTC, in which a rule counts.

use std::{collections::BTreeSet, fmt};

use marque_sdk::primitives::TimestampMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MINUTE_MS: u64 = 60 * 1000;
const DAY_MINUTES: u16 = 24 * 60;

/// A day of the week, from 00:00 to 24:00 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Day 1 of the week (ISO 8601).
    Monday,
    /// Day 2 of the week (ISO 8601).
    Tuesday,
    /// Day 3 of the week (ISO 8601).
    Wednesday,
    /// Day 4 of the week (ISO 8601).
    Thursday,
    /// Day 5 of the week (ISO 8601).
    Friday,
    /// Day 6 of the week (ISO 8601).
    Saturday,
    /// Day 7 of the week (ISO 8601).
    Sunday,
}

/// A time of day, to the minute: `00:00` to `24:00`, as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "08:30", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
pub struct TimeOfDay(u16);

/// That a text is no time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a time of day is written HH:MM, from 00:00 to 24:00")]
pub struct NoTimeOfDay;

/// Some hours on some days of the week, in UTC.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// The days that it begins on: at least one.
    pub days: BTreeSet<Day>,
    /// When it begins: before 24:00.
    pub from: TimeOfDay,
    /// When it has ended: on the same day if that is later than `from`, and else on the next. Never the same as `from`.
    pub to: TimeOfDay,
}

impl Day {
    const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];
    /// 1970-01-01 was a Thursday.
    const EPOCH: u64 = 3;

    /// The day of a number of days since the Unix epoch.
    const fn of(days: u64) -> Self {
        Self::ALL[((days % 7 + Self::EPOCH) % 7) as usize]
    }
}

impl TimeOfDay {
    /// Reads a time of day; `None` unless it is written `HH:MM`, from `00:00` to `24:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| {
            let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let time = hours * 60 + minutes;
        (minutes < 60 && time <= DAY_MINUTES).then_some(Self(time))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NoTimeOfDay;

    fn try_from(text: String) -> Result<Self, NoTimeOfDay> {
        Self::parse(&text).ok_or(NoTimeOfDay)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl TimeWindow {
    /// Whether it is open at a time.
    pub fn contains(&self, at_ms: TimestampMs) -> bool {
        let minutes = at_ms / MINUTE_MS;
        let days = minutes / u64::from(DAY_MINUTES);
        let minute = TimeOfDay((minutes % u64::from(DAY_MINUTES)) as u16);
        let began_today = self.days.contains(&Day::of(days));
        if self.from < self.to {
            return began_today && (self.from..self.to).contains(&minute);
        }
        // Six days on is the same day of the week as one day back.
        let began_yesterday = self.days.contains(&Day::of(days.saturating_add(6)));
        began_today && minute >= self.from || began_yesterday && minute < self.to
    }

    pub(super) fn is_valid(&self) -> bool {
        !self.days.is_empty() && self.from.0 < DAY_MINUTES && self.from != self.to
    }
}

#[cfg(test)]
mod tests {
    use marque_sdk::did;
    use proptest::prelude::*;

    use super::*;

    fn window(days: &[Day], from: &str, to: &str) -> TimeWindow {
        let time = |text| TimeOfDay::parse(text).unwrap();
        TimeWindow { days: days.iter().copied().collect(), from: time(from), to: time(to) }
    }

    fn at(text: &str) -> TimestampMs {
        did::parse_time(text).unwrap()
    }

    #[test]
    fn a_window_within_a_day_ends_on_it() {
        // 2026-07-01 was a Wednesday.
        let window = window(&[Day::Wednesday], "08:30", "17:00");
        for (time, is_open) in [
            ("2026-07-01T08:29:59Z", false),
            ("2026-07-01T08:30:00Z", true),
            ("2026-07-01T16:59:59Z", true),
            ("2026-07-01T17:00:00Z", false),
            ("2026-07-02T09:00:00Z", false),
            ("2026-07-08T09:00:00Z", true),
        ] {
            assert_eq!(window.contains(at(time)), is_open, "{time}");
        }
        assert!(super::tests::window(&[Day::Thursday], "00:00", "24:00").contains(0), "the epoch");
    }

    #[test]
    fn a_window_across_midnight_belongs_to_the_day_that_it_begins_on() {
        let window = window(&[Day::Sunday], "22:00", "06:00");
        for (time, is_open) in [
            ("2026-07-05T05:59:59Z", false),
            ("2026-07-05T22:00:00Z", true),
            ("2026-07-06T05:59:59Z", true),
            ("2026-07-06T06:00:00Z", false),
            ("2026-07-06T22:00:00Z", false),
        ] {
            assert_eq!(window.contains(at(time)), is_open, "{time}");
        }
    }

    #[test]
    fn what_is_never_or_no_time_is_refused() {
        for text in ["", "8:30", "08:60", "24:01", "25:00", "08:3 ", "+8:30", "08:30:00", "0830", "٠٨:٣٠"] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
        assert!(window(&[Day::Monday], "00:00", "24:00").is_valid());
        assert!(!window(&[], "00:00", "24:00").is_valid());
        assert!(!window(&[Day::Monday], "24:00", "06:00").is_valid());
        assert!(!window(&[Day::Monday], "06:00", "06:00").is_valid());
    }

    proptest! {
        #[test]
        fn times_of_day_read_as_they_are_written(minutes in 0..=DAY_MINUTES) {
            let time = TimeOfDay(minutes);
            prop_assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,8}") {
            if let Some(time) = TimeOfDay::parse(&text) {
                prop_assert_eq!(time.to_string(), text);
            }
        }

        #[test]
        fn a_window_and_its_opposite_share_the_week(from in 0..DAY_MINUTES, to in 0..DAY_MINUTES, at_ms: u64) {
            prop_assume!(from != to);
            let days: BTreeSet<Day> = Day::ALL.into();
            let window = TimeWindow { days: days.clone(), from: TimeOfDay(from), to: TimeOfDay(to) };
            let opposite = TimeWindow { days, from: TimeOfDay(to), to: TimeOfDay(from) };
            prop_assert_ne!(window.contains(at_ms), opposite.contains(at_ms));
        }
    }
}
