//! Clients that register themselves (RFC 7591), and what they do to their registration (RFC 7592).

use axum::http::Request;
use marque_gateway::{
    Parts,
    limit::Limits,
    log::Caller,
    registration::{Devices, InitialAccessTerms},
    settings::{Role, ServerDocument},
};
use marque_sdk::{
    Signer,
    token::{Jwk, JwkSet, PublishedKey, VerificationKey},
};
use serde_json::{Value, json};

use crate::{
    assertion::{encode, form, sign},
    scene::{Answer, NEIGHBOUR, NEIGHBOUR_URL, Scene, TOKEN, URL, by, device_key, did, other_did, policy, server},
};

const CLIENTS: &str = "/oauth2/default/v1/clients";

fn terms() -> InitialAccessTerms {
    InitialAccessTerms {
        name: "plant 4".into(),
        devices: Devices::These([did().to_string()].into()),
        registrations: 1,
        lifetime_ms: 60_000,
    }
}

/// A new initial access token, and its id.
async fn initial(scene: &Scene, terms: &InitialAccessTerms) -> (String, String) {
    let made = scene.gateway.create_initial_access(by(&Caller::default()), terms).await.unwrap();
    (made.access.id, made.token.to_string())
}

async fn send(scene: &Scene, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {token}"));
    scene.send(request.body(body.to_string().into()).unwrap()).await
}

fn metadata(more: Value) -> Value {
    let mut metadata = json!({ "marque_device": did().to_string() });
    for (name, value) in more.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    metadata
}

/// A client that is registered.
struct Registered {
    id: String,
    secret: String,
    token: String,
    path: String,
    answer: Value,
}

async fn register(scene: &Scene, more: Value) -> Registered {
    let (_, token) = initial(scene, &terms()).await;
    let answer = send(scene, "POST", CLIENTS, &token, &metadata(more)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = |name: &str| answer.body[name].as_str().unwrap_or_default().to_owned();
    let uri = text("registration_client_uri");
    let path = uri.strip_prefix("https://as.example").unwrap().to_owned();
    let (id, secret, token) = (text("client_id"), text("client_secret"), text("registration_access_token"));
    Registered { id, secret, token, path, answer: answer.body }
}

async fn ask(scene: &Scene, id: &str, secret: &str, scope: &str) -> Answer {
    let form = format!("grant_type=client_credentials&scope={scope}&client_id={id}&client_secret={secret}");
    scene.post(TOKEN, &form).await
}

fn expect(answer: &Answer, status: u16, error: &str) {
    let found = (answer.status.as_u16(), answer.body["error"].as_str());
    assert_eq!(found, (status, Some(error)), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge.is_some_and(|challenge| challenge.starts_with("Bearer ")), status == 401);
}

fn keys() -> Value {
    let key = VerificationKey::new(Jwk::from_public_key(&device_key().public_key()).unwrap()).unwrap();
    JwkSet { keys: vec![PublishedKey { key_id: "k".into(), key }] }.to_json()
}

#[tokio::test]
async fn a_client_registers_itself_works_changes_and_leaves() {
    let scene = Scene::new().await;
    let more = json!({ "client_name": "Meter reader", "software_id": "reader", "contacts": ["x@y.example"] });
    let client = register(&scene, more.clone()).await;
    assert_eq!(client.path, format!("{CLIENTS}/{}", client.id));
    for (name, value) in more.as_object().unwrap() {
        assert_eq!(&client.answer[name], value, "{name}");
    }
    assert_eq!(client.answer["client_secret_expires_at"], 0);
    assert_eq!(ask(&scene, &client.id, &client.secret, "meters:read").await.status, 200);

    let read = send(&scene, "GET", &client.path, &client.token, &json!(null)).await;
    assert_eq!((read.status.as_u16(), &read.body["client_name"]), (200, &json!("Meter reader")));
    assert_eq!((read.body.get("client_secret"), &read.body["registration_access_token"]), (None, &json!(client.token)));

    let change = metadata(json!({ "client_id": client.id, "client_secret": client.secret, "scope": "meters:write" }));
    let changed = send(&scene, "PUT", &client.path, &client.token, &change).await;
    assert_eq!((changed.status.as_u16(), &changed.body["scope"]), (200, &json!("meters:write")), "{}", changed.body);
    assert_eq!((changed.body.get("client_name"), changed.body.get("software_id")), (None, None), "replaced as a whole");
    assert_eq!(changed.body.get("client_secret"), None, "it stays");
    scene.chain.grant(&["meters:write"]);
    expect_scope(&ask(&scene, &client.id, &client.secret, "meters:read+meters:write").await, "meters:write");
    let refused = ask(&scene, &client.id, &client.secret, "meters:read").await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]), (400, &json!("invalid_scope")));

    let kept = scene.store_text().await;
    assert!(!kept.contains(&client.secret) && !kept.contains(&client.token), "secrets are not kept");
    assert_eq!(send(&scene, "DELETE", &client.path, &client.token, &json!(null)).await.status, 204);
    assert_eq!(ask(&scene, &client.id, &client.secret, "meters:write").await.status, 401);
    expect(&send(&scene, "GET", &client.path, &client.token, &json!(null)).await, 401, "invalid_token");
    let events = scene.events().await;
    let lifecycle = events.iter().filter(|event| event["target"][0]["id"] == client.id.as_str());
    let lifecycle: Vec<_> = lifecycle.map(|event| event["eventType"].as_str().unwrap()).collect();
    let ended = "app.oauth2.invalid_client_credentials";
    let expected =
        ["application.lifecycle.create", "application.lifecycle.update", "application.lifecycle.delete", ended];
    assert_eq!(lifecycle, expected);
}

