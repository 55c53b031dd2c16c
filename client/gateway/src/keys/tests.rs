use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    primitives::{
        AccountId, DeviceId, Did, PublicKey, RegistryId,
        access::{Issuer, IssuerKey, IssuerStatus},
        token::{Claims, IssuerKeyRef, SignedToken},
    },
    token::{Algorithm, JwkSet, JwtError, read_jwt},
};
use serde_json::{Map, json};
use zeroize::Zeroizing;

use super::*;
use crate::{MasterKey, Random, SystemRandom};

const NOW_MS: u64 = 1_800_000_000_000;
const ALGORITHMS: [Algorithm; 3] = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256];
/// RSA keys are slow to make: there is one for all tests.
static RSA: LazyLock<KeyDocument> = LazyLock::new(|| create(Algorithm::Rs256));

fn master_key() -> MasterKey {
    MasterKey::new(Zeroizing::new([5; 32]))
}

fn schedule() -> Schedule {
    Schedule::default()
}

fn create(algorithm: Algorithm) -> KeyDocument {
    let made = (&master_key(), &SystemRandom as &dyn Random);
    KeyDocument::create("default", algorithm, NOW_MS, &schedule(), NOW_MS, made).unwrap()
}

/// A key that signs, on the chain where it belongs there.
fn active(algorithm: Algorithm) -> KeyDocument {
    let key = if algorithm == Algorithm::Rs256 { RSA.clone() } else { create(algorithm) };
    let on_chain = (algorithm == Algorithm::EdDsa).then_some(IssuerKeyRef { issuer: 3, key: 4 });
    key.publish(on_chain, &schedule(), NOW_MS).activate(&schedule(), NOW_MS)
}

fn ring(keys: &[&KeyDocument]) -> KeyRing {
    KeyRing::new(keys.iter().map(|key| (*key).clone()).collect()).unwrap()
}

fn claims() -> Claims {
    let subject = Did { registry: RegistryId([1; 10]), device: DeviceId([2; 32]) };
    Claims {
        issuer: "https://as.example/oauth2/default".into(),
        subject,
        audience: vec!["api://default".into()],
        expires_s: NOW_MS / 1000 + 300,
        issued_s: NOW_MS / 1000,
        not_before_s: None,
        token_id: "b7f2".into(),
        client_id: subject.to_text(),
        scopes: vec!["meter:read".into()],
        epoch: 0,
        confirmation: None,
    }
}

fn more() -> Map<String, serde_json::Value> {
    Map::from_iter([("ver".to_owned(), json!(1))])
}

#[test]
fn each_algorithm_signs_what_its_published_key_verifies() {
    for algorithm in ALGORITHMS {
        let key = active(algorithm);
        let ring = ring(&[&key]);
        let signer = ring.signer(NOW_MS, &master_key()).unwrap();
        assert_eq!((signer.key_id(), signer.algorithm()), (key.kid.as_str(), algorithm));
        let token = issue(&claims(), &more(), signer, TokenFormat::Jwt).unwrap();
        // As a verifier does it, which has nothing but the JSON.
        let set = JwkSet::from_json(&ring.published(NOW_MS).to_json().to_string()).unwrap();
        let jwt = ring.verify_own(&token, NOW_MS).unwrap();
        assert_eq!(jwt.verify(set.key(&jwt.key_id).unwrap()), Ok(&claims()));
        assert_eq!(jwt.algorithm, algorithm);
        let changed = format!("{}A", &token[..token.len() - 1]);
        assert!(changed == token || ring.verify_own(&changed, NOW_MS).is_err());
    }
}

