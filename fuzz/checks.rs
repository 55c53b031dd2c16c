//! What holds of any input: nothing panics, what is read is written as it was, and both forms of a token say the same.
//!
//! The fuzzer calls these, and so does the test that goes through the committed corpus.
#![allow(dead_code, reason = "each fuzzer calls one of them")]

use marque_sdk::{
    Account, Did, DidUrl, Seed,
    did::{decode_multikey, encode_multikey},
    primitives::{
        self, PublicKey, Scheme, Signature,
        token::{Claims, Confirmation, IssuerKeyRef, SignedToken, cwt as writer},
    },
    token::{IssueError, Jwk, JwkSet, Jwt, VerificationKey, issue_cwt, issue_jwt, read_jwt},
};

/// The whole token, and the bytes as the claims of a good one.
pub fn cwt(bytes: &[u8]) {
    check_cwt(bytes);
    if let Some(token) = around(bytes) {
        check_cwt(&token);
    }
}

/// The whole token; and what is before and after the first line break as the header and the claims of one.
pub fn jwt(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    check_jwt(text);
    if let Some((header, claims)) = text.split_once('\n') {
        check_jwt(&format!("{}.{}.{}", base64url(header), base64url(claims), "A".repeat(86)));
    }
}

/// A key, and a set of keys.
pub fn jwk(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(jwk) = Jwk::from_json(text) {
        assert_eq!(Jwk::from_json(&jwk.to_json().to_string()).as_ref(), Ok(&jwk));
        if let Some(key) = jwk.public_key() {
            assert_eq!(Jwk::from_public_key(&key).as_ref(), Ok(&jwk));
        }
        if let Ok(key) = VerificationKey::new(jwk) {
            assert!(!key.is_signed(bytes, &[0; 64]));
        }
    }
    if let Ok(set) = JwkSet::from_json(text) {
        assert_eq!(JwkSet::from_json(&set.to_json().to_string()), Ok(set));
    }
}

/// A DID, a DID URL, a key as text, a `kid`.
pub fn did(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let did = primitives::Did::from_text(text);
    assert_eq!(did.map(Did::from), text.parse::<Did>().ok());
    if let Some(did) = did {
        assert_eq!(did.to_text(), text);
    }
    if let Ok(url) = text.parse::<DidUrl>() {
        assert_eq!(url.to_string(), text);
    }
    if let Some(key) = decode_multikey(text) {
        assert_eq!(encode_multikey(&key), text);
    }
    if let Some(kid) = IssuerKeyRef::from_text(text) {
        assert_eq!(kid.to_text(), text);
    }
}

fn check_cwt(bytes: &[u8]) {
    let Ok(token) = SignedToken::from_cwt(bytes) else { return };
    let (scheme, signature) = match token.signature {
        Signature::Ed25519(signature) => (Scheme::Ed25519, signature),
        Signature::Sr25519(signature) => (Scheme::Sr25519, signature),
    };
    let mut written = writer::unsigned(&token.claims, token.signed_by, scheme).expect("it was read").finish(signature);
    // The one other number that is read for Ed25519 (RFC 9864). It follows `d2 84`, the head of the header's bytes, `a3` and `01`.
    let algorithm = written.iter().position(|byte| *byte == 0xa3).expect("the header is a map") + 2;
    if bytes[algorithm] == 0x32 {
        written[algorithm] = 0x32;
    }
    assert_eq!(written, bytes);
    match issue_jwt(&token.claims, token.signed_by, &key()) {
        Ok(jwt) => assert_eq!(read_jwt(&jwt).map(|jwt| jwt.claims), Ok(token.claims)),
        Err(error) => assert!(error == IssueError::InvalidConfirmation && is_bound_to_p256(&token.claims), "{error}"),
    }
}

fn check_jwt(text: &str) {
    let Ok(jwt) = Jwt::read(text) else { return };
    assert_eq!(jwt.claims.validate(), Ok(()));
    let signed_by = IssuerKeyRef { issuer: 3, key: 0 };
    let again = issue_jwt(&jwt.claims, signed_by, &key()).expect("it was read");
    assert_eq!(read_jwt(&again).map(|jwt| jwt.claims).as_ref(), Ok(&jwt.claims));
    match issue_cwt(&jwt.claims, signed_by, &key()) {
        Ok(cwt) => assert_eq!(SignedToken::from_cwt(&cwt).map(|cwt| cwt.claims), Ok(jwt.claims)),
        // A CWT is shorter than a JWT may be.
        Err(error) => assert_eq!(error, IssueError::InvalidClaims),
    }
}

fn is_bound_to_p256(claims: &Claims) -> bool {
    matches!(claims.confirmation, Some(Confirmation::Key(PublicKey::P256(_))))
}

/// A good token with these bytes for claims; `None` if they are too many for one.
fn around(claims: &[u8]) -> Option<Vec<u8>> {
    let header = b"\xd2\x84\x54\xa3\x01\x27\x04\x473#key-0\x10\x66at+cwt\xa0";
    let len = u16::try_from(claims.len()).ok()?.to_be_bytes();
    let len = match len {
        [0, len @ 0..=23] => vec![0x40 | len],
        [0, len] => vec![0x58, len],
        [high, low] => vec![0x59, high, low],
    };
    Some([&header[..], &len, claims, b"\x58\x40", &[1; 64]].concat())
}

fn base64url(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        let characters = (0..=chunk.len()).map(|at| char::from(ALPHABET[bits >> (18 - 6 * at) & 63]));
        encoded.extend(characters);
    }
    encoded
}

fn key() -> Account {
    Account::ed25519(&Seed::from_bytes(&[7; 32].into()))
}
