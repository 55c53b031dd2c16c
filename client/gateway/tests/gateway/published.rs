//! What the gateway gives out: tokens, keys, metadata, and what it writes down.

use marque_sdk::{
    Signer,
    primitives::token::Confirmation,
    token::{JwkSet, Jws, Jwt},
};
use serde_json::json;

use crate::scene::{Scene, URL, device_key, did};

#[tokio::test]
async fn a_token_has_the_claims_of_the_standard_and_oktas() {
    let scene = Scene::new().await;
    let answer = scene.ask("meters:read").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "scope", "token_type"]);
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(600)));

    let token = answer.body["access_token"].as_str().unwrap();
    let keys = scene.get("/oauth2/default/v1/keys").await;
    assert_eq!(keys.header("cache-control"), Some("public, max-age=300"));
    let keys = JwkSet::from_json(&keys.body.to_string()).unwrap();
    let jwt = Jwt::read(token).unwrap();
    let claims = jwt.verify(keys.key(&jwt.key_id).unwrap()).unwrap();
    assert_eq!((jwt.key_id.as_str(), claims.issuer.as_str()), ("3#key-0", URL));
    assert_eq!((claims.subject, claims.epoch), (did().into(), 2));
    assert_eq!(claims.confirmation, Some(Confirmation::Key(device_key().public_key())));

    let said = Jws::read(token).unwrap().claims;
    assert_eq!((&said["ver"], &said["cid"]), (&json!(1), &json!(did().to_string())));
    assert_eq!((&said["scp"], &said["scope"]), (&json!(["meters:read"]), &json!("meters:read")));
    assert!(said["jti"].as_str().unwrap().starts_with("AT."));
}

#[tokio::test]
async fn metadata_is_the_same_at_both_paths_and_names_what_exists() {
    let scene = Scene::new().await;
    let okta = scene.get("/oauth2/default/.well-known/oauth-authorization-server").await;
    let standard = scene.get("/.well-known/oauth-authorization-server/oauth2/default").await;
    assert_eq!((okta.status.as_u16(), &okta.body), (200, &standard.body));
    assert_eq!(okta.body["issuer"], URL);
    assert_eq!(okta.body["scopes_supported"], json!(["meters:read", "meters:write"]));
    for name in ["token_endpoint", "jwks_uri", "introspection_endpoint", "revocation_endpoint"] {
        let path = okta.body[name].as_str().unwrap().strip_prefix("https://as.example").unwrap();
        assert_ne!(scene.get(path).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn success_and_failure_are_written_down_without_secrets() {
    let scene = Scene::new().await;
    let good = scene.ask("meters:read").await;
    scene.ask("meters:write").await;
    scene.post(crate::scene::TOKEN, "grant_type=client_credentials&client_secret=hunter2").await;
    let events = scene.events().await;
    let outcomes: Vec<_> = events.iter().map(|event| (&event["eventType"], &event["outcome"]["reason"])).collect();
    let granted = json!("app.oauth2.as.token.grant.access_token");
    let refused = json!("app.oauth2.invalid_client_credentials");
    let (denied, invalid) = (json!("access_denied"), json!("invalid_client"));
    assert_eq!(outcomes, [(&granted, &json!(null)), (&granted, &denied), (&refused, &invalid)]);
    let jwt = Jwt::read(good.body["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(events[0]["target"][0]["id"], jwt.claims.token_id.as_str());
    assert_eq!(events[0]["actor"]["id"], did().to_string());
    assert_eq!(events[0]["debugContext"]["debugData"]["rule"], "meters");
    assert_eq!(events[1]["debugContext"]["debugData"]["requestedScopes"], "meters:write");
    let all = json!(events).to_string();
    assert!(!all.contains("hunter2") && !all.contains("eyJ"), "neither secrets nor tokens are in it");
}
