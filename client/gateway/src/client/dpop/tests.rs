use marque_sdk::{Signer, token::Jwk};
use proptest::prelude::*;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::*;
use crate::client::{MasterKey, Nonces, signed};

const NOW_S: u64 = 1_800_000_000;
const URL: &str = "https://as.example/oauth2/default/v1/token";

const EXPECTED: DpopExpected<'static> = DpopExpected {
    method: "POST",
    url: URL,
    access_token: None,
    nonces: None,
    now_ms: NOW_S * 1000,
    skew_max_ms: 30_000,
};

fn jwk() -> Value {
    Jwk::from_public_key(&signed::account(1).public_key()).unwrap().to_json()
}

fn header() -> Value {
    json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk() })
}

fn claims() -> Value {
    json!({ "htm": "POST", "htu": URL, "iat": NOW_S, "jti": "1" })
}

fn with(object: Value, name: &str, value: Value) -> Value {
    let mut object = object;
    object[name] = value;
    object
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn read_as(header: &Value, claims: &Value, expected: &DpopExpected<'_>) -> Result<DpopProof, DpopError> {
    DpopProof::read(&signed::by_account(header, claims, &signed::account(1)), expected)
}

fn read(claims: &Value) -> Result<DpopProof, DpopError> {
    read_as(&header(), claims, &EXPECTED)
}

#[test]
fn the_examples_of_the_standard() {
    let key = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
        nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
    // RFC 9449, section 5, and section 7.1, with an access token.
    let for_token = format!(
        "{key}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.\
        2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    );
    let with_token = format!(
        "{key}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdC\
        I6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.\
        2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
    );
    let expected = DpopExpected { url: "https://server.example.com/token", now_ms: 1_562_262_616_000, ..EXPECTED };
    let proof = DpopProof::read(&for_token, &expected).unwrap();
    // The `jkt` of section 6.1.
    assert_eq!(BASE64URL_NOPAD.encode(&proof.thumbprint), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(proof.public_key, None, "P-256 is for no device's authentication");
    let expected = DpopExpected {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        access_token: Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        ..expected
    };
    assert_eq!(DpopProof::read(&with_token, &expected).unwrap().thumbprint, proof.thumbprint);
    let other = DpopExpected { access_token: Some("another"), ..expected };
    assert_eq!(DpopProof::read(&with_token, &other), Err(DpopError::WrongToken));
}

#[test]
fn each_algorithm_with_its_own_key() {
    let proof = read(&claims()).unwrap();
    assert_eq!(proof.public_key, Some(signed::account(1).public_key()), "it may be a device's");
    assert_eq!(proof.thumbprint, Jwk::from_public_key(&signed::account(1).public_key()).unwrap().thumbprint());
    for key in [signed::rsa(), signed::p256()] {
        let public = key.verification_key();
        let header = json!({ "typ": "DPoP+JWT", "alg": public.algorithm().name(), "jwk": public.jwk().to_json() });
        let proof = DpopProof::read(&signed::by_key(&header, &claims(), &key), &EXPECTED).unwrap();
        assert_eq!((proof.thumbprint, proof.public_key), (public.jwk().thumbprint(), None));
        let crossed = with(header, "alg", "EdDSA".into());
        let refused = DpopProof::read(&signed::by_key(&crossed, &claims(), &key), &EXPECTED);
        assert_eq!(refused, Err(DpopError::InvalidSignature), "the key chooses the algorithm");
    }
}

#[test]
fn headers_that_are_refused() {
    for (header, refusal) in [
        (with(header(), "alg", "none".into()), DpopError::WrongAlgorithm),
        (with(header(), "alg", "HS256".into()), DpopError::WrongAlgorithm),
        (with(header(), "alg", "RS256".into()), DpopError::InvalidSignature),
        (with(header(), "typ", "JWT".into()), DpopError::WrongType),
        (with(header(), "typ", 1.into()), DpopError::WrongType),
        (json!({ "alg": "EdDSA", "jwk": jwk() }), DpopError::WrongType),
        (json!({ "typ": "dpop+jwt", "alg": "EdDSA" }), DpopError::InvalidKey),
        (with(header(), "jwk", json!({ "kty": "oct" })), DpopError::InvalidKey),
        (with(header(), "jwk", with(jwk(), "d", "AA".into())), DpopError::PrivateKey),
        (with(header(), "jwk", json!({ "kty": "oct", "k": "AA" })), DpopError::PrivateKey),
        (with(header(), "crit", json!([])), DpopError::NotJwt),
        (with(header(), "x5c", json!([])), DpopError::NotJwt),
    ] {
        assert_eq!(read_as(&header, &claims(), &EXPECTED), Err(refusal), "{header}");
    }
    let others = signed::by_account(&header(), &claims(), &signed::account(2));
    assert_eq!(DpopProof::read(&others, &EXPECTED), Err(DpopError::InvalidSignature));
    let long = read(&with(claims(), "more", "x".repeat(8192).into()));
    assert_eq!(long, Err(DpopError::NotJwt));
}

#[test]
fn claims_that_are_refused() {
    for (claims, refusal) in [
        (without("htm"), DpopError::WrongMethod),
        (with(claims(), "htm", "post".into()), DpopError::WrongMethod),
        (with(claims(), "htm", "GET".into()), DpopError::WrongMethod),
        (without("htu"), DpopError::WrongUrl),
        (with(claims(), "htu", "token".into()), DpopError::WrongUrl),
        (with(claims(), "htu", json!([URL])), DpopError::WrongUrl),
        (without("iat"), DpopError::TooOld),
        (with(claims(), "iat", json!(NOW_S.to_string())), DpopError::TooOld),
        (with(claims(), "iat", json!(u64::MAX)), DpopError::NotYetValid),
        (without("jti"), DpopError::NoId),
        (with(claims(), "jti", "".into()), DpopError::NoId),
        (with(claims(), "jti", "x".repeat(257).into()), DpopError::NoId),
    ] {
        assert_eq!(read(&claims), Err(refusal), "{claims}");
    }
    assert!(read(&with(claims(), "jti", "x".repeat(256).into())).is_ok());
    let needed = DpopExpected { access_token: Some("token"), ..EXPECTED };
    assert_eq!(read_as(&header(), &claims(), &needed), Err(DpopError::WrongToken));
}

#[test]
fn times_on_both_sides_of_each_bound() {
    for (issued_s, outcome) in [
        (NOW_S - 300, None),
        (NOW_S - 301, Some(DpopError::TooOld)),
        (NOW_S + 30, None),
        (NOW_S + 31, Some(DpopError::NotYetValid)),
    ] {
        assert_eq!(read(&with(claims(), "iat", issued_s.into())).err(), outcome, "{issued_s}");
    }
    let proof = read(&claims()).unwrap();
    let at = |now_ms| read_as(&header(), &claims(), &DpopExpected { now_ms, ..EXPECTED });
    assert!(at(proof.expires_ms - 1).is_ok(), "remembered until it is refused");
    assert_eq!(at(proof.expires_ms), Err(DpopError::TooOld));
}

#[test]
fn urls_are_compared_in_their_normal_form() {
    for (proved, is_same) in [
        ("HTTPS://AS.Example:443/oauth2/default/v1/token", true),
        ("https://as.example/oauth2/./x/../default/v1/token", true),
        ("https://as.example/oauth2/default/v1/%74oken", true),
        ("https://as.example/oauth2/default/v1/token?a=b#c", true),
        ("https://as.example/oauth2/default/v1/Token", false),
        ("https://as.example/oauth2/default/v1/token/", false),
        ("https://as.example/oauth2/default%2Fv1/token", false),
        ("https://as.example/oauth2/default/v1/token%", false),
        ("https://as.example/oauth2/default/v1/%+4oken", false),
        ("http://as.example/oauth2/default/v1/token", false),
        ("https://as.example:444/oauth2/default/v1/token", false),
        ("https://user@as.example/oauth2/default/v1/token", false),
        ("https://as.example.evil/oauth2/default/v1/token", false),
        ("https:\\\\as.example/oauth2/default/v1/token", false),
        (" https://as.example/oauth2/default/v1/token", false),
        ("https://as.example/oauth2/default/v1/to\tken", false),
    ] {
        assert_eq!(read(&with(claims(), "htu", proved.into())).is_ok(), is_same, "{proved}");
    }
    let at = |url, proved: &str| {
        read_as(&header(), &with(claims(), "htu", proved.into()), &DpopExpected { url, ..EXPECTED }).is_ok()
    };
    assert!(at("https://as.example/a%2fb?query", "https://as.example/a%2Fb"), "digits in either case");
    assert!(!at("https://as.example/a%2fb", "https://as.example/a/b"), "a slash that is encoded is none");
}

#[test]
fn a_nonce_is_asked_for_last() {
    let nonces = Nonces::new(&MasterKey::new(Zeroizing::new([1; 32])));
    let good = nonces.good(EXPECTED.now_ms, 0);
    let expected = DpopExpected { nonces: Some(&good), ..EXPECTED };
    assert!(read_as(&header(), &with(claims(), "nonce", good.current().into()), &expected).is_ok());
    for bad in [claims(), with(claims(), "nonce", "another".into()), with(claims(), "nonce", 1.into())] {
        assert_eq!(read_as(&header(), &bad, &expected), Err(DpopError::UseNonce), "{bad}");
        assert!(read(&bad).is_ok(), "where none is asked for, any will do");
    }
    assert_eq!(read_as(&header(), &without("jti"), &expected), Err(DpopError::NoId));
    assert_eq!(OAuthError::from(DpopError::UseNonce), OAuthError::UseDpopNonce);
    let refused = OAuthError::from(DpopError::Replayed);
    assert_eq!((refused.status(), refused.code()), (400, "invalid_dpop_proof"));
}

#[test]
fn a_proof_is_known_again_by_key_and_id() {
    let id = |claims: &Value| read(claims).unwrap().used_id;
    assert_eq!(id(&claims()), id(&with(claims(), "iat", (NOW_S - 1).into())));
    assert_ne!(id(&claims()), id(&with(claims(), "jti", "2".into())));
    let other = signed::account(2);
    let header = with(header(), "jwk", Jwk::from_public_key(&other.public_key()).unwrap().to_json());
    let others = DpopProof::read(&signed::by_account(&header, &claims(), &other), &EXPECTED).unwrap();
    assert_ne!(id(&claims()), others.used_id);
}

proptest! {
    #[test]
    fn whatever_is_read_nothing_panics(text in "[ -~]{0,64}(\\.[ -~]{0,64}){0,3}") {
        prop_assert!(DpopProof::read(&text, &EXPECTED).is_err());
    }

    #[test]
    fn a_changed_proof_is_refused(position: prop::sample::Index, byte in "[A-Za-z0-9_.-]") {
        let mut proof = signed::by_account(&header(), &claims(), &signed::account(1));
        let position = position.index(proof.len());
        let is_same = proof[position..].starts_with(&byte);
        proof.replace_range(position..=position, &byte);
        prop_assert_eq!(DpopProof::read(&proof, &EXPECTED).is_ok(), is_same);
    }

    #[test]
    fn normal_paths_stay_as_they_are(path in "(/[a-zA-Z0-9%+~]{0,8}|/%[0-9a-fA-F]{2}){0,6}") {
        if let Some(normal) = normal_path(&path) {
            prop_assert_eq!(normal_path(&normal), Some(normal.clone()));
        }
    }
}
