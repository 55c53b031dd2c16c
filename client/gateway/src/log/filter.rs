//! Filters of the log (SCIM, RFC 7644, section 3.4.2.2) over events as JSON. Pure.
//!
//! | operator | says |
//! |---|---|
//! | `eq` `ne` | is, is not |
//! | `co` `sw` `ew` | contains, starts with, ends with: for strings |
//! | `gt` `ge` `lt` `le` | is more, at least, less, at most: for numbers, strings, and times as such |
//! | `pr` | is there: neither null nor empty |
//!
//! `not` binds before `and`, and `and` before `or`. Attributes, operators and strings are compared whatever their case. A path such as
//! `target.id` goes through arrays, and one element is enough. What is not there is null.

mod compare;
mod reader;

pub(super) use compare::folded;

use std::fmt;

use serde_json::Value;

/// The longest filter, in bytes.
const BYTES_MAX: usize = 2048;
/// How deep parentheses may be in one another.
const DEPTH_MAX: usize = 16;
/// The most comparisons that a filter may have.
const TERMS_MAX: usize = 64;

/// A filter of events.
#[derive(Clone, PartialEq, Debug)]
pub struct Filter(Node);

/// Why a text is no filter. What it says is not repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// It is too long.
    #[error("a filter has at most 2048 bytes")]
    TooLong,
    /// Its parentheses are too deep in one another.
    #[error("parentheses are at most 16 deep")]
    TooDeep,
    /// It has too many comparisons.
    #[error("a filter has at most 64 comparisons")]
    TooManyTerms,
    /// Something else is expected.
    #[error("the filter should have {expected} at byte {at}")]
    Expected {
        /// What.
        expected: &'static str,
        /// Where, in bytes from the beginning.
        at: usize,
    },
}

/// A part of a filter. `And` and `Or` have two parts or more.
#[derive(Clone, PartialEq, Debug)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Term(Term),
}

/// A test of one attribute: the names of its path are neither none nor empty.
#[derive(Clone, PartialEq, Debug)]
struct Term {
    path: Vec<String>,
    test: Test,
}

#[derive(Clone, PartialEq, Debug)]
enum Test {
    Present,
    /// With null, a boolean, a number or a string.
    Compare(Operator, Value),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`FilterError`]: that it is too long, or else the first that is wrong.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        reader::read(text).map(Self)
    }

    /// Whether an event is one of those that are looked for.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(event)
    }
}

impl Node {
    fn matches(&self, event: &Value) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(event)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(event)),
            Self::Not(part) => !part.matches(event),
            Self::Term(term) => term.matches(event),
        }
    }
}

impl Term {
    fn matches(&self, event: &Value) -> bool {
        let mut found = Vec::new();
        find(event, &self.path, &mut found);
        match &self.test {
            Test::Present => found.into_iter().any(is_present),
            Test::Compare(operator, value) if found.is_empty() => compare::holds(*operator, &Value::Null, value),
            Test::Compare(operator, value) => found.into_iter().any(|one| compare::holds(*operator, one, value)),
        }
    }
}

/// Collects what is at a path: through each element of arrays, and each attribute of that name, whatever its case.
fn find<'a>(value: &'a Value, path: &[String], found: &mut Vec<&'a Value>) {
    match (value, path) {
        (Value::Array(elements), _) => elements.iter().for_each(|element| find(element, path, found)),
        (_, []) => found.push(value),
        (Value::Object(attributes), [name, rest @ ..]) => {
            let named = attributes.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            named.for_each(|(_, value)| find(value, rest, found));
        }
        _ => {}
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(attributes) => !attributes.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

impl Operator {
    const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

/// Writes the filter out with single spaces and no more parentheses than it needs.
impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, between) = match self {
            Self::And(parts) => (parts, " and "),
            Self::Or(parts) => (parts, " or "),
            Self::Not(part) => return write!(formatter, "not ({part})"),
            Self::Term(term) => return term.fmt(formatter),
        };
        for (index, part) in parts.iter().enumerate() {
            formatter.write_str(if index == 0 { "" } else { between })?;
            match (self, part) {
                (Self::And(_), Self::And(_) | Self::Or(_)) | (Self::Or(_), Self::Or(_)) => {
                    write!(formatter, "({part})")?
                }
                _ => part.fmt(formatter)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.join(".");
        match &self.test {
            Test::Present => write!(formatter, "{path} pr"),
            Test::Compare(operator, value) => write!(formatter, "{path} {} {value}", operator.name()),
        }
    }
}

#[cfg(test)]
mod tests;
