//! What clients sign: assertions of who they are (RFC 7523), and proofs that they have a key (RFC 9449).

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    Account, Signer,
    did::Did,
    primitives::Signature,
    token::Jwk,
    verifier::{Clock, SystemClock},
};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Kind, Outcome},
    spec::hex0x,
};

/// How long an assertion is good, in seconds.
const LIFETIME_S: u64 = 60;

/// A new assertion of a device for a token endpoint, signed by one of its keys.
///
/// # Errors
/// When the key does not sign.
pub fn assertion(device: &Did, key: &Account, endpoint: &str) -> Outcome<String> {
    let (did, now_s) = (device.to_string(), now_s());
    let claims = json!({
        "iss": did, "sub": did, "aud": endpoint, "iat": now_s, "exp": now_s + LIFETIME_S, "jti": new_id(),
    });
    sign(&json!({ "alg": "EdDSA", "typ": "JWT" }), &claims, key)
}

/// A new proof for a token endpoint that its sender has a key.
///
/// # Errors
/// When the key does not sign.
pub fn proof(key: &Account, endpoint: &str, nonce: Option<&str>) -> Outcome<String> {
    let header = json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": jwk(key)?.to_json() });
    let mut claims = json!({ "htm": "POST", "htu": endpoint, "iat": now_s(), "jti": new_id() });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    sign(&header, &claims, key)
}

/// What tokens call the key that they are bound to by a proof.
///
/// # Errors
/// When it is no key that a proof can be of.
pub fn thumbprint(key: &Account) -> Outcome<String> {
    Ok(BASE64URL_NOPAD.encode(&jwk(key)?.thumbprint()))
}

fn jwk(key: &Account) -> Outcome<Jwk> {
    Jwk::from_public_key(&key.public_key()).map_err(|error| Failure::new(Kind::Failed, error.to_string()))
}

fn sign(header: &Value, claims: &Value, key: &Account) -> Outcome<String> {
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let unsigned = format!("{}.{}", part(header), part(claims));
    match key.sign(unsigned.as_bytes()) {
        Ok(Signature::Ed25519(signature)) => Ok(format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))),
        _ => Err(Failure::new(Kind::Failed, "the key makes no Ed25519 signature")),
    }
}

fn new_id() -> String {
    hex0x(&Account::generate().account().0[..16])
}

fn now_s() -> u64 {
    SystemClock::default().now().wall_ms / 1000
}
