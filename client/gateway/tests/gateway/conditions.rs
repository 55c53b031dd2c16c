//! The conditions of policies and rules, as they decide requests. Whatever the token endpoint does, the explanation says too.

use std::collections::BTreeSet;

use marque_gateway::{
    Clients, GrantType, Policy, Rule,
    operate::{NewApp, NewDevice},
    policy::{Day, Matching, TimeOfDay, TimeWindow},
    settings::Role,
};
use marque_sdk::token::read_jwt;
use serde_json::{Value, json};

use crate::{
    call::Call,
    operators,
    scene::{Answer, Scene, did, new_app, policy, rule, set},
};

const EXPLAIN: &str = "/api/v1/authorizationServers/default/explain";
const DEVICE: &[&str] = &["device_key"];
const APP: &[&str] = &["secret"];

/// A request and the question that is about the same.
struct Asked {
    call: Call,
    question: Value,
}

impl Asked {
    /// By the device.
    fn by_device(scene: &Scene, scope: &str) -> Self {
        Self::of(scene, scene.call(scope), &did().to_string(), DEVICE, scope)
    }

    /// By an application.
    fn by_app(scene: &Scene, id: &str, secret: &str) -> Self {
        let scope = "meters:read";
        Self::of(scene, Call::by_secret(id, secret, scope), id, APP, scope)
    }

    fn of(scene: &Scene, call: Call, client_id: &str, factors: &[&str], scope: &str) -> Self {
        let scopes: Vec<&str> = scope.split(' ').collect();
        let roles = scene.chain.roles.lock().unwrap().clone();
        let question =
            json!({ "client_id": client_id, "scopes": scopes, "factors": factors, "roles": roles, "audience": [] });
        Self { call, question }
    }

    fn at(mut self, address: &str) -> Self {
        self.question["address"] = address.into();
        Self { call: self.call.at(address), ..self }
    }

    fn for_audience(mut self, parameter: &'static str, one: &str) -> Self {
        self.question["audience"].as_array_mut().unwrap().push(one.into());
        Self { call: self.call.with(parameter, one), ..self }
    }

    /// The answer, having checked that the explanation names the same rule and the same scopes.
    async fn answer(self, scene: &Scene) -> Answer {
        let reader = operators::token(scene, Role::Reader).await;
        let explained = operators::send(scene, &reader, "POST", EXPLAIN, Some(self.question)).await;
        assert_eq!(explained.status, 200, "{}", explained.body);
        let answer = self.call.send(scene).await;
        let events = scene.events().await;
        let decided_by = &events.last().unwrap()["debugContext"]["debugData"]["rule"];
        let last = explained.body["steps"].as_array().unwrap().last();
        let explained_by = last.filter(|step| step["verdict"] == "decides").map_or(&Value::Null, |step| &step["rule"]);
        assert_eq!(decided_by, explained_by, "{}", explained.body);
        if answer.status == 200 {
            let scopes: Vec<&str> = answer.body["scope"].as_str().unwrap().split(' ').collect();
            assert_eq!(explained.body["scopes"], json!(scopes), "the chain grants all of them here");
        }
        answer
    }

    async fn allowed(self, scene: &Scene) -> bool {
        let answer = self.answer(scene).await;
        if answer.status != 200 {
            answer.expect_refused(401, "access_denied");
        }
        answer.status == 200
    }
}

async fn for_clients(scene: &Scene, clients: Clients) {
    scene.put_policy(&Policy { clients, ..policy() }).await;
}

fn matching(fleets: &[&str], roles: &[&str], labels: &[&str]) -> Clients {
    Clients::Matching(Matching { fleets: set(fleets), roles: set(roles), labels: set(labels) })
}

fn known(fleet: Option<&str>, labels: &[&str]) -> NewDevice {
    NewDevice { fleet: fleet.map(str::to_owned), labels: set(labels), certificate: None }
}