fn expect_scope(answer: &Answer, scope: &str) {
    assert_eq!((answer.status.as_u16(), answer.body["scope"].as_str()), (200, Some(scope)), "{}", answer.body);
}

#[tokio::test]
async fn operators_see_and_stop_who_registered() {
    let scene = Scene::new().await;
    let client = register(&scene, json!({ "software_id": "reader", "scope": "meters:read" })).await;
    let caller = Caller::default();
    let token = scene.gateway.create_operator(by(&caller), "test", Role::Operator, 60_000).await.unwrap().token;
    let request =
        Request::get(format!("/api/v1/apps/{}", client.id)).header("authorization", format!("SSWS {}", *token));
    let shown = scene.send(request.body("".into()).unwrap()).await;
    assert_eq!((shown.status.as_u16(), &shown.body["registered_at"]), (200, &json!("default")), "{}", shown.body);
    assert_eq!(
        (&shown.body["scopes"], &shown.body["metadata"]["software_id"]),
        (&json!(["meters:read"]), &json!("reader"))
    );
    assert!(!shown.body.to_string().contains("mac"), "what is kept of its token is not shown");
    scene.gateway.set_app_active(by(&caller), &client.id, false).await.unwrap();
    for method in ["GET", "PUT", "DELETE"] {
        expect(&send(&scene, method, &client.path, &client.token, &json!({})).await, 401, "invalid_token");
    }
    assert_eq!(ask(&scene, &client.id, &client.secret, "meters:read").await.status, 401);
}

#[tokio::test]
async fn what_an_operator_changes_keeps_the_registration() {
    let scene = Scene::new().await;
    let client = register(&scene, json!({ "software_id": "reader" })).await;
    let new =
        marque_gateway::operate::NewApp { zones: [].into(), fleet: Some("north".into()), ..crate::scene::new_app() };
    scene.gateway.update_app(by(&Caller::default()), &client.id, &new).await.unwrap();
    let read = send(&scene, "GET", &client.path, &client.token, &json!(null)).await;
    assert_eq!((&read.body["client_name"], &read.body["software_id"]), (&json!("Meter service"), &json!("reader")));
    let change = metadata(json!({ "client_id": client.id }));
    assert_eq!(send(&scene, "PUT", &client.path, &client.token, &change).await.status, 200);
    assert_eq!(
        scene.gateway.app(&client.id).unwrap().fleet.as_deref(),
        Some("north"),
        "that is not the client's to say"
    );
}

