//! Policies through the operators' API, with each of the refusals.

use marque_gateway::settings::Role;
use serde_json::{Value, json};

use crate::{
    operators::{expect, send, token},
    scene::{Scene, policy},
};

const POLICIES: &str = "/api/v1/authorizationServers/default/policies";

/// The policy of the scene, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut policy = serde_json::to_value(policy()).unwrap();
    change(&mut policy);
    policy
}

/// The policy of the scene, with one thing of its rule changed.
fn with(name: &str, value: Value) -> Value {
    changed(|policy| policy["rules"][0][name] = value)
}

async fn put(scene: &Scene, operator: &str, name: &str, policy: Value) -> crate::scene::Answer {
    send(scene, operator, "PUT", &format!("{POLICIES}/{name}"), Some(policy)).await
}

#[tokio::test]
async fn a_policy_is_put_in_shown_changed_and_taken_out() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let second = |priority: u32| changed(|policy| (policy["name"], policy["priority"]) = ("x".into(), priority.into()));
    let names = async || {
        let list = send(&scene, &operator, "GET", POLICIES, None).await.body;
        let names = list.as_array().unwrap().iter().map(|policy| policy["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let made = put(&scene, &operator, "x", second(2)).await;
    assert_eq!((made.status.as_u16(), &made.body), (200, &second(2)));
    assert_eq!(names().await, ["devices", "x"]);
    put(&scene, &operator, "devices", changed(|policy| policy["priority"] = 3.into())).await;
    assert_eq!(names().await, ["x", "devices"], "in their order");
    let path = format!("{POLICIES}/x");
    assert_eq!(send(&scene, &operator, "GET", &path, None).await.body, second(2));
    assert_eq!(send(&scene, &operator, "DELETE", &path, None).await.status, 204);
    for method in ["GET", "DELETE"] {
        expect(&send(&scene, &operator, method, &path, None).await, 404, "E0000007");
    }
    send(&scene, &operator, "DELETE", &format!("{POLICIES}/devices"), None).await;
    scene.ask("meters:read").await.expect_refused(401, "access_denied");
    let events = scene.events().await;
    let types: Vec<_> = events.iter().filter_map(|event| event["eventType"].as_str()).collect();
    let created = ["policy.lifecycle.create", "policy.lifecycle.update", "policy.lifecycle.delete"];
    assert_eq!(types[..3], created);
}

#[tokio::test]
async fn rules_that_do_not_fit_are_refused() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let scopes = |count: usize| (0..count).map(|n| format!("meters:s{n}")).collect::<Vec<_>>();
    let never = json!([{ "days": ["monday"], "from": "08:00", "to": "08:00" }]);
    let no_day = json!([{ "days": [], "from": "08:00", "to": "09:00" }]);
    for (name, value, cause) in [
        ("scopes", json!([]), "scopes"),
        ("scopes", json!(["*"]), "scopes"),
        ("scopes", json!(["meters:*"]), "scopes"),
        ("scopes", json!(scopes(17)), "every client"),
        ("lifetime_s", json!(59), "60 to 86400"),
        ("lifetime_s", json!(86_401), "60 to 86400"),
        ("lifetime_s", json!(3601), "every client"),
        ("audience", json!([]), "audiences"),
        ("audience", json!(["*"]), "audiences"),
        ("audience", json!(["a:1", "a:2", "a:3", "a:4", "a:5"]), "audiences"),
        ("grant_types", json!([]), "grant type"),
        ("grant_types", json!(["password"]), "unknown variant"),
        ("zones", json!(["nowhere"]), "`nowhere`"),
        ("except_zones", json!(["nowhere"]), "`nowhere`"),
        ("times", never, "time windows"),
        ("times", no_day, "time windows"),
        ("times", json!([{ "days": ["monday"], "from": "8", "to": "9" }]), "HH:MM"),
        ("factors", json!(["password"]), "unknown variant"),
        ("claims", json!({ "iss": "https://other.example" }), "claims"),
        ("claims", json!({ "sites": "*" }), "claims"),
        ("claims", json!({ "x": "x".repeat(1024) }), "claims"),
        ("name", json!(""), "named"),
        ("colour", json!("red"), "unknown field"),
    ] {
        let answer = put(&scene, &operator, "devices", with(name, value.clone())).await;
        expect(&answer, 400, "E0000001");
        let said = answer.body["errorCauses"][0]["errorSummary"].as_str().unwrap();
        assert!(said.contains(cause), "{name} {value}: {said}");
    }
    assert_eq!(scene.ask("meters:read").await.status, 200, "the policy is as it was");
}

#[tokio::test]
async fn what_is_too_broad_for_every_client_is_not_for_some() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let mut long = with("lifetime_s", json!(86_400));
    assert_eq!(put(&scene, &operator, "devices", long.clone()).await.status, 400);
    long["clients"] = json!({ "matching": { "fleets": ["graz"] } });
    assert_eq!(put(&scene, &operator, "devices", long).await.status, 200);
}

