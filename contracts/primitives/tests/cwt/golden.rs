//! Tokens that other software made are read and written to the byte.

use marque_primitives::{
    Scheme, Signature,
    token::{IssuerKeyRef, SignedToken, cwt},
    verify_ed25519,
};

use crate::{
    samples::{self, bytes, plain, signature_bytes},
    vectors,
};

#[test]
fn tokens_of_other_software_are_read() {
    for sample in samples::all() {
        let token = SignedToken::from_cwt(&hex::decode(sample.cwt).unwrap()).unwrap();
        assert_eq!(token.claims, sample.claims);
        assert_eq!(token.signed_by, sample.signed_by);
        assert_eq!(hex::encode(&token.signed_bytes), sample.signed_bytes);
        let scheme = match token.signature {
            Signature::Ed25519(_) => Scheme::Ed25519,
            Signature::Sr25519(_) => Scheme::Sr25519,
        };
        assert_eq!(scheme, sample.scheme);
    }
}

#[test]
fn tokens_are_written_as_other_software_writes_them() {
    for sample in samples::all() {
        let unsigned = cwt::unsigned(&sample.claims, sample.signed_by, sample.scheme).unwrap();
        assert_eq!(hex::encode(unsigned.signed_bytes()), sample.signed_bytes);
        let token = SignedToken::from_cwt(&hex::decode(sample.cwt).unwrap()).unwrap();
        assert_eq!(hex::encode(unsigned.finish(signature_bytes(&token.signature))), sample.cwt);
    }
}

#[test]
fn signatures_of_other_software_hold_over_what_is_signed() {
    // RFC 8032, section 7.1, test 1.
    let key = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    for sample in samples::all().iter().filter(|sample| sample.scheme == Scheme::Ed25519) {
        let token = SignedToken::from_cwt(&hex::decode(sample.cwt).unwrap()).unwrap();
        assert!(verify_ed25519(&key, &token.signed_bytes, &signature_bytes(&token.signature)));
    }
}

#[test]
fn the_fully_specified_number_of_ed25519_is_read_too() {
    let token = SignedToken::from_cwt(&hex::decode(vectors::PLAIN_FULLY_SPECIFIED).unwrap()).unwrap();
    assert_eq!(token.claims, plain());
    assert!(matches!(token.signature, Signature::Ed25519(_)));
}

#[test]
fn a_kid_has_one_text() {
    let kid = |issuer, key| IssuerKeyRef { issuer, key };
    for (kid, text) in
        [(kid(3, 0), "3#key-0"), (kid(0, 10), "0#key-10"), (kid(u32::MAX, 4_000_000_001), "4294967295#key-4000000001")]
    {
        assert_eq!(kid.to_text(), text);
        assert_eq!(IssuerKeyRef::from_text(text), Some(kid));
        assert!(text.len() <= IssuerKeyRef::TEXT_BYTES_MAX);
    }
    for text in [
        "",
        "#",
        "3",
        "3#",
        "3#key-",
        "#key-0",
        "3#key",
        "03#key-0",
        "3#key-00",
        "+3#key-0",
        "3#key-+0",
        "-3#key-0",
        " 3#key-0",
        "3#key-0 ",
        "3#Key-0",
        "3#key-0#key-0",
        "3##key-0",
        "4294967296#key-0",
        "3#key-4294967296",
        "3#key-٣",
        "3#key-0\0",
        "99999999999999999999999999#key-0",
        "0x3#key-0",
        "3#key--1",
        "3/key-0",
    ] {
        assert_eq!(IssuerKeyRef::from_text(text), None, "{text}");
    }
}