#[tokio::test]
async fn an_initial_access_token_is_used_up_by_registrations_alone() {
    let scene = Scene::new().await;
    let (id, token) = initial(&scene, &InitialAccessTerms { registrations: 2, ..terms() }).await;
    let left = || scene.gateway.initial_access().iter().find(|access| access.id == id).unwrap().registrations_left;
    let wrong = metadata(json!({ "redirect_uris": ["https://client.example"] }));
    expect(&send(&scene, "POST", CLIENTS, &token, &wrong).await, 400, "invalid_redirect_uri");
    let other = json!({ "marque_device": other_did().to_string() });
    expect(&send(&scene, "POST", CLIENTS, &token, &other).await, 400, "invalid_client_metadata");
    assert_eq!(left(), 2, "what was refused used up nothing");
    for expected in [1, 0] {
        assert_eq!(send(&scene, "POST", CLIENTS, &token, &metadata(json!({}))).await.status, 201);
        assert_eq!(left(), expected);
    }
    expect(&send(&scene, "POST", CLIENTS, &token, &metadata(json!({}))).await, 401, "invalid_token");
    assert!(!scene.store_text().await.contains(token.split_once('.').unwrap().1), "it is not kept");
    let events = scene.events().await;
    let made = events
        .iter()
        .find(|event| event["eventType"] == "application.lifecycle.create" && event["outcome"]["result"] == "SUCCESS");
    assert_eq!(made.unwrap()["actor"]["id"], id.as_str(), "who registered is known by it");
}

#[tokio::test]
async fn registrations_at_once_use_up_no_more_than_there_are() {
    let scene = Scene::new().await;
    let (_, token) = initial(&scene, &InitialAccessTerms { registrations: 2, ..terms() }).await;
    let metadata = metadata(json!({}));
    let one = || send(&scene, "POST", CLIENTS, &token, &metadata);
    let answers = tokio::join!(one(), one(), one(), one());
    let registered = [answers.0, answers.1, answers.2, answers.3].iter().filter(|answer| answer.status == 201).count();
    assert_eq!((registered, scene.gateway.apps().len()), (2, 2));
}

#[tokio::test]
async fn tokens_that_let_nobody_register() {
    let scene = Scene::new().await;
    let (revoked, revoked_token) = initial(&scene, &terms()).await;
    scene.gateway.revoke_initial_access(by(&Caller::default()), &revoked).await.unwrap();
    let (id, token) = initial(&scene, &terms()).await;
    let client = register(&scene, json!({})).await;
    let wrong = format!("{id}.{}", client.token);
    for shown in [&revoked_token, &wrong, &client.token, &"x".repeat(300), ""] {
        // Nothing is said of the metadata to who may not register.
        expect(&send(&scene, "POST", CLIENTS, shown, &json!({})).await, 401, "invalid_token");
    }
    let bare = Request::post(CLIENTS).header("content-type", "application/json").body("{}".into()).unwrap();
    expect(&scene.send(bare).await, 401, "invalid_token");
    let twice = Request::post(CLIENTS).header("content-type", "application/json");
    let bearer = format!("Bearer {token}");
    let twice = twice.header("authorization", &bearer).header("authorization", &bearer);
    expect(&scene.send(twice.body(metadata(json!({})).to_string().into()).unwrap()).await, 401, "invalid_token");
    scene.advance(60);
    expect(&send(&scene, "POST", CLIENTS, &token, &metadata(json!({}))).await, 401, "invalid_token");
    let elsewhere = send(&scene, "POST", "/oauth2/other/v1/clients", &token, &metadata(json!({}))).await;
    assert_eq!((elsewhere.status.as_u16(), &elsewhere.body["errorCode"]), (404, &json!("E0000007")));
}

