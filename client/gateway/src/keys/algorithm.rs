//! The algorithm of an authorization server's keys in JSON: its name (RFC 7518, RFC 8037).

use marque_sdk::token::Algorithm;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// The algorithm where nothing is said: its keys are on the chain, and contracts take its tokens.
pub(crate) const fn default() -> Algorithm {
    Algorithm::EdDsa
}

// Serde hands a reference to whatever it serialises.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(crate) fn serialize<S: Serializer>(algorithm: &Algorithm, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(algorithm.name())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Algorithm, D::Error> {
    let name = String::deserialize(deserializer)?;
    Algorithm::from_name(&name).ok_or_else(|| D::Error::custom("the algorithms are EdDSA, ES256 and RS256"))
}