#[tokio::test]
async fn fleets_and_labels() {
    let scene = Scene::new().await;
    for (clients, is_for_first, is_for_second) in [
        (matching(&["graz", "linz"], &[], &[]), true, false),
        (matching(&[], &[], &["tier=2", "tier=3"]), false, true),
        (matching(&["graz"], &[], &["tier=1"]), true, false),
        (matching(&["graz"], &[], &["tier=2"]), false, false),
        (matching(&["Graz"], &[], &[]), false, false),
    ] {
        for_clients(&scene, clients.clone()).await;
        scene.put_device(&known(None, &[])).await;
        assert!(!Asked::by_device(&scene, "meters:read").allowed(&scene).await, "{clients:?}");
        scene.put_device(&known(Some("graz"), &["tier=1"])).await;
        assert_eq!(Asked::by_device(&scene, "meters:read").allowed(&scene).await, is_for_first, "{clients:?}");
        scene.put_device(&known(Some("wien"), &["tier=2"])).await;
        assert_eq!(Asked::by_device(&scene, "meters:read").allowed(&scene).await, is_for_second, "{clients:?}");
    }
}

#[tokio::test]
async fn an_application_has_a_fleet_and_labels_of_its_own() {
    let scene = Scene::new().await;
    scene.put_device(&known(Some("graz"), &["tier=1"])).await;
    let of_wien = NewApp { fleet: Some("wien".into()), labels: set(&["tier=2"]), ..new_app() };
    let id = scene.put_app(&of_wien).await.id;
    let (_, secret) = scene.secret(&id).await;
    for (clients, is_for_app) in [
        (matching(&["graz"], &[], &[]), false),
        (matching(&["wien"], &[], &[]), true),
        (matching(&[], &[], &["tier=1"]), false),
        (matching(&[], &[], &["tier=2"]), true),
    ] {
        for_clients(&scene, clients.clone()).await;
        assert_eq!(Asked::by_app(&scene, &id, &secret).allowed(&scene).await, is_for_app, "{clients:?}");
        assert_eq!(Asked::by_device(&scene, "meters:read").allowed(&scene).await, !is_for_app, "{clients:?}");
    }
}

#[tokio::test]
async fn clients_by_their_ids() {
    let scene = Scene::new().await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let device = did().to_string();
    for (ids, is_for_app, is_for_device) in [
        (vec![&*id], true, false),
        (vec![&*device], false, true),
        (vec![&*id, &*device], true, true),
        (vec!["x"], false, false),
    ] {
        for_clients(&scene, Clients::These(set(&ids))).await;
        assert_eq!(Asked::by_app(&scene, &id, &secret).allowed(&scene).await, is_for_app, "{ids:?}");
        assert_eq!(Asked::by_device(&scene, "meters:read").allowed(&scene).await, is_for_device, "{ids:?}");
    }
}

#[tokio::test]
async fn roles_are_those_of_the_chain() {
    let scene = Scene::new().await;
    for_clients(&scene, matching(&[], &["meter-reader"], &[])).await;
    for (roles, is_allowed) in
        [(set(&[]), false), (set(&["door-opener"]), false), (set(&["door-opener", "meter-reader"]), true)]
    {
        *scene.chain.roles.lock().unwrap() = roles;
        assert_eq!(Asked::by_device(&scene, "meters:read").allowed(&scene).await, is_allowed);
    }
}

#[tokio::test]
async fn grant_types_and_scopes() {
    let scene = Scene::new().await;
    scene.chain.grant(&["meters:write", "meters:reset"]);
    let exchange = Rule { grant_types: BTreeSet::from([GrantType::TokenExchange]), ..rule("exchange", 1) };
    let write = Rule { scopes: set(&["meters:write"]), ..rule("write", 2) };
    let read = Rule { scopes: set(&["meters:read"]), ..rule("read", 3) };
    scene.set_rules(vec![exchange.clone(), write, read]).await;
    for (scope, given) in [
        ("meters:read", Some("meters:read")),
        ("meters:write", Some("meters:write")),
        ("meters:read meters:write", Some("meters:write")),
        ("meters:read meters:reset", Some("meters:read")),
        ("meters:reset", None),
    ] {
        let answer = Asked::by_device(&scene, scope).answer(&scene).await;
        assert_eq!(answer.body["scope"].as_str(), given, "{scope}: {}", answer.body);
    }
    scene.set_rules(vec![exchange]).await;
    assert!(!Asked::by_device(&scene, "meters:read").allowed(&scene).await);
}

