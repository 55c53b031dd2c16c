//! DPoP (RFC 9449) at the token endpoint: nonces, proofs and what the tokens say.

use data_encoding::BASE64URL_NOPAD;
use marque_gateway::{log::Caller, operate::NewApp, settings::ServerDocument};
use marque_sdk::{Signer, token::Jwk};
use serde_json::{Value, json};

use crate::{
    call::Call,
    scene::{Answer, Scene, URL, by, new_app, server},
    signed::{account, by_account},
};

const DAY_S: u64 = 86_400;

fn jwk() -> Jwk {
    Jwk::from_public_key(&account(3).public_key()).unwrap()
}

/// Claims of a good proof that was not used, but for its nonce.
fn claims(scene: &Scene) -> Value {
    json!({ "htm": "POST", "htu": format!("{URL}/v1/token"), "iat": scene.now_s(), "jti": scene.new_id() })
}

fn sign(claims: &Value) -> String {
    let header = json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk().to_json() });
    by_account(&header, claims, &account(3))
}

fn proof(scene: &Scene, nonce: &str) -> String {
    let mut claims = claims(scene);
    claims["nonce"] = nonce.into();
    sign(&claims)
}

/// The nonce that is handed out now.
async fn nonce(scene: &Scene) -> String {
    let answer = scene.call("meters:read").header("dpop", &sign(&claims(scene))).send(scene).await;
    nonce_of(&answer)
}

/// The nonce of an answer that wants another one.
fn nonce_of(answer: &Answer) -> String {
    answer.expect_refused(400, "use_dpop_nonce");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.header("dpop-nonce").unwrap().to_owned()
}

async fn ask(scene: &Scene, proof: &str) -> Answer {
    scene.call("meters:read").header("dpop", proof).send(scene).await
}

#[tokio::test]
async fn who_has_no_nonce_is_given_one_and_loses_nothing() {
    let scene = Scene::new().await;
    let assertion = scene.assertion();
    let call = || Call::by_assertion(&assertion, "meters:read");
    let (mut proof, good) = (claims(&scene), nonce(&scene).await);
    let first = call().header("dpop", &sign(&proof)).send(&scene).await;
    assert_eq!(nonce_of(&first), good, "it is the same all day");
    proof["nonce"] = "another".into();
    assert_eq!(nonce_of(&call().header("dpop", &sign(&proof)).send(&scene).await), good);
    proof["nonce"] = good.into();
    let answer = call().header("dpop", &sign(&proof)).send(&scene).await;
    assert_eq!((answer.status.as_u16(), answer.header("dpop-nonce")), (200, None), "{}", answer.body);
    let again = call().header("dpop", &self::proof(&scene, proof["nonce"].as_str().unwrap())).send(&scene).await;
    again.expect_refused(401, "invalid_client");
}

#[tokio::test]
async fn a_token_is_bound_to_the_key_of_the_proof_and_to_nothing_else() {
    let scene = Scene::new().await;
    let nonce = nonce(&scene).await;
    let answer = ask(&scene, &proof(&scene, &nonce)).await;
    let thumbprint = BASE64URL_NOPAD.encode(&jwk().thumbprint());
    assert_eq!(answer.said()["cnf"], json!({ "jkt": thumbprint }));
    assert_eq!(answer.body["token_type"], "DPoP");
    let introspected = scene.call("").to("/oauth2/default/v1/introspect").with("token", answer.token());
    let said = introspected.send(&scene).await.body;
    assert_eq!((&said["active"], &said["token_type"]), (&json!(true), &json!("DPoP")));
    assert_eq!(said["cnf"], json!({ "jkt": thumbprint }));
    let plain = scene.ask("meters:read").await;
    assert_eq!(plain.body["token_type"], "Bearer");
    assert_eq!(plain.said()["cnf"].get("jkt"), None);
}

