//! Rules that want a client to prove more than one thing.

use std::collections::BTreeSet;

use marque_gateway::{
    Factor, Rule, SECOND_SECRET,
    operate::{NewApp, NewDevice},
};
use serde_json::json;

use crate::{
    call::Call,
    certificates::{by_thumbprint, shown},
    scene::{Scene, by, did, new_app, rule},
};

async fn scene_wanting(factors: &[Factor]) -> Scene {
    let scene = Scene::new().await;
    scene.set_rules(vec![Rule { factors: factors.iter().copied().collect(), ..rule("two", 1) }]).await;
    scene
}

async fn device_secret(scene: &Scene) -> String {
    let new = scene.gateway.create_device_secret(by(&Default::default()), &did().to_string()).await.unwrap();
    new.secret.to_string()
}

#[tokio::test]
async fn a_devices_key_and_its_certificate() {
    let scene = scene_wanting(&[Factor::DeviceKey, Factor::Certificate]).await;
    let (certificate, other) = (shown("a", false), shown("a", true));
    let ask = || scene.call("meters:read");
    ask().showing(&certificate).send(&scene).await.expect_refused(401, "access_denied");
    scene.put_device(&NewDevice { certificate: Some(by_thumbprint(&certificate)), ..NewDevice::default() }).await;
    let answer = ask().showing(&certificate).send(&scene).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    ask().send(&scene).await.expect_refused(401, "access_denied");
    // Another certificate may be that of a proxy: it proves nothing, and is nothing wrong.
    ask().showing(&other).send(&scene).await.expect_refused(401, "access_denied");
    let alone = Call::new("meters:read").with("client_id", &did().to_string()).showing(&certificate);
    alone.send(&scene).await.expect_refused(401, "invalid_client");
    let events = scene.events().await;
    let proved: Vec<_> = events.iter().map(|event| &event["debugContext"]["debugData"]["factors"]).collect();
    let key = json!(["device_key"]);
    assert_eq!(proved, [&key, &json!(["device_key", "certificate"]), &key, &key, &json!(null)]);
}

#[tokio::test]
async fn a_devices_key_and_its_secret() {
    let scene = scene_wanting(&[Factor::DeviceKey, Factor::Secret]).await;
    let ask = |secret: &str| scene.call("meters:read").with(SECOND_SECRET, secret);
    ask("guessed").send(&scene).await.expect_refused(401, "invalid_client");
    scene.put_device(&NewDevice::default()).await;
    let secret = device_secret(&scene).await;
    assert_eq!(ask(&secret).send(&scene).await.status, 200);
    scene.ask("meters:read").await.expect_refused(401, "access_denied");
    ask("guessed").send(&scene).await.expect_refused(401, "invalid_client");
    let alone = Call::by_secret(&did().to_string(), &secret, "meters:read").send(&scene).await;
    alone.expect_refused(401, "invalid_client");
    let (_, of_app) = scene.secret(&scene.app().await.id).await;
    ask(&of_app).send(&scene).await.expect_refused(401, "invalid_client");
    let next = device_secret(&scene).await;
    ask(&secret).send(&scene).await.expect_refused(401, "invalid_client");
    assert_eq!(ask(&next).send(&scene).await.status, 200, "it took the place of the one before");
    assert!(!scene.store_text().await.contains(&next));
}

#[tokio::test]
async fn a_wrong_second_secret_is_refused_even_where_no_rule_wants_one() {
    let scene = Scene::new().await;
    let assertion = scene.assertion();
    let call = || Call::by_assertion(&assertion, "meters:read");
    call().with(SECOND_SECRET, "guessed").send(&scene).await.expect_refused(401, "invalid_client");
    call().send(&scene).await.expect_refused(401, "invalid_client");
}

#[tokio::test]
async fn an_applications_secret_and_its_certificate() {
    let scene = scene_wanting(&[Factor::Secret, Factor::Certificate]).await;
    let certificate = shown("a", false);
    let id = scene.put_app(&NewApp { certificate: Some(by_thumbprint(&certificate)), ..new_app() }).await.id;
    let (_, secret) = scene.secret(&id).await;
    let call = || Call::by_secret(&id, &secret, "meters:read");
    assert_eq!(call().showing(&certificate).send(&scene).await.status, 200);
    call().send(&scene).await.expect_refused(401, "access_denied");
    call().showing(&shown("a", true)).send(&scene).await.expect_refused(401, "access_denied");
    let wrong = Call::by_secret(&id, "guessed", "meters:read").showing(&certificate);
    wrong.send(&scene).await.expect_refused(401, "invalid_client");
    scene.ask("meters:read").await.expect_refused(401, "access_denied");
}

#[tokio::test]
async fn a_rule_that_wants_more_stands_before_one_that_gives_less() {
    let scene = Scene::new().await;
    let strong = Rule { factors: BTreeSet::from([Factor::Certificate]), lifetime_s: 3600, ..rule("strong", 1) };
    scene.set_rules(vec![strong, rule("weak", 2)]).await;
    let certificate = shown("a", false);
    scene.put_device(&NewDevice { certificate: Some(by_thumbprint(&certificate)), ..NewDevice::default() }).await;
    assert_eq!(scene.call("meters:read").showing(&certificate).send(&scene).await.body["expires_in"], 3600);
    assert_eq!(scene.ask("meters:read").await.body["expires_in"], 600);
}

#[tokio::test]
async fn a_second_secret_goes_with_an_assertion_alone() {
    let scene = Scene::new().await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let twice = Call::by_secret(&id, &secret, "meters:read").with(SECOND_SECRET, &secret);
    twice.send(&scene).await.expect_refused(400, "invalid_request");
    let two_methods = scene.call("meters:read").with("client_secret", "x").send(&scene).await;
    two_methods.expect_refused(401, "invalid_request");
}
