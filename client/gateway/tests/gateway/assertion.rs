//! What a device signs to say who it is, and the requests that carry it.

use marque_sdk::{Signer, did::Did};
use serde_json::{Value, json};

use crate::signed::by_account;

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Claims of a good assertion.
pub fn claims(did: Did, audience: &str, now_s: u64, id: &str) -> Value {
    let did = did.to_string();
    json!({ "iss": did, "sub": did, "aud": audience, "exp": now_s + 60, "iat": now_s, "jti": id })
}

pub fn sign(key: &dyn Signer, claims: &Value) -> String {
    by_account(&json!({ "alg": "EdDSA", "typ": "JWT" }), claims, key)
}

/// A form for the token endpoint.
pub fn form(assertion: &str, scope: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".into()),
        ("client_assertion_type", ASSERTION_TYPE.into()),
        ("client_assertion", assertion.into()),
        ("scope", scope.into()),
    ]
}

pub fn encode(form: &[(&str, String)]) -> String {
    serde_urlencoded::to_string(form).unwrap()
}