#[tokio::test]
async fn a_proof_is_used_once() {
    let scene = Scene::new().await;
    let proof = proof(&scene, &nonce(&scene).await);
    let denied = scene.call("meters:erase").header("dpop", &proof).send(&scene).await;
    denied.expect_refused(401, "access_denied");
    assert_eq!(ask(&scene, &proof).await.status, 200, "with no token it was not used up");
    ask(&scene, &proof).await.expect_refused(400, "invalid_dpop_proof");
    scene.advance(299);
    ask(&scene, &proof).await.expect_refused(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn proofs_of_something_else_are_refused_and_use_up_nothing() {
    let scene = Scene::new().await;
    let (assertion, nonce, now_s) = (scene.assertion(), nonce(&scene).await, scene.now_s());
    for (name, value) in [
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htu", json!(URL)),
        ("htu", json!("https://as.example/oauth2/other/v1/token")),
        ("htu", json!("http://as.example/oauth2/default/v1/token")),
        ("iat", json!(now_s - 301)),
        ("iat", json!(now_s + 31)),
        ("iat", json!("now")),
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
    ] {
        let mut bad = claims(&scene);
        bad["nonce"] = nonce.clone().into();
        bad[name] = value;
        let answer = Call::by_assertion(&assertion, "meters:read").header("dpop", &sign(&bad)).send(&scene).await;
        answer.expect_refused(400, "invalid_dpop_proof");
        assert_eq!(answer.header("dpop-nonce"), None, "another nonce would not help: {bad}");
    }
    let claims = claims(&scene);
    let by_another =
        by_account(&json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk().to_json() }), &claims, &account(4));
    let of_another_type =
        by_account(&json!({ "typ": "JWT", "alg": "EdDSA", "jwk": jwk().to_json() }), &claims, &account(3));
    for bad in [by_another, of_another_type, "no JWT".into(), String::new()] {
        let answer = Call::by_assertion(&assertion, "meters:read").header("dpop", &bad).send(&scene).await;
        answer.expect_refused(400, "invalid_dpop_proof");
    }
    let good = Call::by_assertion(&assertion, "meters:read").header("dpop", &proof(&scene, &nonce));
    assert_eq!(good.send(&scene).await.status, 200);
}

#[tokio::test]
async fn two_proofs_are_none() {
    let scene = Scene::new().await;
    let nonce = nonce(&scene).await;
    let (one, other) = (proof(&scene, &nonce), proof(&scene, &nonce));
    let answer = scene.call("meters:read").header("dpop", &one).header("dpop", &other).send(&scene).await;
    answer.expect_refused(400, "invalid_dpop_proof");
    assert_eq!(ask(&scene, &one).await.status, 200, "neither was used up");
}

#[tokio::test]
async fn a_nonce_is_good_for_three_days_after_its_own() {
    let scene = Scene::new().await;
    let old = nonce(&scene).await;
    for _ in 0..3 {
        scene.advance(DAY_S);
        assert_ne!(nonce(&scene).await, old, "another one is handed out each day");
        assert_eq!(ask(&scene, &proof(&scene, &old)).await.status, 200);
    }
    for _ in 0..2 {
        scene.advance(DAY_S);
        let new = nonce_of(&ask(&scene, &proof(&scene, &old)).await);
        assert_eq!(ask(&scene, &proof(&scene, &new)).await.status, 200);
    }
}

#[tokio::test]
async fn an_application_that_must_prove_a_key_gets_nothing_without() {
    let scene = Scene::new().await;
    let id = scene.put_app(&NewApp { requires_dpop: true, ..new_app() }).await.id;
    let (_, secret) = scene.secret(&id).await;
    let call = || Call::by_secret(&id, &secret, "meters:read");
    call().send(&scene).await.expect_refused(400, "invalid_dpop_proof");
    let nonce = nonce(&scene).await;
    let answer = call().header("dpop", &proof(&scene, &nonce)).send(&scene).await;
    assert_eq!(answer.body["token_type"], "DPoP", "{}", answer.body);
    assert_eq!(scene.ask("meters:read").await.body["token_type"], "Bearer", "others need not");
}

#[tokio::test]
async fn an_authorization_server_that_wants_proofs_wants_them_of_all() {
    let scene = Scene::new().await;
    let wants = ServerDocument { requires_dpop: true, ..server() };
    scene.gateway.put_server(by(&Caller::default()), &wants).await.unwrap();
    scene.ask("meters:read").await.expect_refused(400, "invalid_dpop_proof");
    let nonce = nonce(&scene).await;
    assert_eq!(ask(&scene, &proof(&scene, &nonce)).await.status, 200);
}
