//! What is known of devices beside the chain, through the operators' API.

use marque_gateway::{Factor, Rule, SECOND_SECRET, settings::Role};
use serde_json::{Value, json};

use crate::{
    certificates::{shown, thumbprint},
    operators::{expect, send, token},
    scene::{Answer, Scene, did, rule},
};

fn path() -> String {
    format!("/api/v1/devices/{}", did())
}

fn secrets() -> String {
    format!("{}/credentials/secrets", path())
}

async fn put(scene: &Scene, operator: &str, device: Value) -> Answer {
    send(scene, operator, "PUT", &path(), Some(device)).await
}

async fn wanting(factor: Factor) -> Scene {
    let scene = Scene::new().await;
    scene.set_rules(vec![Rule { factors: [factor].into(), ..rule("two", 1) }]).await;
    scene
}

#[tokio::test]
async fn a_secret_is_shown_once_and_stays_until_the_device_is_forgotten() {
    let scene = wanting(Factor::Secret).await;
    let officer = token(&scene, Role::SecurityOfficer).await;
    expect(&send(&scene, &officer, "POST", &secrets(), None).await, 404, "E0000007");
    let made = put(&scene, &officer, json!({ "fleet": "graz" })).await;
    assert_eq!(
        (made.status.as_u16(), &made.body["did"], &made.body["secrets"]),
        (200, &json!(did().to_string()), &json!([]))
    );
    let new = send(&scene, &officer, "POST", &secrets(), None).await;
    assert_eq!(new.status, 201, "{}", new.body);
    let secret = new.body["client_secret"].as_str().unwrap();
    let ask = async || scene.call("meters:read").with(SECOND_SECRET, secret).send(&scene).await.status.as_u16();
    assert_eq!(ask().await, 200);
    let changed = put(&scene, &officer, json!({ "fleet": "wien", "labels": ["tier=1"] })).await;
    assert_eq!((&changed.body["fleet"], &changed.body["labels"]), (&json!("wien"), &json!(["tier=1"])));
    assert_eq!(changed.body["secrets"][0]["id"], new.body["id"], "its secrets stay");
    assert_eq!(ask().await, 200);
    let list = send(&scene, &officer, "GET", "/api/v1/devices", None).await.body;
    assert_eq!(list, json!([changed.body]));
    let shown = list.to_string();
    assert!(!shown.contains(secret) && !shown.contains("mac") && !shown.contains("client_secret"), "{shown}");
    assert_eq!(send(&scene, &officer, "DELETE", &path(), None).await.status, 204);
    assert_eq!(ask().await, 401);
    expect(&send(&scene, &officer, "DELETE", &path(), None).await, 404, "E0000007");
}

#[tokio::test]
async fn a_certificate_is_known_by_what_the_operator_says() {
    let scene = wanting(Factor::Certificate).await;
    let operator = token(&scene, Role::Operator).await;
    let certificate = shown("meter-7", true);
    let thumbprint = String::from(thumbprint(&certificate));
    let ask = async || scene.call("meters:read").showing(&certificate).send(&scene).await.status.as_u16();
    for (binding, status) in [
        (json!({ "thumbprints": [thumbprint] }), 200),
        (json!({ "subject_dn": "CN=meter-7,O=Example" }), 200),
        (json!({ "subject_dn": "CN=meter-8,O=Example" }), 401),
        (json!({ "san_ip": "192.0.2.7" }), 200),
        (json!({ "san_dns": "*.example" }), 401),
        (Value::Null, 401),
    ] {
        let made = put(&scene, &operator, json!({ "certificate": binding })).await;
        assert_eq!((made.status.as_u16(), &made.body["certificate"]), (200, &binding), "{}", made.body);
        assert_eq!(ask().await, status, "{binding}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    for bad in [
        json!({ "labels": (0..33).map(|n| format!("l{n}")).collect::<Vec<_>>() }),
        json!({ "labels": [""] }),
        json!({ "labels": ["a\nb"] }),
        json!({ "fleet": "x".repeat(101) }),
        json!({ "secrets": [] }),
        json!({ "status": "ACTIVE" }),
        json!({ "certificate": { "thumbprints": [] } }),
        json!({ "certificate": { "thumbprints": ["AAAA"] } }),
        json!({ "certificate": { "subject_dn": "" } }),
        json!({ "certificate": { "subject_dn": "CN=a", "san_dns": "a" } }),
        json!({ "certificate": { "anything": "a" } }),
    ] {
        expect(&put(&scene, &operator, bad.clone()).await, 400, "E0000001");
    }
    for id in ["did:web:example.org", "0oa1", "did:marque:"] {
        let answer = send(&scene, &operator, "PUT", &format!("/api/v1/devices/{id}"), Some(json!({}))).await;
        expect(&answer, 400, "E0000001");
    }
    assert_eq!(send(&scene, &operator, "GET", "/api/v1/devices", None).await.body, json!([]));
}

#[tokio::test]
async fn each_role_does_its_own() {
    let scene = Scene::new().await;
    let (reader, operator) = (token(&scene, Role::Reader).await, token(&scene, Role::Operator).await);
    expect(&put(&scene, &reader, json!({})).await, 403, "E0000006");
    assert_eq!(put(&scene, &operator, json!({})).await.status, 200);
    expect(&send(&scene, &operator, "POST", &secrets(), None).await, 403, "E0000006");
    expect(&send(&scene, &reader, "DELETE", &path(), None).await, 403, "E0000006");
    assert_eq!(send(&scene, &reader, "GET", "/api/v1/devices", None).await.status, 200);
}
