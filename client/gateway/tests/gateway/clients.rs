//! Clients that show a secret.

use axum::http::Request;
use data_encoding::BASE64;
use marque_gateway::{ServiceClientError, StoreError};
use marque_sdk::{primitives::Status, token::read_jwt};

use crate::scene::{Answer, Scene, TOKEN, device_id, did};

const GRANT: &str = "grant_type=client_credentials&scope=meters:read";

async fn by_form(scene: &Scene, id: &str, secret: &str) -> Answer {
    scene.post(TOKEN, &format!("{GRANT}&client_id={id}&client_secret={secret}")).await
}

async fn by_header(scene: &Scene, id: &str, secret: &str) -> Answer {
    let basic = format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes()));
    let request =
        Request::post(TOKEN).header("content-type", "application/x-www-form-urlencoded").header("authorization", basic);
    scene.send(request.body(GRANT.to_owned().into()).unwrap()).await
}

#[tokio::test]
async fn a_client_gets_what_its_device_may_have_by_either_way() {
    let scene = Scene::new().await;
    let id = scene.gateway.register_client(device_id()).await.unwrap();
    let secret = scene.gateway.create_secret(&id).await.unwrap().secret;
    for answer in [by_form(&scene, &id, &secret).await, by_header(&scene, &id, &secret).await] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let claims = read_jwt(answer.body["access_token"].as_str().unwrap()).unwrap().claims;
        assert_eq!((claims.client_id.as_str(), claims.subject), (id.as_str(), did().into()));
        assert_eq!(claims.confirmation, None, "it proved to have no key");
    }
    scene.chain.device.lock().unwrap().as_mut().unwrap().status = Status::Suspended;
    let answer = by_form(&scene, &id, &secret).await;
    assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (401, Some("invalid_client")));
}

#[tokio::test]
async fn wrong_and_unknown_look_alike() {
    let scene = Scene::new().await;
    let id = scene.gateway.register_client(device_id()).await.unwrap();
    let other = scene.gateway.register_client(device_id()).await.unwrap();
    let secret = scene.gateway.create_secret(&id).await.unwrap().secret;
    let unknown = by_form(&scene, "0oaunknown", &secret).await;
    assert_eq!((unknown.status.as_u16(), unknown.body["error"].as_str()), (401, Some("invalid_client")));
    assert!(unknown.header("www-authenticate").is_some());
    for answer in [
        by_form(&scene, &id, "wrong").await,
        by_header(&scene, &id, "wrong").await,
        by_form(&scene, &other, &secret).await,
    ] {
        assert_eq!((answer.status, &answer.body), (unknown.status, &unknown.body));
    }
}

#[tokio::test]
async fn secrets_overlap_and_end() {
    let scene = Scene::new().await;
    let gateway = &scene.gateway;
    let id = gateway.register_client(device_id()).await.unwrap();
    let old = gateway.create_secret(&id).await.unwrap();
    let new = gateway.create_secret(&id).await.unwrap();
    let refused = |error| matches!(error, ServiceClientError::Store(StoreError::NotAllowed));
    assert!(refused(gateway.create_secret(&id).await.unwrap_err()), "two count");
    for secret in [&old, &new] {
        assert_eq!(by_form(&scene, &id, &secret.secret).await.status, 200);
    }
    assert!(refused(gateway.delete_secret(&id, &old.id).await.unwrap_err()), "it still counts");
    gateway.deactivate_secret(&id, &old.id).await.unwrap();
    assert_eq!(by_form(&scene, &id, &old.secret).await.status, 401);
    assert_eq!(by_form(&scene, &id, &new.secret).await.status, 200);
    gateway.delete_secret(&id, &old.id).await.unwrap();

    let events = serde_json::json!(scene.events().await).to_string();
    for name in ["create", "deactivate", "delete"] {
        assert!(events.contains(&format!("app.oauth2.credentials.lifecycle.{name}")), "{name}");
    }
    assert!(!events.contains(old.secret.as_str()) && !events.contains(new.secret.as_str()));
    assert!(!format!("{old:?}").contains(old.secret.as_str()));
}