#[tokio::test]
async fn network_zones() {
    let scene = Scene::new().await;
    scene.put_zone("plant", "10.1.0.0/16").await;
    scene.put_zone("lab", "10.1.2.0/24").await;
    let here = Rule { zones: set(&["plant"]), except_zones: set(&["lab"]), ..rule("here", 1) };
    scene.set_rules(vec![here]).await;
    for (address, is_allowed) in [
        ("10.1.0.1", true),
        ("::ffff:10.1.0.1", true),
        ("10.2.0.1", false),
        ("10.1.2.1", false),
        ("2001:db8::1", false),
    ] {
        let asked = Asked::by_device(&scene, "meters:read").at(address);
        assert_eq!(asked.allowed(&scene).await, is_allowed, "{address}");
    }
    assert!(!Asked::by_device(&scene, "meters:read").allowed(&scene).await, "nobody knows from where");
    scene.set_rules(vec![Rule { except_zones: set(&["lab"]), ..rule("elsewhere", 1) }]).await;
    assert!(!Asked::by_device(&scene, "meters:read").allowed(&scene).await, "it may be from there");
    assert!(Asked::by_device(&scene, "meters:read").at("2001:db8::1").allowed(&scene).await);
}

#[tokio::test]
async fn what_a_client_says_of_its_address_does_not_count() {
    let scene = Scene::new().await;
    scene.put_zone("plant", "10.1.0.0/16").await;
    scene.set_rules(vec![Rule { zones: set(&["plant"]), ..rule("here", 1) }]).await;
    for (name, value) in [("x-forwarded-for", "10.1.0.1"), ("forwarded", "for=10.1.0.1"), ("x-real-ip", "10.1.0.1")] {
        let answer = scene.call("meters:read").at("10.2.0.1").header(name, value).send(&scene).await;
        answer.expect_refused(401, "access_denied");
    }
}

#[tokio::test]
async fn an_application_asks_from_its_zones_alone() {
    let scene = Scene::new().await;
    scene.put_zone("plant", "10.1.0.0/16").await;
    let id = scene.put_app(&NewApp { zones: set(&["plant"]), ..new_app() }).await.id;
    let (_, secret) = scene.secret(&id).await;
    let call = || Call::by_secret(&id, &secret, "meters:read");
    assert_eq!(call().at("10.1.0.1").send(&scene).await.status, 200);
    call().at("10.2.0.1").send(&scene).await.expect_refused(403, "access_denied");
    call().send(&scene).await.expect_refused(403, "access_denied");
    Call::by_secret(&id, "x", "meters:read").at("10.2.0.1").send(&scene).await.expect_refused(401, "invalid_client");
    assert_eq!(scene.call("meters:read").at("10.2.0.1").send(&scene).await.status, 200, "its device from anywhere");
}

fn window(day: Day, from: &str, to: &str) -> TimeWindow {
    let time = |text| TimeOfDay::parse(text).unwrap();
    TimeWindow { days: BTreeSet::from([day]), from: time(from), to: time(to) }
}

#[tokio::test]
async fn times() {
    let scene = Scene::new().await;
    let times = vec![window(Day::Friday, "08:30", "09:00"), window(Day::Friday, "22:00", "01:00")];
    scene.set_rules(vec![Rule { times, ..rule("hours", 1) }]).await;
    // It is Friday, 8:00.
    for (later_s, is_allowed) in [
        (0, false),
        (30 * 60 - 1, false),
        (1, true),
        (30 * 60 - 1, true),
        (1, false),
        (13 * 3600, true),
        (3 * 3600 - 1, true),
        (1, false),
    ] {
        scene.advance(later_s);
        assert_eq!(Asked::by_device(&scene, "meters:read").allowed(&scene).await, is_allowed, "{}", scene.now_s());
    }
}