#[test]
fn the_published_keys_have_the_members_of_the_standard() {
    let (ed25519, rsa) = (active(Algorithm::EdDsa), active(Algorithm::Rs256));
    let set = ring(&[&ed25519, &rsa]).published(NOW_MS).to_json();
    let [first, second] = &set["keys"].as_array().unwrap()[..] else { panic!("{set}") };
    assert_eq!((&first["kid"], &first["alg"], &first["use"]), (&json!("3#key-4"), &json!("EdDSA"), &json!("sig")));
    assert_eq!((&first["kty"], &first["crv"]), (&json!("OKP"), &json!("Ed25519")));
    assert_eq!((&second["kty"], &second["alg"], &second["e"]), (&json!("RSA"), &json!("RS256"), &json!("AQAB")));
    assert_eq!(second["kid"].as_str().map(str::len), Some(43), "a SHA-256 thumbprint");
    assert_eq!(second["n"].as_str().map(str::len), Some(342), "2048 bits");
    assert!(set.to_string().find("\"d\"").is_none());
}

#[test]
fn a_cwt_is_for_keys_that_are_on_the_chain() {
    let key = active(Algorithm::EdDsa).open(&master_key()).unwrap();
    let cwt = issue(&claims(), &more(), &key, TokenFormat::Cwt).unwrap();
    let token = SignedToken::from_cwt(&BASE64URL_NOPAD.decode(cwt.as_bytes()).unwrap()).unwrap();
    assert_eq!((token.claims, token.signed_by), (claims(), IssuerKeyRef { issuer: 3, key: 4 }));
    let jwt = issue(&claims(), &more(), &key, TokenFormat::Jwt).unwrap();
    assert_eq!(read_jwt(&jwt).unwrap().signed_by, IssuerKeyRef { issuer: 3, key: 4 });
    let elliptic = active(Algorithm::Es256).open(&master_key()).unwrap();
    assert_eq!(issue(&claims(), &more(), &elliptic, TokenFormat::Cwt), Err(IssueTokenError::NoCwt));
    let pending = create(Algorithm::EdDsa).open(&master_key()).unwrap();
    for format in [TokenFormat::Jwt, TokenFormat::Cwt] {
        assert_eq!(issue(&claims(), &more(), &pending, format), Err(IssueTokenError::NotOnChain));
    }
}

#[test]
fn a_document_is_read_as_it_was_written_and_shows_no_secret() {
    for algorithm in ALGORITHMS {
        let key = active(algorithm);
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<KeyDocument>(&text).unwrap(), key);
        let shown = format!("{key:?} {:?} {:?}", key.open(&master_key()).unwrap(), ring(&[&key]));
        assert!(!shown.contains(key.private_key.as_deref().unwrap()), "{shown}");
    }
    let mut unknown = serde_json::to_value(active(Algorithm::EdDsa)).unwrap();
    unknown["algorithm"] = json!("HS256");
    assert!(serde_json::from_value::<KeyDocument>(unknown).is_err());
}

#[test]
fn a_key_in_anothers_place_or_of_another_algorithm_is_refused() {
    let (one, other) = (active(Algorithm::EdDsa), active(Algorithm::EdDsa));
    let moved = KeyDocument { private_key: other.private_key.clone(), ..one.clone() };
    assert_eq!(moved.open(&master_key()).err(), Some(SealedError::Refused.into()));
    let renamed = KeyDocument { server: "other".into(), ..one.clone() };
    assert_eq!(renamed.open(&master_key()).err(), Some(SealedError::Refused.into()));
    let inconsistent = Some(KeyError::Inconsistent { key_id: one.kid.clone() });
    for key in [
        KeyDocument { jwk: other.jwk, ..one.clone() },
        KeyDocument { algorithm: Algorithm::Es256, ..one.clone() },
        KeyDocument { jwk: json!("x"), ..one.clone() },
    ] {
        assert_eq!(KeyRing::new(vec![key]).err(), inconsistent);
    }
    let elliptic = KeyDocument { chain_key: Some(1), ..active(Algorithm::Es256) };
    assert!(KeyRing::new(vec![elliptic]).is_err(), "the chain has no such keys");
    let wrong = MasterKey::new(Zeroizing::new([6; 32]));
    assert_eq!(ring(&[&one]).signer(NOW_MS, &wrong).err(), Some(SealedError::Refused.into()));
}

