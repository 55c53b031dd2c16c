//! What the tests of this module share: issuers, their tokens, and federations with them.

mod chain_token;
mod federation;
mod scopes;
mod subject_token;

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    Account, Seed, Signer,
    did::Did,
    primitives::{DeviceId, RegistryId, Signature},
    token::{Jwk, JwkSet, PublishedKey, VerificationKey},
};
use serde_json::{Value, json};

use super::*;

const NOW_S: u64 = 1_800_000_000;
const REGISTRY: RegistryId = RegistryId(*b"foobarfoob");
const ISSUER: &str = "https://idp.example/tenant";
const AUDIENCE: &str = "https://as.example/oauth2/default";

fn account(number: u8) -> Account {
    Account::ed25519(&Seed::from_bytes(&[number; 32].into()))
}

fn device(number: u8) -> Did {
    Did::new(REGISTRY, DeviceId(account(number).account().0))
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn keys() -> JwkSet {
    let key = VerificationKey::new(Jwk::from_public_key(&account(7).public_key()).unwrap()).unwrap();
    JwkSet { keys: vec![PublishedKey { key_id: "k7".into(), key }] }
}

/// A federation whose tokens name their device by its serial number.
fn federation() -> Federation {
    Federation {
        name: "plant".into(),
        server: "default".into(),
        source: Source::External(ExternalIssuer {
            issuer: ISSUER.into(),
            keys: IssuerKeys::Jwks(keys().to_json()),
            audiences: set(&[AUDIENCE]),
            algorithms: [SigningAlgorithm::EdDsa].into(),
        }),
        is_active: true,
        single_use: false,
        subject: SubjectMapping::Table {
            claim: "serial".into(),
            devices: [("A1".to_owned(), device(1).to_string())].into(),
        },
        claims: vec![ClaimMapping { from: "site".into(), to: "plant_site".into() }],
        conditions: vec![],
        scopes: vec![mapping(Some("read"), &["meters:read"]), mapping(Some("admin"), &["meters:write", "doors:open"])],
    }
}

fn external(federation: &mut Federation) -> &mut ExternalIssuer {
    match &mut federation.source {
        Source::External(external) => external,
        Source::Marque(_) => panic!("an issuer beyond the chain"),
    }
}

fn mapping(from: Option<&str>, to: &[&str]) -> ScopeMapping {
    ScopeMapping { from: from.map(str::to_owned), to: set(to) }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "meter 1", "exp": NOW_S + 60, "iat": NOW_S, "jti": "t1",
        "scope": "read other", "serial": "A1", "site": "north",
    })
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
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let unsigned = format!("{}.{}", part(header), part(claims));
    let Ok(Signature::Ed25519(signature)) = key.sign(unsigned.as_bytes()) else { panic!("an Ed25519 key signs") };
    format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn signed(claims: &Value) -> String {
    sign(&json!({ "alg": "EdDSA", "kid": "k7", "typ": "at+jwt" }), claims, &account(7))
}

fn expected<'a>(federation: &'a Federation, proven: &'a ProvenKeys) -> Expected<'a> {
    Expected { federation, registry: REGISTRY, proven, now_ms: NOW_S * 1000, skew_max_ms: 30_000 }
}

fn verify_with(federation: &Federation, text: &str) -> Result<Subject, SubjectTokenError> {
    let token = SubjectToken::read(text, SubjectTokenType::AccessToken)?;
    token.verify(&keys(), &expected(federation, &ProvenKeys::default()))
}

fn verify(claims: &Value) -> Result<Subject, SubjectTokenError> {
    verify_with(&federation(), &signed(claims))
}
