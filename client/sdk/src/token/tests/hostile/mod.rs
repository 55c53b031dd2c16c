//! JWTs that are good but for one thing.

mod claims;
mod form;

use marque_primitives::Signature;
use serde_json::{Value, json};

use super::*;
use crate::signer::Signer;

const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"3#key-0"}"#;

/// Signed, whatever it says.
fn sign(header: &str, payload: &str) -> String {
    let unsigned =
        format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload.as_bytes()));
    let Signature::Ed25519(signature) = key().sign(unsigned.as_bytes()).unwrap() else {
        panic!("the scheme is Ed25519")
    };
    format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn payload() -> Value {
    let jwt = vectors::FULL.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url(jwt)).unwrap()
}

fn with(name: &str, value: Value) -> String {
    let mut payload = payload();
    payload[name] = value;
    payload.to_string()
}

#[track_caller]
fn check(jwt: &str, expected: JwtError) {
    assert_eq!(read_jwt(jwt), Err(expected), "{jwt:.300}");
}

#[track_caller]
fn check_header(header: &str, expected: JwtError) {
    assert_eq!(read_jwt(&sign(header, &payload().to_string())), Err(expected), "{header}");
}

#[track_caller]
fn check_claims(payload: &str, expected: JwtError) {
    assert_eq!(read_jwt(&sign(HEADER, payload)), Err(expected), "{payload}");
}

#[track_caller]
fn check_claim(name: &'static str, value: Value) {
    check_claims(&with(name, value), JwtError::InvalidClaim { name });
}

#[test]
fn the_parts_are_a_token() {
    assert_eq!(read_jwt(&sign(HEADER, &payload().to_string())).unwrap().claims, full());
}

#[test]
fn changed_signatures_and_claims_do_not_hold() {
    let ed25519 = VerificationKey::new(Jwk::Ed25519(key().account().0)).unwrap();
    let (own, other) = (Jwt::read(vectors::PLAIN).unwrap(), Jwt::read(vectors::BOUND).unwrap());
    assert_eq!(own.verify(&ed25519), Ok(&plain()));
    let mixed = Jwt { signature: other.signature, ..own.clone() };
    assert_eq!(mixed.verify(&ed25519), Err(JwtError::InvalidSignature));
    for len in [0, 63, 65, 256] {
        let changed = Jwt { signature: vec![0; len], ..own.clone() };
        assert_eq!(changed.verify(&ed25519), Err(JwtError::InvalidSignature));
    }
    let rs256 = Jwt::read(vectors::RS256).unwrap();
    for at in [0, 128, 255] {
        let mut changed = rs256.clone();
        changed.signature[at] ^= 1;
        assert_eq!(changed.verify(rsa().verification_key()), Err(JwtError::InvalidSignature));
    }
}

#[test]
fn errors_become_those_of_every_verifier() {
    assert_eq!(VerifyError::from(JwtError::TooLong), VerifyError::Malformed);
    assert_eq!(VerifyError::from(JwtError::InvalidClaims), VerifyError::Malformed);
    assert_eq!(VerifyError::from(JwtError::InvalidSignature), VerifyError::InvalidSignature);
    assert_eq!(VerifyError::from(JwtError::WrongAlgorithm), VerifyError::InvalidSignature);
}
