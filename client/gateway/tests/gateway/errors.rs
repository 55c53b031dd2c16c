//! The table of refusals: status, body and headers of each.

use axum::{body::Body, http::Request};
use marque_gateway::{GrantType, Rule, operate::NewApp, settings::ServerDocument};
use marque_sdk::{
    Account,
    primitives::Status,
    token::{Algorithm, issue_jwt, read_jwt},
};
use serde_json::json;

use crate::{
    assertion::{claims, encode, form, sign},
    call::Call,
    scene::{Answer, Scene, TOKEN, URL, by, device_key, did, new_app, rule, server},
};

const INTROSPECT: &str = "/oauth2/default/v1/introspect";
const REVOKE: &str = "/oauth2/default/v1/revoke";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Checks a refusal: its body has exactly an error and its description, and nobody may keep it.
fn expect(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (status, Some(error)), "{}", answer.body);
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["error", "error_description"]);
    assert!(!answer.body["error_description"].as_str().unwrap().is_empty());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("www-authenticate").is_some(), error == "invalid_client", "only a client is challenged");
    assert_eq!(answer.header("retry-after").is_some(), status == 503);
}

async fn refuse(scene: &Scene, form: &[(&str, String)], status: u16, error: &str) {
    expect(&scene.post(TOKEN, &encode(form)).await, status, error);
}

