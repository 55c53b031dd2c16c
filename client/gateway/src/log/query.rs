//! What readers of the log ask for (Okta's `GET /api/v1/logs`), and the link to what comes next. Pure.

use std::collections::BTreeMap;

use marque_sdk::primitives::TimestampMs;
use serde_json::Value;

use super::{Entry, Filter, FilterError, event::time_with_millis, filter::folded, time::parse_time};

/// How many entries an answer has unless the reader says otherwise.
const LIMIT_DEFAULT: u32 = 100;
/// The most entries that an answer may have.
const LIMIT_MAX: u32 = 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How far an answer goes back unless the reader says otherwise, in milliseconds.
const SINCE_DEFAULT_MS: u64 = 7 * DAY_MS;
/// How far an answer goes back at most, in milliseconds.
pub const RETENTION_MS: u64 = 90 * DAY_MS;
/// The longest query string, in bytes: the longest filter, percent-encoded at worst, and the rest.
const BYTES_MAX: usize = 16 * 1024;
/// The most words that can be looked for at once.
const WORDS_MAX: usize = 10;
/// The longest word, in characters.
const WORD_CHARS_MAX: usize = 40;
/// All parameters, in the order in which links have them.
const PARAMETERS: [&str; 7] = ["since", "until", "after", "filter", "q", "sortOrder", "limit"];

/// Which entry comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SortOrder {
    /// The oldest.
    Ascending,
    /// The newest.
    Descending,
}

/// What a reader of the log asks for.
#[derive(Clone, PartialEq, Debug)]
pub struct LogQuery {
    /// The time that entries are not older than, in milliseconds since the Unix epoch.
    pub since_ms: TimestampMs,
    /// The time that entries are older than, in milliseconds since the Unix epoch; `None` for those to come, too.
    pub until_ms: Option<TimestampMs>,
    /// The number of the entry after which the answer goes on, in its order.
    pub after: Option<u64>,
    /// Which entry comes first.
    pub order: SortOrder,
    /// How many entries the answer has at most: 1 to 1000.
    pub limit: u32,
    filter: Option<Filter>,
    /// As they were written. Each must be in the event, whatever its case.
    words: Vec<String>,
    /// The filter as it was written, for links.
    filter_text: Option<String>,
}

/// Why a query is not answered: always 400.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The query string is too long.
    #[error("a query has at most 16384 bytes")]
    TooLong,
    /// It has a parameter that is not known.
    #[error("the parameters are since, until, after, filter, q, sortOrder and limit")]
    Unknown,
    /// It has a parameter more than once.
    #[error("a parameter is there more than once")]
    Repeated,
    /// `since` or `until` is no time.
    #[error("since and until are times in UTC, such as 2026-07-01T12:00:00Z")]
    InvalidTime,
    /// The answer would end before it begins.
    #[error("until is later than since")]
    NoTime,
    /// `after` was not made here.
    #[error("after is from the link to the next entries: follow that")]
    InvalidAfter,
    /// `q` is too much.
    #[error("q has at most 10 words of up to 40 characters")]
    InvalidWords,
    /// `sortOrder` is something else.
    #[error("sortOrder is ASCENDING or DESCENDING")]
    InvalidOrder,
    /// `limit` is out of bounds.
    #[error("limit is 1 to 1000")]
    InvalidLimit,
    /// `filter` is no filter.
    #[error("{0}")]
    Filter(#[from] FilterError),
}

impl QueryError {
    /// Okta's code for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Filter(_) => "E0000053",
            _ => "E0000031",
        }
    }
}

impl SortOrder {
    const fn name(self) -> &'static str {
        match self {
            Self::Ascending => "ASCENDING",
            Self::Descending => "DESCENDING",
        }
    }
}

