//! Claims that a rule adds to tokens.

use serde_json::{Map, Value};

/// The most claims that a rule may add.
const CLAIMS_MAX: usize = 16;
/// The longest name of a claim, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// The most that they may be together, in bytes of JSON.
const BYTES_MAX: usize = 1024;
/// What the authorization server itself says in a token.
const RESERVED: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "scope",
    "epoch",
    "cnf",
    "ver",
    "cid",
    "scp",
    "act",
    "may_act",
    "authorization_details",
];

/// Whether a rule may add these: few, small, none that the authorization server itself says, and none for everything.
pub(super) fn are_valid(claims: &Map<String, Value>) -> bool {
    let is_small = serde_json::to_vec(claims).is_ok_and(|json| json.len() <= BYTES_MAX);
    is_small
        && claims.len() <= CLAIMS_MAX
        && claims.iter().all(|(name, value)| is_claim_name(name) && !stands_for_everything(value))
}

fn is_claim_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && !name.chars().any(|character| character.is_control() || character == '*')
        && !RESERVED.contains(&name)
}

fn stands_for_everything(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains('*'),
        Value::Array(values) => values.iter().any(stands_for_everything),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('*') || stands_for_everything(value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_taken(claims: Value) -> bool {
        are_valid(claims.as_object().unwrap())
    }

    #[test]
    fn claims_are_few_and_small() {
        let many = |count: usize| (0..count).map(|n| (format!("c{n}"), json!(n))).collect::<Map<_, _>>();
        assert!(are_valid(&many(16)));
        assert!(!are_valid(&many(17)));
        assert!(is_taken(json!({ "n".repeat(64): 1 })));
        assert!(!is_taken(json!({ "n".repeat(65): 1 })));
        // `{"a":""}` has 8 bytes.
        assert!(is_taken(json!({ "a": "x".repeat(1016) })));
        assert!(!is_taken(json!({ "a": "x".repeat(1017) })));
    }

    #[test]
    fn no_claim_says_what_the_server_says_or_stands_for_everything() {
        for name in RESERVED.iter().copied().chain(["", "a*", "a\n"]) {
            assert!(!is_taken(json!({ name: 1 })), "{name}");
        }
        for value in [json!("*"), json!(["a", "b*"]), json!({ "a": { "b": ["*"] } }), json!({ "*": 1 })] {
            assert!(!is_taken(json!({ "sites": value })), "{value}");
        }
        assert!(is_taken(
            json!({ "sites": ["north"], "tier": 3, "urn:x:y": null, "nested": { "iss": "of something else" } })
        ));
    }
}
