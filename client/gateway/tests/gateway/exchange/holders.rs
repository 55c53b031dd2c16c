//! Who may show a token, and for which device: by its key, for another device, as an application, and by trust on the chain.

use axum::http::Request;
use data_encoding::BASE64URL_NOPAD;
use marque_gateway::{
    GrantType,
    exchange::{MarqueIssuer, Source, SubjectMapping},
    log::Caller,
    operate::NewApp,
    settings::ServerDocument,
};
use marque_sdk::{
    Account, Seed, Signer,
    primitives::{Status, token::Confirmation},
    token::{Jwk, read_jwt},
};
use serde_json::{Value, json};

use super::{GRANT, JWT, exchange, expect, mapping, said, scene, scene_with, set, show, token};
use crate::{
    assertion::{encode, form},
    scene::{NEIGHBOUR, NEIGHBOUR_URL, Scene, TOKEN, URL, by, device_key, did, new_app, other_did, policy, server},
    signed::by_account,
};

const SECOND_TOKEN: &str = "/oauth2/second/v1/token";

#[tokio::test]
async fn a_token_that_is_bound_to_a_key_needs_that_key() {
    let scene = scene().await;
    let thumbprint =
        |key: &Account| BASE64URL_NOPAD.encode(&Jwk::from_public_key(&key.public_key()).unwrap().thumbprint());
    let own = token(&scene, json!({ "cnf": { "jkt": thumbprint(&device_key()) } }));
    assert_eq!(exchange(&scene, &own, &[]).await.status, 200, "it signed the assertion");
    let holder = Account::ed25519(&Seed::from_bytes(&[23; 32].into()));
    let bound = token(&scene, json!({ "cnf": { "jkt": thumbprint(&holder) } }));
    expect(&exchange(&scene, &bound, &[]).await, 400, "invalid_request", "prove to have it");
    let proven = async |key: &Account, nonce: Option<&str>| {
        let jwk = Jwk::from_public_key(&key.public_key()).unwrap().to_json();
        let header = json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": jwk });
        let claims = json!({
            "jti": format!("{nonce:?}"), "htm": "POST", "htu": format!("{URL}/v1/token"),
            "iat": scene.now_ms() / 1000, "nonce": nonce,
        });
        let request = Request::post(TOKEN).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("dpop", by_account(&header, &claims, key));
        scene.send(request.body(show(&scene, &bound, &[]).into()).unwrap()).await
    };
    let asked = proven(&holder, None).await;
    let nonce = asked.header("dpop-nonce").unwrap();
    let answer = proven(&holder, Some(nonce)).await;
    let claims = read_jwt(answer.body["access_token"].as_str().unwrap()).unwrap().claims;
    let expected = Jwk::from_public_key(&holder.public_key()).unwrap().thumbprint();
    assert_eq!(claims.confirmation, Some(Confirmation::Thumbprint(expected)));
    assert_eq!(answer.body["token_type"], "DPoP");
    expect(&proven(&device_key(), Some(nonce)).await, 400, "invalid_request", "prove to have it");
}

#[tokio::test]
async fn a_token_that_is_bound_is_exchanged_for_one_that_is_bound_again() {
    let scene = scene().await;
    scene.chain.register(other_did(), 7);
    let thumbprint = Jwk::from_public_key(&device_key().public_key()).unwrap().thumbprint();
    let own_key = json!({ "jkt": BASE64URL_NOPAD.encode(&thumbprint) });
    let for_other = |confirmation: Value| token(&scene, json!({ "serial": "B2", "cnf": confirmation }));
    let unbound = exchange(&scene, &token(&scene, json!({ "serial": "B2" })), &[]).await;
    assert_eq!(unbound.status, 200, "{}", unbound.body);
    expect(&exchange(&scene, &for_other(own_key), &[]).await, 400, "invalid_dpop_proof", "send a proof");
}

#[tokio::test]
async fn a_client_may_speak_for_another_device_that_is_in_use() {
    let scene = scene().await;
    let for_other = |changed: Value| {
        let mut changed = changed;
        changed["serial"] = json!("B2");
        token(&scene, changed)
    };
    expect(&exchange(&scene, &for_other(json!({})), &[]).await, 400, "invalid_request", "not active");
    scene.chain.register(other_did(), 7);
    let answer = exchange(&scene, &for_other(json!({})), &[]).await;
    assert_eq!(said(&answer)["act"], json!({ "sub": did().to_string() }));
    let claims = read_jwt(answer.body["access_token"].as_str().unwrap()).unwrap().claims;
    assert_eq!((claims.subject, claims.epoch), (other_did().into(), 7));
    assert_eq!(claims.client_id, did().to_string());
    assert_eq!(claims.confirmation, None, "the client's key is none of that device");
    let before = json!({ "sub": "somebody" });
    let chained = exchange(&scene, &for_other(json!({ "act": before })), &[]).await;
    assert_eq!(said(&chained)["act"], json!({ "sub": did().to_string(), "act": before }));
    let named = for_other(json!({ "may_act": { "sub": did().to_string() } }));
    assert_eq!(exchange(&scene, &named, &[]).await.status, 200);
    for status in [Status::Suspended, Status::Revoked] {
        scene.chain.others.lock().unwrap().get_mut(&other_did().device).unwrap().status = status;
        expect(&exchange(&scene, &for_other(json!({})), &[]).await, 400, "invalid_request", "not active");
    }
    assert_eq!(exchange(&scene, &token(&scene, json!({})), &[]).await.status, 200, "its own device is in use");
}

