//! Token exchange (RFC 8693): tokens of federated issuers, for ones of this authorization server.

mod holders;

use std::{collections::BTreeSet, sync::Arc};

use axum::{Router, routing::get};
use data_encoding::BASE64URL_NOPAD;
use marque_gateway::{
    GrantType, Parts, Policy,
    exchange::{
        ClaimMapping, ExternalIssuer, Federation, HttpKeySource, IssuerKeys, KeySourceConfig, ScopeMapping,
        SigningAlgorithm, Source, SubjectMapping,
    },
    log::Caller,
};
use marque_sdk::{
    Account, Seed, Signer,
    primitives::token::Confirmation,
    token::{Jwk, JwkSet, Jws, JwtSigningKey, PublishedKey, VerificationKey, read_jwt},
    verifier::SystemClock,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    assertion::{encode, form},
    scene::{Answer, Scene, TOKEN, URL, by, device_key, did, other_did, policy},
    signed::by_account,
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ISSUER: &str = "https://idp.example/tenant";

fn issuer_key() -> Account {
    Account::ed25519(&Seed::from_bytes(&[21; 32].into()))
}

fn published(key_id: &str, key: VerificationKey) -> PublishedKey {
    PublishedKey { key_id: key_id.into(), key }
}

fn keys(more: impl IntoIterator<Item = PublishedKey>) -> JwkSet {
    let key = VerificationKey::new(Jwk::from_public_key(&issuer_key().public_key()).unwrap()).unwrap();
    JwkSet { keys: [published("ed", key)].into_iter().chain(more).collect() }
}

fn mapping(from: &str, to: &[&str]) -> ScopeMapping {
    ScopeMapping { from: Some(from.into()), to: set(to) }
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// An issuer whose tokens name devices by their serial numbers.
fn federation(keys: IssuerKeys) -> Federation {
    Federation {
        name: "plant".into(),
        server: "default".into(),
        source: Source::External(ExternalIssuer {
            issuer: ISSUER.into(),
            keys,
            audiences: set(&[URL]),
            algorithms: [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256].into(),
        }),
        is_active: true,
        single_use: false,
        subject: SubjectMapping::Table {
            claim: "serial".into(),
            devices: [("A1".into(), did().to_string()), ("B2".into(), other_did().to_string())].into(),
        },
        claims: vec![
            ClaimMapping { from: "site".into(), to: "plant_site".into() },
            ClaimMapping { from: "tier".into(), to: "tier".into() },
        ],
        conditions: vec![],
        scopes: vec![mapping("read", &["meters:read"]), mapping("admin", &["meters:write", "meters:erase"])],
    }
}

fn exchanging() -> Policy {
    let mut policy = policy();
    policy.rules[0].grant_types.insert(GrantType::TokenExchange);
    policy.rules[0].claims.insert("tier".into(), json!("of the rule"));
    policy
}

async fn put(scene: &Scene, federation: &Federation) {
    scene.gateway.put_federation(by(&Caller::default()), federation).await.unwrap();
}

/// A gateway that federates, by a federation that is changed so.
async fn scene_with(change: impl FnOnce(&mut Federation)) -> Scene {
    let scene = Scene::new().await;
    let mut federation = federation(IssuerKeys::Jwks(keys([]).to_json()));
    change(&mut federation);
    put(&scene, &federation).await;
    scene.gateway.put_policy(by(&Caller::default()), "default", &exchanging()).await.unwrap();
    scene
}

async fn scene() -> Scene {
    scene_with(|_| {}).await
}

fn claims(scene: &Scene, changed: Value) -> Value {
    let now_s = scene.now_ms() / 1000;
    let mut claims = json!({
        "iss": ISSUER, "aud": URL, "sub": "meter 1", "exp": now_s + 300, "iat": now_s, "jti": "t1", "scope": "read",
        "serial": "A1", "site": "north", "tier": "of the issuer",
    });
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// A good token of the issuer, but for what is changed.
fn token(scene: &Scene, changed: Value) -> String {
    by_account(&json!({ "alg": "EdDSA", "kid": "ed", "typ": "JWT" }), &claims(scene, changed), &issuer_key())
}

/// The form by which the device itself shows a token.
fn show(scene: &Scene, token: &str, more: &[(&'static str, &str)]) -> String {
    let mut form = form(&scene.assertion(), "");
    form.retain(|(name, _)| !["grant_type", "scope"].contains(name));
    form.extend([("grant_type", GRANT.into()), ("subject_token", token.into()), ("subject_token_type", JWT.into())]);
    form.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    encode(&form)
}

async fn exchange(scene: &Scene, token: &str, more: &[(&'static str, &str)]) -> Answer {
    scene.post(TOKEN, &show(scene, token, more)).await
}

fn expect(answer: &Answer, status: u16, error: &str, about: &str) {
    let found = (answer.status.as_u16(), answer.body["error"].as_str());
    assert_eq!(found, (status, Some(error)), "{}", answer.body);
    assert!(answer.body["error_description"].as_str().unwrap().contains(about), "{}", answer.body);
}

fn said(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    Jws::read(answer.body["access_token"].as_str().unwrap()).unwrap().claims.into()
}

#[tokio::test]
async fn a_token_of_another_issuer_is_exchanged_for_one_of_the_device() {
    let p256 = JwtSigningKey::es256(&JwtSigningKey::generate_es256().unwrap()).unwrap();
    let both = keys([published("p256", p256.verification_key().clone())]).to_json();
    let scene = scene_with(|federation| {
        let Source::External(external) = &mut federation.source else { panic!("an issuer beyond the chain") };
        external.keys = IssuerKeys::Jwks(both);
    })
    .await;
    let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let header = json!({ "alg": "ES256", "kid": "p256", "typ": "at+jwt" });
    let unsigned = format!("{}.{}", part(&header), part(&claims(&scene, json!({}))));
    let by_p256 = format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&p256.sign(unsigned.as_bytes()).unwrap()));
    for shown in [&token(&scene, json!({})), &by_p256] {
        let answer = exchange(&scene, shown, &[]).await;
        let said = said(&answer);
        assert_eq!(
            (&answer.body["issued_token_type"], &answer.body["token_type"]),
            (&ACCESS_TOKEN.into(), &"Bearer".into())
        );
        assert_eq!((&answer.body["scope"], &answer.body["expires_in"]), (&json!("meters:read"), &json!(300)));
        assert_eq!((&said["plant_site"], &said["tier"]), (&json!("north"), &json!("of the rule")));
        assert_eq!(said.get("act"), None, "the device acts for itself");
        let claims = read_jwt(answer.body["access_token"].as_str().unwrap()).unwrap().claims;
        assert_eq!((claims.subject, claims.client_id), (did().into(), did().to_string()));
        assert_eq!(claims.confirmation, Some(Confirmation::Key(device_key().public_key())));
        assert_eq!(claims.epoch, 2);
        let kept = scene.store_text().await;
        assert!(!kept.contains(shown.as_str()) && !kept.contains(shown.rsplit_once('.').unwrap().1), "it is not kept");
    }
    let events = scene.events().await;
    let details = &events[0]["debugContext"]["debugData"];
    assert_eq!((&details["federation"], &details["subjectIssuer"]), (&json!("plant"), &json!(ISSUER)));
    assert_eq!((&details["subjectTokenId"], &details["grantType"]), (&json!("t1"), &json!(GRANT)));
    assert_eq!(events[0]["eventType"], "app.oauth2.as.token.grant.access_token");
}

#[tokio::test]
async fn what_is_said_of_the_type_is_repeated_and_what_the_token_is_for_is_asked_of_the_policy() {
    let scene = scene().await;
    let good = token(&scene, json!({}));
    let jwt = exchange(&scene, &good, &[("requested_token_type", JWT)]).await;
    assert_eq!(jwt.body["issued_token_type"], JWT);
    assert_eq!(said(&exchange(&scene, &good, &[("audience", "api://default")]).await)["aud"], "api://default");
    for target in [("audience", "api://other"), ("audience", "two words"), ("resource", "/api")] {
        expect(&exchange(&scene, &good, &[target]).await, 400, "invalid_target", "");
    }
    for (name, value) in [("actor_token", "a.b.c"), ("requested_token_type", "x")] {
        expect(&exchange(&scene, &good, &[(name, value)]).await, 400, "invalid_request", name);
    }
}

#[tokio::test]
async fn keys_are_fetched_from_where_the_issuer_publishes_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/keys", listener.local_addr().unwrap());
    let set = keys([]).to_json().to_string();
    let router = Router::new().route("/keys", get(move || async { set }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let scene = scene_with(|it| *it = federation(IssuerKeys::JwksUri(uri))).await;
    let good = token(&scene, json!({}));
    let answer = exchange(&scene, &good, &[]).await;
    expect(&answer, 503, "temporarily_unavailable", "keys of the token's issuer");
    assert!(answer.header("retry-after").is_some(), "loopback hosts are asked in development alone");
    let config = KeySourceConfig { is_development: true, ..KeySourceConfig::default() };
    let source = Arc::new(HttpKeySource::new(&config, Arc::new(SystemClock::default())).unwrap());
    let parts = Parts { key_source: Some(source), ..scene.gateway_parts() };
    let development = scene.beside(scene.store.clone(), parts).await;
    assert_eq!(exchange(&development, &good, &[]).await.status, 200);
    let without = scene.beside(scene.store.clone(), Parts { key_source: None, ..scene.gateway_parts() }).await;
    expect(&exchange(&without, &good, &[]).await, 503, "temporarily_unavailable", "");
}

#[tokio::test]
async fn each_of_mapping_request_policy_and_grants_narrows() {
    let scene = scene().await;
    let ask = async |held: &str, scope: Option<&str>| {
        let more: Vec<_> = scope.map(|scope| ("scope", scope)).into_iter().collect();
        exchange(&scene, &token(&scene, json!({ "scope": held })), &more).await
    };
    let gets = async |held, scope| ask(held, scope).await.body["scope"].as_str().unwrap_or_default().to_owned();
    assert_eq!(gets("read admin", None).await, "meters:read", "the chain grants no more");
    expect(&ask("admin", None).await, 400, "access_denied", "");
    scene.chain.grant(&["meters:write"]);
    scene.chain.grant(&["meters:erase"]);
    assert_eq!(gets("read admin", None).await, "meters:read meters:write", "the policy gives no more");
    assert_eq!(gets("admin", None).await, "meters:write", "the token has no more");
    assert_eq!(gets("read admin", Some("meters:read")).await, "meters:read", "no more is asked for");
    assert_eq!(gets("read", Some("meters:read meters:write")).await, "meters:read");
    for (held, scope) in [("read", Some("meters:write")), ("other", None), ("", None)] {
        expect(&ask(held, scope).await, 400, "access_denied", "");
    }
    expect(&ask("admin", Some("meters:erase")).await, 401, "access_denied", "policy");
    expect(&ask("read", Some("openid")).await, 400, "invalid_scope", "");
}

#[tokio::test]
async fn no_token_outlives_the_one_it_is_for() {
    let scene = scene().await;
    let now_s = scene.now_ms() / 1000;
    for (exp, expires_in) in [(now_s + 1, 1), (now_s + 600, 600), (now_s + 9000, 600)] {
        let answer = exchange(&scene, &token(&scene, json!({ "exp": exp })), &[]).await;
        assert_eq!(answer.body["expires_in"], expires_in, "{}", answer.body);
    }
    expect(&exchange(&scene, &token(&scene, json!({ "exp": now_s })), &[]).await, 400, "invalid_request", "expired");
}

#[tokio::test]
async fn tokens_that_are_refused() {
    let scene = scene().await;
    let stranger = Account::ed25519(&Seed::from_bytes(&[22; 32].into()));
    let header = json!({ "alg": "EdDSA", "kid": "ed", "typ": "JWT" });
    let unknown = json!({ "alg": "EdDSA", "kid": "other", "typ": "JWT" });
    for (shown, about) in [
        (by_account(&header, &claims(&scene, json!({})), &stranger), "not signed"),
        (by_account(&unknown, &claims(&scene, json!({})), &issuer_key()), "kid"),
        (token(&scene, json!({ "iss": "https://other.example" })), "issuer"),
        (token(&scene, json!({ "aud": "https://other.example" })), "aud"),
        (token(&scene, json!({ "serial": "C3" })), "no device"),
        (token(&scene, json!({ "may_act": { "sub": "somebody" }, "serial": "B2" })), "may_act"),
        ("x".into(), "no JWT"),
    ] {
        expect(&exchange(&scene, &shown, &[]).await, 400, "invalid_request", about);
    }
    assert!(!scene.store_text().await.contains("eyJ"), "none of them is kept");
}

#[tokio::test]
async fn a_token_may_be_for_one_exchange() {
    let scene = scene_with(|federation| federation.single_use = true).await;
    let once = token(&scene, json!({}));
    expect(&exchange(&scene, &once, &[("scope", "meters:write")]).await, 400, "access_denied", "");
    assert_eq!(exchange(&scene, &once, &[]).await.status, 200, "what was refused used up nothing");
    expect(&exchange(&scene, &once, &[]).await, 400, "invalid_request", "exchanged before");
    assert_eq!(exchange(&scene, &token(&scene, json!({ "jti": "t2" })), &[]).await.status, 200);
    expect(&exchange(&scene, &token(&scene, json!({ "jti": null })), &[]).await, 400, "invalid_request", "jti");
}

#[tokio::test]
async fn a_federation_that_is_off_or_taken_out_exchanges_nothing() {
    let scene = scene().await;
    let metadata = async || {
        let metadata = scene.get("/oauth2/default/.well-known/oauth-authorization-server").await;
        metadata.body["grant_types_supported"].clone()
    };
    assert_eq!(metadata().await, json!(["client_credentials", GRANT]));
    let on = federation(IssuerKeys::Jwks(keys([]).to_json()));
    put(&scene, &Federation { is_active: false, ..on.clone() }).await;
    expect(&exchange(&scene, &token(&scene, json!({})), &[]).await, 400, "invalid_request", "issuer");
    assert_eq!(metadata().await, json!(["client_credentials"]));
    put(&scene, &on).await;
    assert_eq!(exchange(&scene, &token(&scene, json!({})), &[]).await.status, 200);
    scene.gateway.delete_federation(by(&Caller::default()), "default", "plant").await.unwrap();
    expect(&exchange(&scene, &token(&scene, json!({})), &[]).await, 400, "invalid_request", "issuer");
}

#[tokio::test]
async fn without_a_rule_for_it_no_token_is_exchanged() {
    let scene = scene().await;
    scene.gateway.put_policy(by(&Caller::default()), "default", &policy()).await.unwrap();
    expect(&exchange(&scene, &token(&scene, json!({})), &[]).await, 401, "access_denied", "policy");
}

#[tokio::test]
async fn an_assertion_or_another_token_is_no_subject() {
    let scene = scene().await;
    let own = scene.ask("meters:read").await.body["access_token"].as_str().unwrap().to_owned();
    for shown in [own, scene.assertion()] {
        expect(&exchange(&scene, &shown, &[]).await, 400, "invalid_request", "");
    }
}
