//! How much may be asked for, and the brake on guessing secrets.

use marque_gateway::{SECOND_SECRET, limit::Limits, operate::NewDevice, store::LogRange};
use serde_json::{Value, json};

use crate::{
    call::Call,
    scene::{Answer, NOW_S, Scene, did},
};

const INTROSPECT: &str = "/oauth2/default/v1/introspect";
const REVOKE: &str = "/oauth2/default/v1/revoke";

/// Limit, what is left, and when it begins anew.
fn left(answer: &Answer) -> (u64, u64, u64) {
    let number = |name| answer.header(name).unwrap().parse::<u64>().unwrap();
    (number("x-rate-limit-limit"), number("x-rate-limit-remaining"), number("x-rate-limit-reset"))
}

fn expect_wait(answer: &Answer, seconds: u64) {
    assert_eq!((answer.status.as_u16(), &answer.body["errorCode"]), (429, &json!("E0000047")), "{}", answer.body);
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["errorCauses", "errorCode", "errorLink", "errorSummary"]);
    assert_eq!(answer.header("retry-after").unwrap(), seconds.to_string());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("x-rate-limit-limit").is_some());
}

fn limits(per_server: u32, per_address: u32) -> Limits {
    Limits { per_server, per_address, ..Limits::default() }
}

/// All events of this type.
async fn events(scene: &Scene, event_type: &str) -> Vec<Value> {
    scene.events().await.into_iter().filter(|event| event["eventType"] == event_type).collect()
}

async fn entries(scene: &Scene) -> usize {
    use marque_gateway::Store;
    scene.store.entries(LogRange::past(0, 1000)).await.unwrap().len()
}

/// Tries a wrong secret.
async fn guess(scene: &Scene, id: &str, address: &str) -> Answer {
    Call::by_secret(id, "guessed", "meters:read").at(address).send(scene).await
}

#[tokio::test]
async fn each_answer_says_what_the_tightest_limit_leaves() {
    let scene = Scene::with_limits(limits(20, 12)).await;
    let ends_s = NOW_S + 60;
    let good = scene.call("meters:read").at("10.0.0.1").send(&scene).await;
    assert_eq!((good.status.as_u16(), left(&good)), (200, (10, 9, ends_s)), "the client's half");
    let introspected = scene.call("").to(INTROSPECT).with("token", "x").at("10.0.0.1").send(&scene).await;
    assert_eq!((introspected.status.as_u16(), left(&introspected)), (200, (10, 8, ends_s)));
    let revoked = scene.call("").to(REVOKE).with("token", "x").at("10.0.0.2").send(&scene).await;
    assert_eq!((revoked.status.as_u16(), left(&revoked)), (200, (10, 7, ends_s)));
    let denied = scene.call("meters:erase").at("10.0.0.2").send(&scene).await;
    assert_eq!((denied.status.as_u16(), left(&denied)), (401, (10, 6, ends_s)));
    let unknown = Call::new("meters:read").at("10.0.0.1").send(&scene).await;
    assert_eq!((unknown.status.as_u16(), left(&unknown)), (401, (12, 9, ends_s)), "nobody's: the address's");
    scene.advance(60);
    let next = scene.call("meters:read").at("10.0.0.1").send(&scene).await;
    assert_eq!(left(&next), (10, 9, ends_s + 60));
}

#[tokio::test]
async fn an_address_has_its_share_and_leaves_the_others_theirs() {
    let scene = Scene::with_limits(limits(100, 3)).await;
    let ask = async |address: &str| scene.call("meters:read").at(address).send(&scene).await;
    for _ in 0..3 {
        assert_eq!(ask("10.0.0.1").await.status, 200);
    }
    scene.advance(20);
    for address in ["10.0.0.1", "::ffff:10.0.0.1"] {
        let refused = ask(address).await;
        expect_wait(&refused, 40);
        assert_eq!(left(&refused), (3, 0, NOW_S + 60));
    }
    assert_eq!(ask("10.0.0.2").await.status, 200);
    for host in 1..=3 {
        assert_eq!(ask(&format!("2001:db8::{host}")).await.status, 200);
    }
    expect_wait(&ask("2001:db8::4").await, 40);
    assert_eq!(ask("2001:db8:0:1::1").await.status, 200);
    scene.advance(40);
    assert_eq!(ask("10.0.0.1").await.status, 200, "the next minute");
}