#[tokio::test]
async fn an_application_needs_the_grant_type_a_device_in_use_and_keeps_to_its_scopes() {
    let scene = scene().await;
    let caller = Caller::default();
    scene.chain.register(other_did(), 7);
    scene.chain.grant(&["meters:write"]);
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let shown = token(&scene, json!({ "serial": "B2", "scope": "read admin" }));
    let ask = async || {
        let form = [
            ("grant_type", GRANT.to_owned()),
            ("client_id", id.clone()),
            ("client_secret", secret.clone()),
            ("subject_token", shown.clone()),
            ("subject_token_type", JWT.into()),
        ];
        scene.post(TOKEN, &encode(&form)).await
    };
    expect(&ask().await, 400, "unauthorized_client", "");
    let mut new = NewApp { grant_types: [GrantType::TokenExchange].into(), ..new_app() };
    scene.gateway.update_app(by(&caller), &id, &new).await.unwrap();
    let answer = ask().await;
    let said = said(&answer);
    assert_eq!((&said["scope"], &said["cid"]), (&json!("meters:read meters:write"), &json!(id)));
    assert_eq!((&said["sub"], &said["act"]["sub"]), (&json!(other_did().to_string()), &json!(did().to_string())));
    new.scopes = Some(set(&["meters:write", "doors:open"]));
    scene.gateway.update_app(by(&caller), &id, &new).await.unwrap();
    assert_eq!(ask().await.body["scope"], "meters:write");
    new.scopes = Some(set(&["doors:open"]));
    scene.gateway.update_app(by(&caller), &id, &new).await.unwrap();
    expect(&ask().await, 400, "invalid_scope", "none of these");
    scene.chain.device.lock().unwrap().as_mut().unwrap().status = Status::Suspended;
    expect(&ask().await, 401, "invalid_client", "not active");
}

/// A token of the other authorization server on the chain, which this gateway serves too.
async fn of_neighbour(scene: &Scene, scope: &str) -> String {
    let assertion = scene.assertion_for(NEIGHBOUR_URL);
    let answer = scene.post(SECOND_TOKEN, &encode(&form(&assertion, scope))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_of_another_server_of_the_chain_is_worth_what_the_trust_says() {
    let scene = scene_with(|federation| {
        federation.source = Source::Marque(MarqueIssuer { issuer: NEIGHBOUR, audiences: set(&["api://default"]) });
        federation.subject = SubjectMapping::DidClaim { claim: "sub".into() };
        federation.scopes = vec![mapping("meters:read", &["meters:read"]), mapping("meters:write", &["meters:write"])];
    })
    .await;
    let (gateway, caller) = (&scene.gateway, Caller::default());
    let second = ServerDocument { name: "second".into(), issuer: NEIGHBOUR, url: NEIGHBOUR_URL.into(), ..server() };
    gateway.put_server(by(&caller), &second).await.unwrap();
    gateway.put_policy(by(&caller), "second", &policy()).await.unwrap();
    scene.chain.grant(&["meters:write"]);
    let shown = of_neighbour(&scene, "meters:read meters:write").await;
    expect(&exchange(&scene, &shown, &[]).await, 400, "invalid_request", "trusted");
    scene.chain.trusted.lock().unwrap().insert("meters:read".into());
    let answer = exchange(&scene, &shown, &[]).await;
    assert_eq!((said(&answer)["iss"].as_str(), answer.body["scope"].as_str()), (Some(URL), Some("meters:read")));

    let mut revoke = form(&scene.assertion_for(NEIGHBOUR_URL), "");
    revoke.push(("token", shown.clone()));
    assert_eq!(scene.post("/oauth2/second/v1/revoke", &encode(&revoke)).await.status, 200);
    expect(&exchange(&scene, &shown, &[]).await, 400, "invalid_request", "not good");
    let other = of_neighbour(&scene, "meters:read").await;
    scene.chain.is_fresh.store(false, std::sync::atomic::Ordering::SeqCst);
    expect(&exchange(&scene, &other, &[]).await, 503, "temporarily_unavailable", "chain");
}
