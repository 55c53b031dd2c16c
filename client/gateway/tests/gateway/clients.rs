//! Clients that show a secret.

use axum::http::Request;
use data_encoding::BASE64;
use marque_gateway::{
    log::Caller,
    operate::{ChangeError, NewApp},
    settings::{AppError, SettingsError},
};
use marque_sdk::{primitives::Status, token::read_jwt};

use crate::scene::{Answer, Scene, TOKEN, by, did, new_app};

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
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
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
    let (id, other) = (scene.app().await.id, scene.app().await.id);
    let (_, secret) = scene.secret(&id).await;
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
    let (gateway, caller) = (&scene.gateway, Caller::default());
    let id = scene.app().await.id;
    let (old_id, old) = scene.secret(&id).await;
    let (new_id, new) = scene.secret(&id).await;
    let third = gateway.create_secret(by(&caller), &id).await.unwrap_err();
    assert!(matches!(third, ChangeError::Settings(SettingsError::App(AppError::TooManySecrets))), "two count");
    for secret in [&old, &new] {
        assert_eq!(by_form(&scene, &id, secret).await.status, 200);
    }
    let deleted = gateway.delete_secret(by(&caller), &id, &old_id).await;
    assert!(matches!(deleted, Err(ChangeError::NotAllowed(_))), "it still counts");
    gateway.set_secret_active(by(&caller), &id, &old_id, false).await.unwrap();
    assert_eq!(by_form(&scene, &id, &old).await.status, 401);
    assert_eq!(by_form(&scene, &id, &new).await.status, 200);
    gateway.delete_secret(by(&caller), &id, &old_id).await.unwrap();
    let again = gateway.set_secret_active(by(&caller), &id, &old_id, true).await;
    assert!(matches!(again, Err(ChangeError::NotFound("secret"))));
    let kept = scene.store_text().await;
    assert!(!kept.contains(&old) && !kept.contains(&new) && kept.contains(&new_id), "secrets are not kept");
}

#[tokio::test]
async fn an_application_that_is_not_active_gets_nothing_and_can_be_deleted() {
    let scene = Scene::new().await;
    let (gateway, caller) = (&scene.gateway, Caller::default());
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    assert!(matches!(gateway.delete_app(by(&caller), &id).await, Err(ChangeError::NotAllowed(_))));
    gateway.set_app_active(by(&caller), &id, false).await.unwrap();
    assert_eq!(by_form(&scene, &id, &secret).await.status, 401);
    gateway.delete_app(by(&caller), &id).await.unwrap();
    assert_eq!(by_form(&scene, &id, &secret).await.status, 401);
    assert!(matches!(gateway.delete_app(by(&caller), &id).await, Err(ChangeError::NotFound(_))));
}

#[tokio::test]
async fn applications_that_do_not_fit_are_refused() {
    let scene = Scene::new().await;
    let (gateway, caller) = (&scene.gateway, Caller::default());
    for bad in [
        NewApp { label: String::new(), ..new_app() },
        NewApp { label: "a\nb".into(), ..new_app() },
        NewApp { device: "did:web:example.org".into(), ..new_app() },
        NewApp { grant_types: [].into(), ..new_app() },
        NewApp { labels: (0..33).map(|n| format!("l{n}")).collect(), ..new_app() },
    ] {
        assert!(matches!(gateway.create_app(by(&caller), &bad).await, Err(ChangeError::Settings(_))), "{bad:?}");
    }
}