impl LogQuery {
    /// Reads a query string. A parameter without a value counts as left out. An answer goes back seven days by default and 90 at most.
    ///
    /// # Errors
    /// [`QueryError`]: the whole first, then each parameter in the order `since`, `until`, `after`, `filter`, `q`, `sortOrder`, `limit`.
    pub fn read(query: Option<&str>, now_ms: TimestampMs) -> Result<Self, QueryError> {
        let parameters = parameters(query.unwrap_or_default())?;
        let get = |name: &str| parameters.get(name).map(String::as_str);
        let time = |name| get(name).map(|text| parse_time(text).ok_or(QueryError::InvalidTime)).transpose();
        let since_ms = time("since")?.unwrap_or(now_ms.saturating_sub(SINCE_DEFAULT_MS));
        let since_ms = since_ms.max(now_ms.saturating_sub(RETENTION_MS));
        let until_ms = time("until")?;
        if until_ms.is_some_and(|until_ms| until_ms <= since_ms) {
            return Err(QueryError::NoTime);
        }
        Ok(Self {
            since_ms,
            until_ms,
            after: get("after").map(read_after).transpose()?,
            filter: get("filter").map(Filter::parse).transpose()?,
            filter_text: get("filter").map(str::to_owned),
            words: read_words(get("q").unwrap_or_default())?,
            order: get("sortOrder").map_or(Ok(SortOrder::Ascending), read_order)?,
            limit: get("limit").map_or(Ok(LIMIT_DEFAULT), read_limit)?,
        })
    }

    /// Whether an entry is one of those that are asked for, given its event as JSON.
    pub fn matches(&self, entry: &Entry, event: &Value) -> bool {
        let is_next = self.after.is_none_or(|after| match self.order {
            SortOrder::Ascending => entry.number > after,
            SortOrder::Descending => entry.number < after,
        });
        is_next
            && entry.published_ms >= self.since_ms
            && self.until_ms.is_none_or(|until_ms| entry.published_ms < until_ms)
            && self.filter.as_ref().is_none_or(|filter| filter.matches(event))
            && self.words.iter().all(|word| says(event, &folded(word)))
    }

    /// Whether the answer is never the last, as more entries may be written that belong to it: then it always has a link to the next.
    pub const fn is_endless(&self) -> bool {
        matches!(self.order, SortOrder::Ascending) && self.until_ms.is_none()
    }

    /// The text of the header `Link` to the entries after that of number `last`, the last that was looked at; `None` if none was. The base is
    /// the URL of the log, without a query.
    pub fn next_link(&self, base: &str, last: Option<u64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in PARAMETERS {
            if let Some(value) = self.parameter(name, last) {
                query.append_pair(name, &value);
            }
        }
        format!("<{base}?{}>; rel=\"next\"", query.finish())
    }

    fn parameter(&self, name: &str, last: Option<u64>) -> Option<String> {
        match name {
            "since" => Some(time_with_millis(self.since_ms)),
            "until" => self.until_ms.map(time_with_millis),
            "after" => last.or(self.after).map(|number| number.to_string()),
            "filter" => self.filter_text.clone(),
            "q" => (!self.words.is_empty()).then(|| self.words.join(" ")),
            "sortOrder" => Some(self.order.name().to_owned()),
            _ => Some(self.limit.to_string()),
        }
    }
}

/// The parameters that have a value, each of which is known and there once.
fn parameters(query: &str) -> Result<BTreeMap<String, String>, QueryError> {
    if query.len() > BYTES_MAX {
        return Err(QueryError::TooLong);
    }
    let mut parameters = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if !PARAMETERS.contains(&&*name) {
            return Err(QueryError::Unknown);
        }
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(QueryError::Repeated);
        }
    }
    parameters.retain(|_, value| !value.is_empty());
    Ok(parameters)
}

/// The number of an entry. No number is larger than a database has.
fn read_after(text: &str) -> Result<u64, QueryError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_number && i64::try_from(*number).is_ok());
    number.ok_or(QueryError::InvalidAfter)
}

fn read_words(text: &str) -> Result<Vec<String>, QueryError> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let are_few = words.len() <= WORDS_MAX && words.iter().all(|word| word.chars().count() <= WORD_CHARS_MAX);
    if are_few { Ok(words) } else { Err(QueryError::InvalidWords) }
}

fn read_order(text: &str) -> Result<SortOrder, QueryError> {
    let known = [SortOrder::Ascending, SortOrder::Descending].into_iter().find(|order| order.name() == text);
    known.ok_or(QueryError::InvalidOrder)
}

fn read_limit(text: &str) -> Result<u32, QueryError> {
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or(QueryError::InvalidLimit)
}

/// Whether a word, folded, is in any value of an event. The names of its attributes do not count.
fn says(event: &Value, word: &str) -> bool {
    match event {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => event.to_string().contains(word),
        Value::String(text) => folded(text).contains(word),
        Value::Array(values) => values.iter().any(|value| says(value, word)),
        Value::Object(attributes) => attributes.values().any(|value| says(value, word)),
    }
}

#[cfg(test)]
mod tests;