#[tokio::test]
async fn a_client_has_half_and_a_refusal_uses_up_nothing_of_it() {
    let scene = Scene::with_limits(limits(10, 100)).await;
    for number in 0..5 {
        let answer = scene.call("meters:read").at(&format!("10.0.0.{number}")).send(&scene).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let assertion = scene.assertion();
    let call = || Call::by_assertion(&assertion, "meters:read");
    expect_wait(&call().at("10.0.0.9").send(&scene).await, 60);
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let other = Call::by_secret(&id, &secret, "meters:read").send(&scene).await;
    assert_eq!(other.status, 200, "another client has its own half, though it acts for the same device");
    scene.advance(60);
    assert_eq!(call().send(&scene).await.status, 200, "the assertion was not used up");
}

#[tokio::test]
async fn nobody_uses_up_what_belongs_to_a_client_by_giving_its_name() {
    let scene = Scene::with_limits(limits(42, 100)).await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    for number in 0..20 {
        guess(&scene, &id, &format!("10.0.1.{number}")).await.expect_refused(401, "invalid_client");
    }
    let good = Call::by_secret(&id, &secret, "meters:read").at("10.0.0.1").send(&scene).await;
    assert_eq!((good.status.as_u16(), left(&good)), (200, (21, 20, NOW_S + 60)));
}

#[tokio::test]
async fn an_authorization_server_has_a_limit_for_all_whatever_they_send() {
    let scene = Scene::with_limits(limits(6, 3)).await;
    for number in 0..6 {
        let answer = Call::new("meters:read").at(&format!("10.0.0.{number}")).send(&scene).await;
        answer.expect_refused(401, "invalid_client");
    }
    let refused = scene.call("meters:read").at("10.0.0.9").send(&scene).await;
    expect_wait(&refused, 60);
    assert_eq!(left(&refused), (6, 0, NOW_S + 60));
    scene.advance(60);
    // Who is over the limit of an address uses up nothing of the others'.
    for _ in 0..9 {
        Call::new("meters:read").at("10.0.0.1").send(&scene).await;
    }
    assert_eq!(scene.call("meters:read").at("10.0.0.9").send(&scene).await.status, 200);
}

#[tokio::test]
async fn keys_and_metadata_have_no_limit() {
    let scene = Scene::with_limits(limits(1, 1)).await;
    assert_eq!(scene.ask("meters:read").await.status, 200);
    expect_wait(&scene.ask("meters:read").await, 60);
    for path in
        ["/oauth2/default/v1/keys", "/oauth2/default/.well-known/oauth-authorization-server", "/health", "/ready"]
    {
        for _ in 0..3 {
            let answer = scene.get(path).await;
            assert_eq!((answer.status.as_u16(), answer.header("x-rate-limit-limit")), (200, None), "{path}");
        }
    }
}

#[tokio::test]
async fn limits_that_are_near_or_passed_are_written_down_once() {
    let scene = Scene::with_limits(limits(20, 100)).await;
    for _ in 0..9 {
        assert_eq!(scene.ask("meters:read").await.status, 200);
    }
    let warned = events(&scene, "app.oauth2.client_id_rate_limit_warning").await;
    assert_eq!(warned.len(), 1, "at 90 % of its half");
    assert_eq!(warned[0]["actor"]["id"], did().to_string());
    assert_eq!(warned[0]["debugContext"]["debugData"]["limit"], 10);
    assert_eq!(scene.ask("meters:read").await.status, 200);
    let before = entries(&scene).await;
    for _ in 0..4 {
        expect_wait(&scene.ask("meters:read").await, 60);
    }
    let violations = events(&scene, "system.org.rate_limit.violation").await;
    assert_eq!((violations.len(), &violations[0]["actor"]["id"]), (1, &json!(did().to_string())));
    assert_eq!(entries(&scene).await, before + 1, "the others are not written down");
    for _ in 0..3 {
        Call::new("meters:read").send(&scene).await;
    }
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    assert_eq!(Call::by_secret(&id, &secret, "meters:read").send(&scene).await.status, 200);
    assert_eq!(events(&scene, "system.org.rate_limit.warning").await.len(), 1, "at 90 % of all, and once");
    for _ in 0..5 {
        Call::new("meters:read").send(&scene).await;
    }
    assert_eq!(events(&scene, "system.org.rate_limit.violation").await.len(), 2, "now of all");
    assert_eq!(events(&scene, "app.oauth2.client_id_rate_limit_warning").await.len(), 1);
    scene.advance(60);
    for _ in 0..9 {
        assert_eq!(scene.ask("meters:read").await.status, 200);
    }
    assert_eq!(events(&scene, "app.oauth2.client_id_rate_limit_warning").await.len(), 2, "in each minute anew");
}

#[tokio::test]
async fn who_guesses_waits_twice_as_long_each_time() {
    let scene = Scene::new().await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let here = "10.0.0.1";
    let show = async || Call::by_secret(&id, &secret, "meters:read").at(here).send(&scene).await;
    for _ in 0..5 {
        guess(&scene, &id, here).await.expect_refused(401, "invalid_client");
    }
    for wait in [1, 2, 4, 8] {
        let before = entries(&scene).await;
        expect_wait(&guess(&scene, &id, here).await, wait);
        expect_wait(&show().await, wait);
        assert_eq!(entries(&scene).await, before, "tries that were not made are not written down");
        scene.advance(wait - 1);
        expect_wait(&guess(&scene, &id, here).await, 1);
        scene.advance(1);
        guess(&scene, &id, here).await.expect_refused(401, "invalid_client");
    }
    scene.advance(16);
    assert_eq!(show().await.status, 200, "the right one after the wait");
    for _ in 0..5 {
        guess(&scene, &id, here).await.expect_refused(401, "invalid_client");
    }
    expect_wait(&guess(&scene, &id, here).await, 1);
}

#[tokio::test]
async fn strangers_do_not_lock_a_client_out() {
    let scene = Scene::new().await;
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    for _ in 0..20 {
        guess(&scene, &id, "10.0.0.9").await;
    }
    assert_eq!(guess(&scene, &id, "10.0.0.9").await.status, 429);
    let answer = Call::by_secret(&id, &secret, "meters:read").at("10.0.0.1").send(&scene).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let other = scene.app().await.id;
    guess(&scene, &other, "10.0.0.9").await.expect_refused(401, "invalid_client");
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits_and_names_that_are_not_there_look_the_same() {
    let scene = Scene::new().await;
    for number in 0..50 {
        guess(&scene, &format!("0oa{number}"), "10.0.0.9").await.expect_refused(401, "invalid_client");
    }
    let id = scene.app().await.id;
    let (_, secret) = scene.secret(&id).await;
    let here = |address: &str| Call::by_secret(&id, &secret, "meters:read").at(address);
    expect_wait(&here("10.0.0.9").send(&scene).await, 1);
    assert_eq!(here("10.0.0.1").send(&scene).await.status, 200);
    scene.advance(1);
    assert_eq!(here("10.0.0.9").send(&scene).await.status, 200);
}

#[tokio::test]
async fn who_signs_is_never_slowed() {
    let scene = Scene::new().await;
    scene.put_device(&NewDevice::default()).await;
    let here = "10.0.0.9";
    for number in 0..60 {
        guess(&scene, &format!("0oa{number}"), here).await;
        guess(&scene, &did().to_string(), here).await;
    }
    expect_wait(&guess(&scene, "0oanew", here).await, 1);
    assert_eq!(scene.call("meters:read").at(here).send(&scene).await.status, 200);
    // A secret beside the signature is one that could be guessed.
    let both = scene.call("meters:read").with(SECOND_SECRET, "guessed").at(here).send(&scene).await;
    assert_eq!(both.status, 429);
    let elsewhere = || scene.call("meters:read").with(SECOND_SECRET, "guessed").at("10.0.0.1");
    for _ in 0..5 {
        elsewhere().send(&scene).await.expect_refused(401, "invalid_client");
    }
    expect_wait(&elsewhere().send(&scene).await, 1);
    assert_eq!(scene.call("meters:read").at("10.0.0.1").send(&scene).await.status, 200);
}