fn set(form: &mut Vec<(&'static str, String)>, name: &'static str, value: &str) {
    form.retain(|(other, _)| *other != name);
    form.push((name, value.into()));
}

#[tokio::test]
async fn requests_of_another_form() {
    let scene = Scene::new().await;
    let body = encode(&scene.form("meters:read"));
    let form_type = "application/x-www-form-urlencoded";
    for (uri, content_type, body, status) in [
        (TOKEN.to_owned(), Some("application/json"), body.clone(), 400),
        (TOKEN.to_owned(), None, body.clone(), 400),
        (format!("{TOKEN}?client_id=x"), Some(form_type), body.clone(), 400),
        (format!("{TOKEN}?{body}"), Some(form_type), String::new(), 400),
        (TOKEN.to_owned(), Some(form_type), format!("{body}&scope=meters:read"), 400),
        (TOKEN.to_owned(), Some(form_type), format!("{body}&x=&x="), 400),
        (TOKEN.to_owned(), Some(form_type), format!("{body}&x={}", "x".repeat(64 * 1024)), 413),
    ] {
        let mut request = Request::post(&uri);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        expect(&scene.send(request.body(body.into()).unwrap()).await, status, "invalid_request");
    }
    assert_eq!(scene.post(TOKEN, &body).await.status, 200, "none of these used up the assertion");
}

#[tokio::test]
async fn grant_types() {
    let scene = Scene::new().await;
    let mut form = scene.form("meters:read");
    form.retain(|(name, _)| *name != "grant_type");
    refuse(&scene, &form, 400, "invalid_request").await;
    for grant_type in ["password", "authorization_code", "Client_Credentials"] {
        set(&mut form, "grant_type", grant_type);
        refuse(&scene, &form, 400, "unsupported_grant_type").await;
    }
}

#[tokio::test]
async fn clients_that_do_not_authenticate_in_one_way() {
    let scene = Scene::new().await;
    let bare = vec![("grant_type", "client_credentials".to_owned()), ("scope", "meters:read".to_owned())];
    refuse(&scene, &bare, 401, "invalid_client").await;

    let mut both = scene.form("meters:read");
    set(&mut both, "client_secret", "x");
    refuse(&scene, &both, 401, "invalid_request").await;
    let with_header = |form: &[(&str, String)], times: usize| {
        let mut request = Request::post(TOKEN).header("content-type", "application/x-www-form-urlencoded");
        for _ in 0..times {
            request = request.header("authorization", "Basic eDp5");
        }
        request.body(Body::from(encode(form))).unwrap()
    };
    expect(&scene.send(with_header(&scene.form("meters:read"), 1)).await, 401, "invalid_request");
    expect(&scene.send(with_header(&bare, 2)).await, 400, "invalid_request");
    expect(&scene.send(with_header(&bare, 1)).await, 401, "invalid_client");

    let mut form = scene.form("meters:read");
    set(&mut form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
    refuse(&scene, &form, 401, "invalid_client").await;
    form.retain(|(name, _)| *name != "client_assertion_type");
    refuse(&scene, &form, 400, "invalid_request").await;
}

#[tokio::test]
async fn assertions_that_prove_nothing() {
    let scene = Scene::new().await;
    let now_s = 1_800_000_000;
    let good = || claims(did(), URL, now_s, "a");
    for (name, value) in [("exp", json!(now_s - 31)), ("aud", json!("https://as.example")), ("jti", json!(""))] {
        let mut bad = good();
        bad[name] = value;
        refuse(&scene, &form(&sign(&device_key(), &bad), "meters:read"), 401, "invalid_client").await;
    }
    refuse(&scene, &form(&sign(&Account::generate(), &good()), "meters:read"), 401, "invalid_client").await;
    refuse(&scene, &form("no JWT", "meters:read"), 401, "invalid_client").await;
    let mut named = form(&sign(&device_key(), &good()), "meters:read");
    set(&mut named, "client_id", "another");
    refuse(&scene, &named, 401, "invalid_client").await;
    set(&mut named, "client_id", &did().to_string());
    assert_eq!(scene.post(TOKEN, &encode(&named)).await.status, 200, "strangers used up nothing of the device's");
    refuse(&scene, &named, 401, "invalid_client").await;
}

#[tokio::test]
async fn devices_out_of_use() {
    let scene = Scene::new().await;
    for status in [Status::Suspended, Status::Revoked] {
        scene.chain.device.lock().unwrap().as_mut().unwrap().status = status;
        expect(&scene.ask("meters:read").await, 401, "invalid_client");
    }
    *scene.chain.device.lock().unwrap() = None;
    expect(&scene.ask("meters:read").await, 401, "invalid_client");
}

#[tokio::test]
async fn scopes_and_policies() {
    let scene = Scene::new().await;
    for (scope, status, error) in [
        ("", 400, "invalid_scope"),
        ("openid", 400, "invalid_scope"),
        ("meters:read openid", 400, "invalid_scope"),
        ("*", 400, "invalid_scope"),
        ("doors:open", 400, "invalid_scope"),
        ("meters:erase", 401, "access_denied"),
        ("meters:write", 400, "access_denied"),
    ] {
        expect(&scene.ask(scope).await, status, error);
    }
    let narrowed = scene.ask("meters:read meters:write meters:erase").await;
    assert_eq!((narrowed.status.as_u16(), narrowed.body["scope"].as_str()), (200, Some("meters:read")));
}

#[tokio::test]
async fn scopes_that_nobody_asks_for() {
    let scene = Scene::new().await;
    let sixteen: Vec<String> = (0..16).map(|number| format!("meters:s{number:02}")).collect();
    for scope in ["meters:read  meters:write", " meters:read", "meters:read\tmeters:write", "meters", "METERS:READ"] {
        expect(&scene.ask(scope).await, 400, "invalid_scope");
    }
    expect(&scene.ask(&format!("meters:read {}", sixteen.join(" "))).await, 400, "invalid_scope");
    let most = format!("meters:read meters:read {}", sixteen[1..].join(" "));
    assert_eq!(scene.ask(&most).await.body["scope"], "meters:read", "one that is there twice counts once");
    let default_scopes = vec!["meters:read".to_owned(), "meters:write".to_owned()];
    let with_default = ServerDocument { default_scopes, ..server() };
    scene.gateway.put_server(by(&Default::default()), &with_default).await.unwrap();
    assert_eq!(scene.ask("").await.body["scope"], "meters:read", "those that it gets of the default");
}

#[tokio::test]
async fn what_can_not_be_had_here() {
    let scene = Scene::new().await;
    let with = |name, value: &str| scene.call("meters:read").with(name, value);
    expect(&with("authorization_details", "[]").send(&scene).await, 400, "invalid_authorization_details");
    for name in ["resource", "audience"] {
        expect(&with(name, "https://other.example").send(&scene).await, 400, "invalid_target");
    }
    let five = (0..5).fold(scene.call("meters:read"), |call, _| call.with("resource", "api://default"));
    expect(&five.send(&scene).await, 400, "invalid_request");
    assert_eq!(with("authorization_details", "").send(&scene).await.status, 200, "without a value it is left out");
}

#[tokio::test]
async fn applications_that_ask_in_another_way_or_from_elsewhere() {
    let scene = Scene::new().await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let exchange = encode(&[
        ("grant_type", TOKEN_EXCHANGE.to_owned()),
        ("client_id", id.clone()),
        ("client_secret", secret.clone()),
        ("scope", "meters:read".to_owned()),
        ("subject_token", "x".to_owned()),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt".to_owned()),
    ]);
    expect(&scene.post(TOKEN, &exchange).await, 400, "unauthorized_client");
    scene.put_zone("plant", "10.1.0.0/16").await;
    let update = NewApp { zones: ["plant".to_owned()].into(), ..new_app() };
    scene.gateway.update_app(by(&Default::default()), &id, &update).await.unwrap();
    let elsewhere = Call::by_secret(&id, &secret, "meters:read").at("10.2.0.1").send(&scene).await;
    expect(&elsewhere, 403, "access_denied");
}

#[tokio::test]
async fn an_exchange_without_a_token_to_exchange_gives_none() {
    let scene = Scene::new().await;
    let grant_types = [GrantType::ClientCredentials, GrantType::TokenExchange];
    scene.set_rules(vec![Rule { grant_types: grant_types.into(), ..rule("both", 1) }]).await;
    let mut form = scene.form("meters:read");
    set(&mut form, "grant_type", TOKEN_EXCHANGE);
    let answer = scene.post(TOKEN, &encode(&form)).await;
    assert_eq!((answer.status.as_u16(), answer.body.get("access_token")), (400, None), "{}", answer.body);
}

#[tokio::test]
async fn proofs_of_a_key() {
    let scene = Scene::new().await;
    let bad = scene.call("meters:read").header("dpop", "no JWT").send(&scene).await;
    expect(&bad, 400, "invalid_dpop_proof");
    let wants = ServerDocument { requires_dpop: true, ..server() };
    scene.gateway.put_server(by(&Default::default()), &wants).await.unwrap();
    expect(&scene.ask("meters:read").await, 400, "invalid_dpop_proof");
}

/// As the device itself.
async fn say(scene: &Scene, path: &'static str, token: &str) -> Answer {
    scene.call("").to(path).with("token", token).send(scene).await
}

async fn introspect(scene: &Scene, token: &str) -> serde_json::Value {
    let answer = say(scene, INTROSPECT, token).await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (200, None), "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn tokens_that_can_not_be_read_are_not_active_and_no_error_to_revoke() {
    let scene = Scene::new().await;
    let answer = scene.ask("meters:read").await;
    let good = answer.token();
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let read = read_jwt(good).unwrap();
    let by_another = issue_jwt(&read.claims, read.signed_by, &device_key()).unwrap();
    for bad in ["x", "a.b.c", unsigned, &format!("{unsigned}."), &format!("x{unsigned}.{signature}"), &by_another] {
        assert_eq!(introspect(&scene, bad).await, json!({ "active": false }), "{bad}");
        assert_eq!(say(&scene, REVOKE, bad).await.status, 200, "{bad}");
    }
    assert_eq!(introspect(&scene, good).await["active"], true, "nothing of it revoked another token");
}

#[tokio::test]
async fn tokens_that_have_ended_are_not_active_by_whatever_key_they_are_signed() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let scene = Scene::signing_by(algorithm).await;
        let first = scene.ask("meters:read").await;
        scene.advance(600 + 29);
        let second = scene.ask("meters:read").await;
        assert_eq!(introspect(&scene, first.token()).await["active"], true, "as clocks differ");
        scene.advance(1);
        assert_eq!(introspect(&scene, first.token()).await, json!({ "active": false }), "it has expired");
        assert_eq!(introspect(&scene, second.token()).await["active"], true);
        assert_eq!(say(&scene, REVOKE, second.token()).await.status, 200);
        assert_eq!(introspect(&scene, second.token()).await, json!({ "active": false }), "it is revoked");
        assert_eq!(say(&scene, REVOKE, second.token()).await.status, 200);
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let scene = Scene::new().await;
    for answer in [
        scene.post("/oauth2/other/v1/token", &encode(&scene.form("meters:read"))).await,
        scene.get("/oauth2/other/v1/keys").await,
        scene.get("/oauth2/other/.well-known/oauth-authorization-server").await,
        scene.get("/.well-known/oauth-authorization-server/oauth2/other").await,
        scene.get("/").await,
    ] {
        assert_eq!((answer.status.as_u16(), &answer.body["errorCode"]), (404, &json!("E0000007")));
    }
    let answer = scene.get(TOKEN).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")));
}

#[tokio::test]
async fn a_chain_that_can_not_be_read() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("/ready").await.status, 200);
    scene.chain.is_fresh.store(false, std::sync::atomic::Ordering::SeqCst);
    expect(&scene.ask("meters:read").await, 503, "temporarily_unavailable");
    expect(&scene.get("/ready").await, 503, "temporarily_unavailable");
    expect(&scene.get("/oauth2/default/v1/keys").await, 503, "temporarily_unavailable");
    assert_eq!(scene.get("/health").await.status, 200, "the process itself is well");
}
