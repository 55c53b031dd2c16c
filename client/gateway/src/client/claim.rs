//! Claims that assertions and proofs have in common, as they are read here.

use marque_sdk::primitives::TimestampMs;
use serde_json::{Map, Value};

/// The longest `jti`, in bytes.
const ID_BYTES_MAX: usize = 256;

/// A claim that is text.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// `jti`, of 1 to 256 bytes.
pub(super) fn id(claims: &Map<String, Value>) -> Option<&str> {
    text(claims, "jti").filter(|id| (1..=ID_BYTES_MAX).contains(&id.len()))
}

/// A time, which is written in whole seconds, in milliseconds.
pub(super) fn time_ms(claims: &Map<String, Value>, name: &str) -> Option<TimestampMs> {
    claims.get(name).and_then(Value::as_u64).map(|seconds| seconds.saturating_mul(1000))
}