#[tokio::test]
async fn registrations_of_another_form() {
    let scene = Scene::new().await;
    let (_, token) = initial(&scene, &terms()).await;
    let bearer = format!("Bearer {token}");
    let good = metadata(json!({})).to_string();
    for (media_type, body) in [
        (Some("text/plain"), good.clone()),
        (None, good.clone()),
        (Some("application/json"), "x".repeat(16 * 1024 + 1)),
        (Some("application/json"), "[]".into()),
        (Some("application/json"), "{}".into()),
        (Some("application/json"), metadata(json!({ "token_endpoint_auth_method": "none" })).to_string()),
        (Some("application/json"), metadata(json!({ "grant_types": ["password"] })).to_string()),
        (Some("application/json"), metadata(json!({ "scope": "*" })).to_string()),
        (Some("application/json"), metadata(json!({ "tls_client_certificate_bound_access_tokens": true })).to_string()),
    ] {
        let mut request = Request::post(CLIENTS).header("authorization", &bearer);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        let answer = scene.send(request.body(body.into()).unwrap()).await;
        expect(&answer, 400, "invalid_client_metadata");
    }
    let request = Request::post(CLIENTS).header("authorization", &bearer);
    let request = request.header("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(scene.send(request.body(good.into()).unwrap()).await.status, 201, "none of these used up the token");
    let failed = scene.events().await;
    let failed = failed.iter().filter(|event| event["outcome"]["reason"] == "invalid_client_metadata").count();
    assert_eq!(failed, 9, "each is written down");
}

#[tokio::test]
async fn what_a_client_can_not_do_to_a_registration() {
    let scene = Scene::new().await;
    let (client, other) = (register(&scene, json!({})).await, register(&scene, json!({})).await);
    for method in ["GET", "PUT", "DELETE"] {
        for token in [&other.token, &client.secret, "x"] {
            expect(&send(&scene, method, &client.path, token, &json!({})).await, 401, "invalid_token");
        }
        let unknown = format!("{CLIENTS}/0oaunknown");
        expect(&send(&scene, method, &unknown, &client.token, &json!({})).await, 401, "invalid_token");
    }
    // An application that an operator made has no registration.
    let app = scene.app().await.id;
    expect(&send(&scene, "GET", &format!("{CLIENTS}/{app}"), &client.token, &json!({})).await, 401, "invalid_token");
    for wrong in [
        json!({}),
        json!({ "client_id": other.id }),
        json!({ "client_id": client.id, "client_secret": other.secret }),
        json!({ "client_id": client.id, "marque_device": other_did().to_string() }),
        json!({ "client_id": client.id, "registration_access_token": client.token }),
    ] {
        let answer = send(&scene, "PUT", &client.path, &client.token, &metadata(wrong)).await;
        expect(&answer, 400, "invalid_client_metadata");
    }
    assert_eq!(ask(&scene, &client.id, &client.secret, "meters:read").await.status, 200, "it is as it was");
}

#[tokio::test]
async fn a_client_may_authenticate_by_its_keys_and_change_how() {
    let scene = Scene::new().await;
    let by_keys = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": keys() });
    let client = register(&scene, by_keys.clone()).await;
    assert_eq!((client.secret.as_str(), &client.answer["jwks"]), ("", &keys()));
    let assertion = |id: &str| {
        let now_s = scene.now_ms() / 1000;
        let claims = json!({
            "iss": client.id, "sub": client.id, "aud": URL, "exp": now_s + 60, "iat": now_s, "jti": id,
        });
        encode(&form(&sign(&device_key(), &claims), "meters:read"))
    };
    assert_eq!(scene.post(TOKEN, &assertion("1")).await.status, 200);
    let by_secret = json!({ "client_id": client.id, "token_endpoint_auth_method": "client_secret_post" });
    let changed = send(&scene, "PUT", &client.path, &client.token, &metadata(by_secret)).await;
    assert_eq!(changed.body["token_endpoint_auth_method"], "client_secret_post", "{}", changed.body);
    let secret = changed.body["client_secret"].as_str().unwrap();
    assert_eq!(ask(&scene, &client.id, secret, "meters:read").await.status, 200);
    assert_eq!(scene.post(TOKEN, &assertion("2")).await.status, 401, "its keys count no more");
    let mut back = by_keys;
    back["client_id"] = json!(client.id);
    assert_eq!(send(&scene, "PUT", &client.path, &client.token, &metadata(back)).await.status, 200);
    assert_eq!(ask(&scene, &client.id, secret, "meters:read").await.status, 401, "and neither does its secret");
    assert!(scene.gateway.app(&client.id).unwrap().secrets.is_empty());
    assert_eq!(scene.post(TOKEN, &assertion("3")).await.status, 200);
}

#[tokio::test]
async fn a_client_is_one_of_the_server_that_it_registered_at() {
    let scene = Scene::new().await;
    let client = register(&scene, json!({})).await;
    let (gateway, caller) = (&scene.gateway, Caller::default());
    let second = ServerDocument { name: "second".into(), issuer: NEIGHBOUR, url: NEIGHBOUR_URL.into(), ..server() };
    gateway.put_server(by(&caller), &second).await.unwrap();
    gateway.put_policy(by(&caller), "second", &policy()).await.unwrap();
    let grant = "grant_type=client_credentials&scope=meters:read";
    let form = format!("{grant}&client_id={}&client_secret={}", client.id, client.secret);
    assert_eq!(scene.post("/oauth2/second/v1/token", &form).await.status, 401);
    let path = client.path.replace("default", "second");
    expect(&send(&scene, "GET", &path, &client.token, &json!(null)).await, 401, "invalid_token");
    assert_eq!(scene.post(TOKEN, &form).await.status, 200);
}

#[tokio::test]
async fn registrations_are_counted() {
    let scene = Scene::new().await;
    let limits = Limits { per_server: 2, ..Limits::default() };
    let scene = scene.beside(scene.store.clone(), Parts { limits, ..scene.gateway_parts() }).await;
    let send = async || send(&scene, "POST", CLIENTS, "x.y", &json!({})).await;
    for left in ["1", "0"] {
        assert_eq!(send().await.header("x-rate-limit-remaining"), Some(left));
    }
    let answer = send().await;
    assert_eq!((answer.status.as_u16(), &answer.body["errorCode"]), (429, &json!("E0000047")));
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn the_endpoint_is_named_and_operators_make_its_tokens() {
    let scene = Scene::new().await;
    let described = scene.get("/oauth2/default/.well-known/oauth-authorization-server").await;
    assert_eq!(described.body["registration_endpoint"], format!("{URL}/v1/clients"));
    let officer = scene.gateway.create_operator(by(&Caller::default()), "test", Role::SecurityOfficer, 60_000).await;
    let officer = officer.unwrap().token;
    let path = "/api/v1/initial-access-tokens";
    let new = json!({ "name": "plant", "devices": "every", "registrations": 1, "lifetime_ms": 60_000 });
    let made = send(&scene, "POST", path, &officer, &new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, token) = (made.body["id"].as_str().unwrap(), made.body["token"].as_str().unwrap());
    let list = send(&scene, "GET", path, &officer, &json!(null)).await.body;
    assert_eq!((&list[0]["id"], &list[0]["registrations_left"], list[0].get("token")), (&json!(id), &json!(1), None));
    assert!(!list.to_string().contains("mac"));
    assert_eq!(send(&scene, "POST", CLIENTS, token, &metadata(json!({}))).await.status, 201);
    for wrong in [json!({ "name": "", "devices": "every", "registrations": 1, "lifetime_ms": 1 }), json!({})] {
        assert_eq!(send(&scene, "POST", path, &officer, &wrong).await.status, 400);
    }
    let one = format!("{path}/{id}");
    assert_eq!(send(&scene, "DELETE", &one, &officer, &json!(null)).await.status, 204);
    assert_eq!(send(&scene, "DELETE", &one, &officer, &json!(null)).await.status, 404);
}
