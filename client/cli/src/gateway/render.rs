//! What a gateway says, for people. All of it may have been written by others.

use marque_sdk::did;
use serde_json::Value;

use crate::output::{self, harmless};

/// A member as text: nothing for one that is not there.
pub fn text(of: &Value, member: &str) -> String {
    harmless(&plain(&of[member]))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A time in milliseconds since the Unix epoch.
pub fn time(of: &Value, member: &str) -> String {
    of[member].as_u64().map(did::format_time).unwrap_or_default()
}

/// `ACTIVE` or `INACTIVE`, from either form of saying so.
pub fn status(of: &Value) -> String {
    match (&of["status"], of["is_active"].as_bool()) {
        (Value::String(status), _) => harmless(status),
        (_, Some(true)) => "ACTIVE".into(),
        (_, Some(false)) => "INACTIVE".into(),
        _ => String::new(),
    }
}

/// A document in JSON that people can read.
pub fn pretty(document: &Value) -> String {
    harmless(&serde_json::to_string_pretty(document).unwrap_or_default())
}

/// Labelled members, without those that are empty.
pub fn fields(rows: &[(&str, String)]) -> String {
    let rows: Vec<_> = rows.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
    output::fields(&rows)
}

/// A table of members, or what to say where there are no entries.
pub fn table<const N: usize>(
    header: [&str; N],
    entries: &[Value],
    none: &str,
    row: impl Fn(&Value) -> [String; N],
) -> String {
    if entries.is_empty() {
        return none.to_owned();
    }
    output::table(header, &entries.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_harmful_is_no_trouble() {
        let of = json!({ "a": "x\u{1b}[2J", "b": ["1", 2], "c": null, "is_active": true });
        assert_eq!(
            (text(&of, "a"), text(&of, "b"), text(&of, "c"), text(&of, "d")),
            ("x [2J".into(), "1, 2".into(), String::new(), String::new())
        );
        assert_eq!(
            (status(&of), status(&json!({})), status(&json!(7))),
            ("ACTIVE".into(), String::new(), String::new())
        );
    }
}
