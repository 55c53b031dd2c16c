use marque_sdk::{
    Account, Signer,
    primitives::{Controller, Device, DeviceId, Key, PublicKey, RegistryId, Relationships, Status},
};
use serde_json::{Value, json};

use super::*;
use crate::client::signed::{self, account};

const NOW_S: u64 = 1_800_000_000;
const REGISTRY: RegistryId = RegistryId(*b"foobarfoob");
const ENDPOINT: &str = "https://as.example/oauth2/default/v1/token";
const ISSUER: &str = "https://as.example/oauth2/default";

const EXPECTED: Expected<'static> = Expected {
    client_id: None,
    audiences: [ENDPOINT, ISSUER],
    registry: REGISTRY,
    allows_apps: false,
    now_ms: NOW_S * 1000,
    skew_max_ms: 30_000,
};

fn did() -> String {
    Did::new(REGISTRY, DeviceId(account(1).account().0)).to_string()
}

fn claims() -> Value {
    json!({ "iss": did(), "sub": did(), "aud": ENDPOINT, "exp": NOW_S + 60, "iat": NOW_S, "jti": "1" })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn sign(header: &Value, claims: &Value, key: &Account) -> String {
    signed::by_account(header, claims, key)
}

fn signed(claims: &Value) -> String {
    sign(&json!({ "alg": "EdDSA" }), claims, &account(1))
}

fn read(claims: &Value) -> Result<Assertion, AssertionError> {
    Assertion::read(&signed(claims), &EXPECTED)
}

fn key(id: u32, public_key: PublicKey, relationships: Relationships) -> Key {
    Key { id, public_key, relationships, added_ms: 0, revoked_ms: None }
}

fn device(keys: Vec<Key>) -> Device {
    Device {
        status: Status::Active,
        epoch: 0,
        version: 1,
        changed_block: 1,
        created_ms: 0,
        updated_ms: 0,
        controller: Controller::Device,
        offer: None,
        metadata: None,
        lanes: vec![],
        next_key_id: keys.len() as u32,
        keys,
        services: vec![],
        delegates: vec![],
    }
}

fn initial() -> Key {
    key(0, account(1).public_key(), Relationships::INITIAL)
}

#[test]
fn a_device_proves_who_it_is() {
    for header in [
        json!({ "alg": "EdDSA" }),
        json!({ "alg": "Ed25519", "typ": "JWT" }),
        json!({ "alg": "EdDSA", "typ": "client-authentication+jwt", "kid": format!("{}#key-0", did()) }),
    ] {
        for audience in [json!(ENDPOINT), json!(ISSUER), json!([ISSUER])] {
            let assertion = Assertion::read(&sign(&header, &with("aud", audience), &account(1)), &EXPECTED).unwrap();
            assert_eq!(assertion.claimed.to_string(), did());
            assert_eq!(assertion.verify(Some(&device(vec![initial()]))), Ok(account(1).public_key()));
        }
    }
}

#[test]
fn headers_that_are_refused() {
    for (header, refusal) in [
        (json!({ "alg": "none" }), AssertionError::WrongAlgorithm),
        (json!({ "alg": "HS256" }), AssertionError::WrongAlgorithm),
        (json!({ "alg": "RS256" }), AssertionError::WrongAlgorithm),
        (json!({ "alg": "ES256" }), AssertionError::WrongAlgorithm),
        (json!({ "alg": "EdDSA", "typ": "at+jwt" }), AssertionError::WrongType),
        (json!({ "alg": "EdDSA", "jwk": {} }), AssertionError::NotJwt),
    ] {
        let refused = Assertion::read(&sign(&header, &claims(), &account(1)), &EXPECTED);
        assert_eq!(refused.err(), Some(refusal), "{header}");
    }
}

#[test]
fn claims_that_are_refused() {
    let other = Did::new(REGISTRY, DeviceId(account(2).account().0)).to_string();
    let elsewhere = Did::new(RegistryId([1; 10]), DeviceId(account(1).account().0)).to_string();
    let both = |text: &str| {
        let mut claims = with("iss", text.into());
        claims["sub"] = text.into();
        claims
    };
    for (claims, refusal) in [
        (without("iss"), AssertionError::WrongClient),
        (without("sub"), AssertionError::WrongClient),
        (with("sub", other.into()), AssertionError::WrongClient),
        (both(&elsewhere), AssertionError::WrongClient),
        (both("0oa1"), AssertionError::WrongClient),
        (without("aud"), AssertionError::WrongAudience),
        (with("aud", json!([ENDPOINT, ISSUER])), AssertionError::WrongAudience),
        (with("aud", json!([])), AssertionError::WrongAudience),
        (with("aud", json!(format!("{ENDPOINT}/"))), AssertionError::WrongAudience),
        (with("aud", "https://as.example".into()), AssertionError::WrongAudience),
        (without("exp"), AssertionError::Expired),
        (with("exp", json!("1800000060")), AssertionError::Expired),
        (with("iat", json!(1.5)), AssertionError::NotYetValid),
        (without("jti"), AssertionError::NoId),
        (with("jti", "".into()), AssertionError::NoId),
        (with("jti", "x".repeat(257).into()), AssertionError::NoId),
    ] {
        assert_eq!(read(&claims).err(), Some(refusal), "{claims}");
    }
    let named = Expected { client_id: Some("another"), ..EXPECTED };
    assert_eq!(Assertion::read(&signed(&claims()), &named).err(), Some(AssertionError::WrongClient));
}

#[test]
fn times_on_both_sides_of_each_bound() {
    for (name, good, bad, refusal) in [
        ("exp", NOW_S - 29, NOW_S - 30, AssertionError::Expired),
        ("exp", NOW_S + 3630, NOW_S + 3631, AssertionError::LivesTooLong),
        ("exp", NOW_S + 60, u64::MAX, AssertionError::LivesTooLong),
        ("iat", NOW_S + 30, NOW_S + 31, AssertionError::NotYetValid),
        ("nbf", NOW_S + 30, NOW_S + 31, AssertionError::NotYetValid),
        ("iat", 0, u64::MAX, AssertionError::NotYetValid),
    ] {
        assert!(read(&with(name, good.into())).is_ok(), "{name} {good}");
        assert_eq!(read(&with(name, bad.into())).err(), Some(refusal), "{name} {bad}");
    }
    assert!(read(&without("iat")).is_ok(), "it may be left out (RFC 7523)");
    assert_eq!(read(&claims()).unwrap().expires_ms, (NOW_S + 60) * 1000 + 30_000, "remembered until it is refused");
}

#[test]
fn keys_that_do_not_count() {
    let signed_by = |header: Value, by: u8, keys: Vec<Key>| {
        let assertion = Assertion::read(&sign(&header, &claims(), &account(by)), &EXPECTED).unwrap();
        assertion.verify(Some(&device(keys)))
    };
    let plain = || json!({ "alg": "EdDSA" });
    let second = key(1, account(2).public_key(), Relationships::AUTHENTICATION);
    assert_eq!(signed_by(plain(), 2, vec![initial(), second]), Ok(account(2).public_key()), "any current key will do");
    let refused = Err(AssertionError::InvalidSignature);
    assert_eq!(signed_by(plain(), 2, vec![initial()]), refused, "a stranger's");
    assert_eq!(signed_by(plain(), 1, vec![Key { revoked_ms: Some(1), ..initial() }]), refused, "revoked");
    let stating = key(0, account(1).public_key(), Relationships::ASSERTION_METHOD);
    assert_eq!(signed_by(plain(), 1, vec![stating]), refused, "for statements, not for authentication");
    let named = json!({ "alg": "EdDSA", "kid": format!("{}#key-0", did()) });
    assert_eq!(signed_by(named, 2, vec![initial(), second]), refused, "another one than it names");
}

#[test]
fn who_is_out_of_use_is_told_so() {
    let assertion = read(&claims()).unwrap();
    let stranger = Assertion::read(&sign(&json!({ "alg": "EdDSA" }), &claims(), &account(2)), &EXPECTED).unwrap();
    assert_eq!(assertion.verify(None), Err(AssertionError::UnknownDevice));
    let suspended = Device { status: Status::Suspended, ..device(vec![initial()]) };
    assert_eq!(assertion.verify(Some(&suspended)), Err(AssertionError::Suspended));
    assert_eq!(stranger.verify(Some(&suspended)), Err(AssertionError::InvalidSignature), "strangers are not");
    let tombstone = Device { status: Status::Revoked, ..device(vec![]) };
    assert_eq!(assertion.verify(Some(&tombstone)), Err(AssertionError::Revoked));
    let revoked = Device { status: Status::Revoked, ..device(vec![initial()]) };
    assert_eq!(assertion.verify(Some(&revoked)), Err(AssertionError::Revoked));
}

#[test]
fn an_assertion_is_known_again_by_client_and_id() {
    let id = |claims: &Value| read(claims).unwrap().used_id;
    assert_eq!(id(&claims()), id(&with("exp", (NOW_S + 61).into())));
    assert_ne!(id(&claims()), id(&with("jti", "2".into())));
}

const APP: &str = "0oa1";
const WITH_APPS: Expected<'static> = Expected { allows_apps: true, ..EXPECTED };

fn of_app(id: &str) -> Value {
    let mut claims = with("iss", id.into());
    claims["sub"] = id.into();
    claims
}

fn published(name: &str, key: &VerificationKey) -> PublishedKey {
    PublishedKey { key_id: name.into(), key: key.clone() }
}

fn ed25519() -> VerificationKey {
    VerificationKey::new(Jwk::from_public_key(&account(1).public_key()).unwrap()).unwrap()
}

#[test]
fn an_app_proves_who_it_is_by_any_of_its_keys() {
    let (rsa, p256) = (signed::rsa(), signed::p256());
    let keys =
        [published("a", &ed25519()), published("b", rsa.verification_key()), published("c", p256.verification_key())];
    let by = |name: &str| match name {
        "a" => sign(&json!({ "alg": "EdDSA", "kid": "a" }), &of_app(APP), &account(1)),
        "b" => signed::by_key(&json!({ "alg": "RS256" }), &of_app(APP), &rsa),
        _ => signed::by_key(&json!({ "alg": "ES256", "typ": "JWT", "kid": "c" }), &of_app(APP), &p256),
    };
    for (name, key) in ["a", "b", "c"].into_iter().zip(&keys) {
        let assertion = Assertion::read(&by(name), &WITH_APPS).unwrap();
        assert_eq!(assertion.claimed, Claimed::App(APP.into()));
        assert_eq!(assertion.verify_by_keys(&keys), Ok(key), "{name}");
        let others: Vec<_> = keys.iter().filter(|other| *other != key).cloned().collect();
        assert_eq!(assertion.verify_by_keys(&others), Err(AssertionError::InvalidSignature), "{name}");
        assert_eq!(assertion.verify(Some(&device(vec![initial()]))), Err(AssertionError::WrongClient));
    }
    let mut many = vec![keys[1].clone(); REGISTERED_KEYS_MAX];
    many.push(keys[0].clone());
    let assertion = Assertion::read(&by("a"), &WITH_APPS).unwrap();
    assert!(assertion.verify_by_keys(&many).is_err(), "the first ones count");
    assert!(assertion.verify_by_keys(&many[1..]).is_ok());
}

#[test]
fn a_key_id_is_the_name_of_the_key() {
    let named = sign(&json!({ "alg": "EdDSA", "kid": "b" }), &of_app(APP), &account(1));
    let assertion = Assertion::read(&named, &WITH_APPS).unwrap();
    assert_eq!(assertion.verify_by_keys(&[published("a", &ed25519())]), Err(AssertionError::InvalidSignature));
    assert!(assertion.verify_by_keys(&[published("b", &ed25519())]).is_ok());
}

#[test]
fn apps_and_devices_are_not_taken_for_each_other() {
    let read = |claims: &Value| Assertion::read(&signed(claims), &WITH_APPS);
    let assertion = read(&claims()).unwrap();
    assert_eq!(assertion.verify_by_keys(&[published("a", &ed25519())]), Err(AssertionError::WrongClient));
    for id in ["did:web:example.com", "did:", "DID:marque:x", "0oa 1", "", &"a".repeat(129)] {
        assert_eq!(read(&of_app(id)).err(), Some(AssertionError::WrongClient), "{id}");
    }
    let rs256 = signed::by_key(&json!({ "alg": "RS256" }), &claims(), &signed::rsa());
    assert_eq!(Assertion::read(&rs256, &WITH_APPS).err(), Some(AssertionError::WrongAlgorithm), "devices have no RSA");
    let hs256 = sign(&json!({ "alg": "HS256" }), &of_app(APP), &account(1));
    assert_eq!(Assertion::read(&hs256, &WITH_APPS).err(), Some(AssertionError::WrongAlgorithm));
}

#[test]
fn what_is_known_again_has_a_border_between_client_and_id() {
    let used = |app: &str, id: &str| {
        let mut claims = of_app(app);
        claims["jti"] = id.into();
        Assertion::read(&signed(&claims), &WITH_APPS).unwrap().used_id
    };
    assert_ne!(used("0oa1", "23"), used("0oa12", "3"));
    assert_eq!(used("0oa1", "23"), used("0oa1", "23"));
}