#[tokio::test]
async fn whom_a_token_is_for() {
    let scene = Scene::new().await;
    let two = Rule { audience: set(&["api://a", "https://b.example/x"]), ..rule("two", 1) };
    scene.set_rules(vec![two, Rule { audience: set(&["api://c"]), ..rule("one", 2) }]).await;
    let (a, b, c) = ("api://a", "https://b.example/x", "api://c");
    let asked = || Asked::by_device(&scene, "meters:read");
    for (asked, audience) in [
        (asked(), Some(vec![a, b])),
        (asked().for_audience("resource", b), Some(vec![b])),
        (asked().for_audience("audience", a), Some(vec![a])),
        (asked().for_audience("audience", b).for_audience("resource", a), Some(vec![a, b])),
        (asked().for_audience("resource", a).for_audience("resource", a), Some(vec![a])),
        (asked().for_audience("resource", c), Some(vec![c])),
        (asked().for_audience("resource", a).for_audience("resource", c), None),
        (asked().for_audience("resource", "api://"), None),
        (asked().for_audience("resource", "*"), None),
    ] {
        let answer = asked.answer(&scene).await;
        match audience {
            Some(audience) => assert_eq!(read_jwt(answer.token()).unwrap().claims.audience, audience),
            None => answer.expect_refused(400, "invalid_target"),
        }
    }
    let nobody = scene.call("meters:erase").with("resource", "api://d").send(&scene).await;
    nobody.expect_refused(401, "access_denied");
}

#[tokio::test]
async fn claims_and_life_of_a_token_are_those_of_the_rule_that_decides() {
    let scene = Scene::new().await;
    let claims = json!({ "tier": 3, "site": { "name": "graz" } });
    let more = Rule { claims: claims.as_object().unwrap().clone(), lifetime_s: 60, ..rule("more", 1) };
    let other = json!({ "other": true });
    let last = Rule { claims: other.as_object().unwrap().clone(), lifetime_s: 3600, ..rule("last", 2) };
    scene.set_rules(vec![more, last.clone()]).await;
    let answer = Asked::by_device(&scene, "meters:read").answer(&scene).await;
    let said = answer.said();
    assert_eq!((&said["tier"], &said["site"], said.get("other")), (&json!(3), &json!({ "name": "graz" }), None));
    assert_eq!((&answer.body["expires_in"], &said["iat"]), (&json!(60), &json!(scene.now_s())));
    assert_eq!(said["exp"], scene.now_s() + 60);
    scene.set_rules(vec![last]).await;
    scene.chain.grants_end_after(90);
    let answer = Asked::by_device(&scene, "meters:read").answer(&scene).await;
    assert_eq!(answer.body["expires_in"], 90, "no longer than the chain grants it");
}

#[tokio::test]
async fn the_first_in_the_order_decides_and_what_is_not_active_does_not() {
    let scene = Scene::new().await;
    let of = |name: &str, priority, is_active, rules| Policy {
        name: name.into(),
        priority,
        is_active,
        clients: Clients::Every,
        rules,
    };
    let off = |rule: Rule| Rule { is_active: false, ..rule };
    let decided_by = async || {
        let answer = Asked::by_device(&scene, "meters:read").answer(&scene).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let debug = scene.events().await.last().unwrap()["debugContext"]["debugData"].clone();
        format!("{} {}", debug["policy"].as_str().unwrap(), debug["rule"].as_str().unwrap())
    };
    scene.put_policy(&of("devices", 9, true, vec![rule("last", 1)])).await;
    assert_eq!(decided_by().await, "devices last");
    scene.put_policy(&of("a", 5, true, vec![rule("late", 8), rule("early", 3)])).await;
    assert_eq!(decided_by().await, "a early");
    scene.put_policy(&of("a", 5, true, vec![rule("late", 8), off(rule("early", 3))])).await;
    assert_eq!(decided_by().await, "a late");
    scene.put_policy(&of("z", 2, true, vec![rule("first", 1)])).await;
    assert_eq!(decided_by().await, "z first");
    scene.put_policy(&of("z", 2, false, vec![rule("first", 1)])).await;
    assert_eq!(decided_by().await, "a late");
    scene.put_policy(&of("a", 5, true, vec![off(rule("late", 8))])).await;
    assert_eq!(decided_by().await, "devices last", "a policy of which no rule matches is passed over");
}