#[tokio::test]
async fn policies_that_do_not_fit_are_refused() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let twice = |name: &str, priority: u32| {
        changed(|policy| {
            let mut rule = policy["rules"][0].clone();
            (rule["name"], rule["priority"]) = (name.into(), priority.into());
            policy["rules"].as_array_mut().unwrap().push(rule);
        })
    };
    for (policy, cause) in [
        (twice("meters", 2), "`meters`"),
        (twice("other", 1), "`other`"),
        (changed(|policy| policy["clients"] = json!({ "these": [] })), "must name 1 to 4096 clients"),
        (changed(|policy| policy["clients"] = json!({ "matching": {} })), "fleets"),
        (changed(|policy| policy["clients"] = json!({ "matching": { "fleets": ["*"] } })), "`*`"),
        (changed(|policy| policy["clients"] = json!({ "matching": { "labels": ["a*"] } })), "`*`"),
        (changed(|policy| policy["clients"] = json!("all")), "unknown variant"),
        (changed(|policy| policy["priority"] = json!(-1)), "invalid"),
        (changed(|policy| policy["name"] = "other".into()), "name different policies"),
    ] {
        let answer = put(&scene, &operator, "devices", policy.clone()).await;
        expect(&answer, 400, "E0000001");
        let said = answer.body["errorCauses"][0]["errorSummary"].as_str().unwrap();
        assert!(said.contains(cause), "{policy}: {said}");
    }
    let of_the_same_priority = changed(|policy| policy["name"] = "x".into());
    expect(&put(&scene, &operator, "x", of_the_same_priority).await, 400, "E0000001");
    let path = "/api/v1/authorizationServers/other/policies/devices";
    expect(&send(&scene, &operator, "PUT", path, Some(changed(|_| ()))).await, 404, "E0000007");
    assert_eq!(scene.ask("meters:read").await.status, 200, "the policy is as it was");
}

#[tokio::test]
async fn names_that_are_not_plain_are_found_under_their_own_path() {
    let scene = Scene::new().await;
    let operator = token(&scene, Role::Operator).await;
    let policy = |name: &str| changed(|policy| (policy["name"], policy["priority"]) = (name.into(), 2.into()));
    for (name, path) in [("a b/c", "a%20b%2Fc"), ("Zähler", "Z%C3%A4hler"), ("..", "%2E%2E")] {
        let answer = put(&scene, &operator, path, policy(name)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        let path = format!("{POLICIES}/{path}");
        assert_eq!(send(&scene, &operator, "GET", &path, None).await.body["name"], name);
        assert_eq!(send(&scene, &operator, "DELETE", &path, None).await.status, 204, "{name}");
    }
}

#[tokio::test]
async fn the_explanation_says_why_not() {
    let scene = Scene::new().await;
    let reader = token(&scene, Role::Reader).await;
    let path = "/api/v1/authorizationServers/default/explain";
    let ask = async |question: Value| send(&scene, &reader, "POST", path, Some(question)).await;
    let question = |scopes: &[&str]| json!({ "client_id": "x", "scopes": scopes });
    let allowed = ask(question(&["meters:read", "meters:erase"])).await.body;
    assert_eq!(allowed["steps"], json!([{ "policy": "devices", "rule": "meters", "verdict": "decides" }]));
    assert_eq!((&allowed["scopes"], &allowed["audience"]), (&json!(["meters:read"]), &json!(["api://default"])));
    let refused = ask(question(&["meters:erase"])).await.body;
    assert_eq!((&refused["steps"][0]["verdict"], &refused["scopes"]), (&json!("other_scopes"), &json!([])));
    let mut bad = question(&[]);
    bad["address"] = "here".into();
    expect(&ask(bad).await, 400, "E0000001");
    expect(&ask(json!({ "client_id": "x" })).await, 400, "E0000001");
    let elsewhere = "/api/v1/authorizationServers/other/explain";
    expect(&send(&scene, &reader, "POST", elsewhere, Some(question(&[]))).await, 404, "E0000007");
}