#[test]
fn only_the_active_key_signs_and_only_until_it_ends() {
    let (key, next) = (active(Algorithm::EdDsa), create(Algorithm::EdDsa).publish(None, &schedule(), NOW_MS));
    let ring = ring(&[&next, &key]);
    assert_eq!(ring.signer(key.expires_ms - 1, &master_key()).unwrap().key_id(), key.kid);
    assert_eq!(ring.signer(key.expires_ms, &master_key()).err(), Some(KeyError::NoneActive));
    let expired = key.expire(&schedule(), NOW_MS + 1);
    assert_eq!((expired.expires_ms, &expired.private_key), (NOW_MS + 1, &None));
    assert_eq!(expired.open(&master_key()).err(), Some(KeyError::NoneActive));
}

#[test]
fn the_token_of_a_key_that_is_not_published_is_not_its_own() {
    let key = active(Algorithm::Es256);
    let token = issue(&claims(), &more(), &key.open(&master_key()).unwrap(), TokenFormat::Jwt).unwrap();
    let expired = key.clone().expire(&schedule(), NOW_MS);
    assert!(ring(&[&expired]).verify_own(&token, expired.retires_ms - 1).is_ok());
    assert_eq!(ring(&[&expired]).verify_own(&token, expired.retires_ms), Err(JwtError::InvalidKeyId));
    let compromised = key.compromise(&schedule(), NOW_MS);
    assert_eq!(ring(&[&compromised]).verify_own(&token, NOW_MS), Err(JwtError::InvalidKeyId));
    let impostor = KeyDocument { kid: expired.kid, ..active(Algorithm::Es256) };
    assert_eq!(ring(&[&impostor]).verify_own(&token, NOW_MS), Err(JwtError::InvalidSignature));
}

fn public(key: &KeyDocument) -> PublicKey {
    key.for_chain().unwrap().public_key
}

fn record(keys: &[(u32, PublicKey, Option<u64>)]) -> Issuer {
    let key = |&(id, public_key, revoked_ms): &_| IssuerKey {
        id,
        public_key,
        not_before_ms: 0,
        not_after_ms: NOW_MS + 1000,
        revoked_ms,
    };
    Issuer {
        owner: AccountId([1; 32]),
        url: String::new(),
        status: IssuerStatus::Active,
        offer: None,
        next_key_id: 9,
        keys: keys.iter().map(key).collect(),
        delegates: vec![],
        created_ms: 0,
    }
}

#[test]
fn what_is_published_is_what_both_the_gateway_and_the_chain_let_count() {
    let (key, rsa, pending) = (active(Algorithm::EdDsa), active(Algorithm::Rs256), create(Algorithm::EdDsa));
    let other = PublicKey::Ed25519([0xd7; 32]);
    let foreign = public(&create(Algorithm::EdDsa));
    let names = |ring: &KeyRing, record: &Issuer| {
        let set = ring.published_with(record, 3, NOW_MS);
        set.keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>()
    };
    let all = ring(&[&key, &rsa, &pending]);
    let good = [(4, public(&key), None), (5, foreign, None), (6, public(&pending), None), (7, other, Some(1))];
    assert_eq!(names(&all, &record(&good)), ["3#key-4", rsa.kid.as_str(), "3#key-5"]);
    assert_eq!(names(&all, &record(&[(4, public(&key), Some(1))])), [rsa.kid.as_str()]);
    assert_eq!(names(&all, &record(&[])), [rsa.kid.as_str()]);
    let compromised = key.compromise(&schedule(), NOW_MS);
    assert_eq!(names(&ring(&[&compromised, &rsa]), &record(&good[..1])), [rsa.kid.as_str()]);
}

#[test]
fn what_the_owner_revokes_on_the_chain_signs_no_more() {
    let (key, other, rsa) = (active(Algorithm::EdDsa), active(Algorithm::EdDsa), active(Algorithm::Rs256));
    let record = record(&[(4, public(&key), Some(NOW_MS)), (5, public(&other), None)]);
    let keys = [key.clone(), other, rsa];
    let changed = rotation::revoked_on_chain(&keys, &record, &schedule(), NOW_MS);
    assert_eq!(changed, [key.compromise(&schedule(), NOW_MS)]);
    assert_eq!(rotation::revoked_on_chain(&changed, &record, &schedule(), NOW_MS), []);
}
