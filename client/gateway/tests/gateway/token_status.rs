//! Introspection and revocation.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::primitives::{Status, token::SignedToken};
use serde_json::{Value, json};

use crate::{
    assertion::encode,
    scene::{Answer, Scene, did},
};

const INTROSPECT: &str = "/oauth2/default/v1/introspect";
const REVOKE: &str = "/oauth2/default/v1/revoke";
const INACTIVE: &str = r#"{"active":false}"#;

async fn token(scene: &Scene) -> String {
    scene.ask("meters:read").await.body["access_token"].as_str().unwrap().to_owned()
}

/// As the device itself.
async fn send(scene: &Scene, path: &str, token: &str) -> Answer {
    let mut form = scene.form("");
    form.push(("token", token.to_owned()));
    scene.post(path, &encode(&form)).await
}

async fn introspect(scene: &Scene, token: &str) -> Value {
    let answer = send(scene, INTROSPECT, token).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, Some("no-store")), "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_good_token_says_what_it_says_and_others_nothing() {
    let scene = Scene::new().await;
    let token = token(&scene).await;
    let said = introspect(&scene, &token).await;
    assert_eq!((&said["active"], &said["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!((&said["scope"], &said["client_id"]), (&json!("meters:read"), &json!(did().to_string())));
    for bad in ["x", &token[..token.len() - 4], &scene.assertion()] {
        assert_eq!(introspect(&scene, bad).await.to_string(), INACTIVE, "{bad}");
    }
    scene.chain.device.lock().unwrap().as_mut().unwrap().epoch += 1;
    assert_eq!(introspect(&scene, &token).await.to_string(), INACTIVE, "the chain says so");
}

#[tokio::test]
async fn a_revoked_token_is_good_no_more_and_revoking_it_again_is_no_error() {
    let scene = Scene::new().await;
    let (first, second) = (token(&scene).await, token(&scene).await);
    for _ in 0..2 {
        let answer = send(&scene, REVOKE, &first).await;
        assert_eq!((answer.status.as_u16(), answer.body), (200, Value::Null));
    }
    assert_eq!(send(&scene, REVOKE, "unknown").await.status, 200);
    assert_eq!(introspect(&scene, &first).await.to_string(), INACTIVE);
    assert_eq!(introspect(&scene, &second).await["active"], true);
    let events = scene.events().await;
    let revoked = events.iter().find(|event| event["eventType"] == "app.oauth2.as.token.revoke").unwrap();
    assert!(revoked["target"][0]["id"].as_str().unwrap().starts_with("AT."));
}

#[tokio::test]
async fn another_clients_token_is_not_revoked() {
    let scene = Scene::new().await;
    let token = token(&scene).await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let form = format!("client_id={id}&client_secret={}&token={token}", secret);
    let answer = scene.post(REVOKE, &form).await;
    assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (400, Some("unauthorized_client")));
    assert_eq!(scene.post(INTROSPECT, &form).await.body["active"], true, "it may ask");
}

#[tokio::test]
async fn who_does_not_authenticate_is_told_nothing() {
    let scene = Scene::new().await;
    let token = token(&scene).await;
    for path in [INTROSPECT, REVOKE] {
        let answer = scene.post(path, &format!("token={token}")).await;
        assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (401, Some("invalid_client")));
        let missing = scene.post(path, &encode(&scene.form(""))).await;
        assert_eq!((missing.status.as_u16(), missing.body["error"].as_str()), (400, Some("invalid_request")));
    }
    scene.chain.device.lock().unwrap().as_mut().unwrap().status = Status::Suspended;
    assert_eq!(send(&scene, INTROSPECT, &token).await.status, 401);
    scene.chain.is_fresh.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(send(&scene, INTROSPECT, &token).await.status, 503);
}

#[tokio::test]
async fn a_cwt_is_given_on_request_and_can_be_asked_about_and_revoked() {
    let scene = Scene::new().await;
    let mut form = scene.form("meters:read");
    form.push(("token_format", "cwt".into()));
    let answer = scene.post(crate::scene::TOKEN, &encode(&form)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = answer.body["access_token"].as_str().unwrap();
    let token = SignedToken::from_cwt(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap();
    assert_eq!((token.claims.subject, token.claims.scopes), (did().into(), vec!["meters:read".to_owned()]));

    let said = introspect(&scene, text).await;
    assert_eq!((&said["active"], &said["scope"]), (&json!(true), &json!("meters:read")));
    assert_eq!(send(&scene, REVOKE, text).await.status, 200);
    assert_eq!(introspect(&scene, text).await.to_string(), INACTIVE);

    let mut form = scene.form("meters:read");
    form.push(("token_format", "saml".into()));
    let answer = scene.post(crate::scene::TOKEN, &encode(&form)).await;
    assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (400, Some("invalid_request")));
}
