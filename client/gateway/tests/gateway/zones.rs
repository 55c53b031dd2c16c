//! Network zones through the operators' API, with each of the refusals.

use marque_gateway::{Rule, settings::Role};
use serde_json::{Value, json};

use crate::{
    operators::{expect, send, token},
    scene::{Answer, Scene, did, rule, set},
};

const ZONES: &str = "/api/v1/zones";

fn zone(name: &str, gateways: Value) -> Value {
    json!({ "name": name, "is_active": true, "gateways": gateways })
}

async fn put(scene: &Scene, operator: &str, name: &str, zone: Value) -> Answer {
    send(scene, operator, "PUT", &format!("{ZONES}/{name}"), Some(zone)).await
}

async fn delete(scene: &Scene, operator: &str, name: &str) -> Answer {
    send(scene, operator, "DELETE", &format!("{ZONES}/{name}"), None).await
}

#[tokio::test]
async fn a_zone_is_put_in_shown_changed_and_taken_out() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let plant = zone("plant", json!(["10.1.0.0/16", "2001:db8::/32"]));
    let made = put(&scene, &operator, "plant", plant.clone()).await;
    assert_eq!((made.status.as_u16(), &made.body), (200, &plant));
    put(&scene, &operator, "lab", zone("lab", json!(["10.2.0.0/16"]))).await;
    let list = send(&scene, &operator, "GET", ZONES, None).await.body;
    assert_eq!((&list[0]["name"], &list[1]), (&json!("lab"), &plant), "in the order of their names");
    let changed = zone("plant", json!(["10.3.0.0/16"]));
    assert_eq!(put(&scene, &operator, "plant", changed.clone()).await.status, 200);
    assert_eq!(send(&scene, &operator, "GET", "/api/v1/zones/plant", None).await.body, changed);
    assert_eq!(delete(&scene, &operator, "plant").await.status, 204);
    expect(&delete(&scene, &operator, "plant").await, 404, "E0000007");
    expect(&send(&scene, &operator, "GET", "/api/v1/zones/plant", None).await, 404, "E0000007");
    let events = scene.events().await;
    let types: Vec<_> = events.iter().filter_map(|event| event["eventType"].as_str()).collect();
    assert_eq!(types, ["zone.create", "zone.create", "zone.update", "zone.delete"]);
}

#[tokio::test]
async fn a_zone_that_something_names_stays() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    for name in ["named", "excepted", "of-app", "free"] {
        put(&scene, &operator, name, zone(name, json!(["10.0.0.0/8"]))).await;
    }
    let named = Rule { zones: set(&["named"]), is_active: false, ..rule("a", 1) };
    let excepted = Rule { except_zones: set(&["excepted"]), ..rule("b", 2) };
    scene.set_rules(vec![named, excepted]).await;
    let app = json!({ "label": "x", "device": did().to_string(), "zones": ["of-app"] });
    let app = send(&scene, &operator, "POST", "/api/v1/apps", Some(app)).await.body;
    for name in ["named", "excepted", "of-app"] {
        let refused = delete(&scene, &operator, name).await;
        expect(&refused, 400, "E0000001");
        let said = refused.body["errorCauses"][0]["errorSummary"].as_str().unwrap();
        assert!(said.contains(name), "{said}");
        assert_eq!(send(&scene, &operator, "GET", &format!("{ZONES}/{name}"), None).await.status, 200);
    }
    assert_eq!(delete(&scene, &operator, "free").await.status, 204);
    scene.set_rules(vec![rule("c", 1)]).await;
    let path = format!("/api/v1/apps/{}", app["client_id"].as_str().unwrap());
    let without = json!({ "label": "x", "device": did().to_string() });
    assert_eq!(send(&scene, &operator, "PUT", &path, Some(without)).await.status, 200);
    for name in ["named", "excepted", "of-app"] {
        assert_eq!(delete(&scene, &operator, name).await.status, 204);
    }
}

#[tokio::test]
async fn zones_that_do_not_fit_are_refused() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let mut unknown = zone("plant", json!(["10.0.0.0/8"]));
    unknown["proxies"] = json!([]);
    for (bad, cause) in [
        (zone("plant", json!([])), "1 to 256"),
        (zone("plant", json!(vec!["10.0.0.0/8"; 257])), "1 to 256"),
        (zone("plant", json!(["10.0.0.1/8"])), "10.0.0.0"),
        (zone("plant", json!(["::ffff:10.0.0.0/104"])), "IPv4"),
        (zone("plant", json!(["10.0.0.0"])), "invalid"),
        (zone("plant", json!(["10.0.0.0/33"])), "invalid"),
        (zone("other", json!(["10.0.0.0/8"])), "different zones"),
        (unknown, "unknown field"),
    ] {
        let answer = put(&scene, &operator, "plant", bad.clone()).await;
        expect(&answer, 400, "E0000001");
        let said = answer.body["errorCauses"][0]["errorSummary"].as_str().unwrap();
        assert!(said.contains(cause), "{bad}: {said}");
    }
    assert_eq!(send(&scene, &operator, "GET", ZONES, None).await.body, json!([]));
    let app = json!({ "label": "x", "device": did().to_string(), "zones": ["nowhere"] });
    expect(&send(&scene, &operator, "POST", "/api/v1/apps", Some(app)).await, 400, "E0000001");
    let reader = token(&scene, Role::Reader).await;
    expect(&put(&scene, &reader, "plant", zone("plant", json!(["10.0.0.0/8"]))).await, 403, "E0000006");
}

#[tokio::test]
async fn a_change_of_a_zone_counts_at_once() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let ask = async || scene.call("meters:read").at("10.1.0.1").send(&scene).await.status.as_u16();
    put(&scene, &operator, "plant", zone("plant", json!(["10.1.0.0/16"]))).await;
    scene.set_rules(vec![Rule { zones: set(&["plant"]), ..rule("here", 1) }]).await;
    assert_eq!(ask().await, 200);
    put(&scene, &operator, "plant", zone("plant", json!(["10.2.0.0/16"]))).await;
    assert_eq!(ask().await, 401);
    let mut off = zone("plant", json!(["10.1.0.0/16"]));
    put(&scene, &operator, "plant", off.clone()).await;
    assert_eq!(ask().await, 200);
    off["is_active"] = false.into();
    put(&scene, &operator, "plant", off).await;
    assert_eq!(ask().await, 401, "nobody is in a zone that is not active");
}
