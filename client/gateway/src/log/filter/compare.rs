//! How values are compared.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Operator;
use crate::log::time::parse_time;

/// Whether what an event has is as a filter says. Values of different kinds are not equal, and neither is more than the other.
pub(super) fn holds(operator: Operator, had: &Value, wanted: &Value) -> bool {
    let order = || order(had, wanted);
    match operator {
        Operator::Equal => order() == Some(Ordering::Equal),
        Operator::NotEqual => order() != Some(Ordering::Equal),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => order().is_some_and(Ordering::is_le),
        Operator::Contains => texts_hold(had, wanted, |had, wanted| had.contains(wanted)),
        Operator::StartsWith => texts_hold(had, wanted, |had, wanted| had.starts_with(wanted)),
        Operator::EndsWith => texts_hold(had, wanted, |had, wanted| had.ends_with(wanted)),
    }
}

fn texts_hold(had: &Value, wanted: &Value, holds: impl FnOnce(&str, &str) -> bool) -> bool {
    match (had, wanted) {
        (Value::String(had), Value::String(wanted)) => holds(&folded(had), &folded(wanted)),
        _ => false,
    }
}

fn order(had: &Value, wanted: &Value) -> Option<Ordering> {
    match (had, wanted) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Bool(had), Value::Bool(wanted)) => Some(had.cmp(wanted)),
        (Value::Number(had), Value::Number(wanted)) => order_of_numbers(had, wanted),
        (Value::String(had), Value::String(wanted)) => Some(match (parse_time(had), parse_time(wanted)) {
            (Some(had), Some(wanted)) => had.cmp(&wanted),
            _ => folded(had).cmp(&folded(wanted)),
        }),
        _ => None,
    }
}

/// Whole numbers are compared exactly, and others as floating-point numbers.
fn order_of_numbers(had: &Number, wanted: &Number) -> Option<Ordering> {
    match (had.as_i128(), wanted.as_i128()) {
        (Some(had), Some(wanted)) => Some(had.cmp(&wanted)),
        _ => had.as_f64()?.partial_cmp(&wanted.as_f64()?),
    }
}

/// A text whatever its case, each character for itself so that parts of it are folded as they are alone.
pub(in crate::log) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
