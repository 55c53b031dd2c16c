//! What a device signs to say who it is, and the requests that carry it.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{Signer, did::Did, primitives::Signature};
use serde_json::{Value, json};

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Claims of a good assertion.
pub fn claims(did: Did, audience: &str, now_s: u64, id: &str) -> Value {
    let did = did.to_string();
    json!({ "iss": did, "sub": did, "aud": audience, "exp": now_s + 60, "iat": now_s, "jti": id })
}

pub fn sign(key: &dyn Signer, claims: &Value) -> String {
    sign_with(&json!({ "alg": "EdDSA", "typ": "JWT" }), key, claims)
}

/// A JWT of this header.
pub fn sign_with(header: &Value, key: &dyn Signer, claims: &Value) -> String {
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let unsigned = format!("{}.{}", part(header), part(claims));
    let Ok(Signature::Ed25519(signature)) = key.sign(unsigned.as_bytes()) else { panic!("an Ed25519 key signs") };
    format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
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
