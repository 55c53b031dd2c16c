//! `GET /api/v1/logs`: what readers of the log ask, and what they find.

use axum::{body::Body, http::Request};
use marque_gateway::{Store, settings::Role};
use serde_json::{Value, json};

use crate::{
    call::Call,
    operators,
    scene::{Answer, Scene, did},
};

const DAY_S: u64 = 86_400;
const GRANTS: &str = r#"eventType eq "app.oauth2.as.token.grant.access_token""#;

/// Who reads the log of a scene.
struct Reader<'a> {
    scene: &'a Scene,
    token: String,
}

impl<'a> Reader<'a> {
    async fn of(scene: &'a Scene) -> Self {
        Self { scene, token: operators::token(scene, Role::Reader).await }
    }

    async fn get(&self, path: &str) -> Answer {
        operators::send(self.scene, &self.token, "GET", path, None).await
    }

    async fn ask(&self, query: &[(&str, &str)]) -> Answer {
        self.get(&format!("/api/v1/logs?{}", serde_urlencoded::to_string(query).unwrap())).await
    }

    /// The events of a query that is answered.
    async fn find(&self, query: &[(&str, &str)]) -> Vec<Value> {
        let answer = self.ask(query).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        events(&answer)
    }

    /// The pages of a query, as the links have them.
    async fn follow(&self, query: &[(&str, &str)]) -> Vec<Vec<Value>> {
        let mut answer = self.ask(query).await;
        let mut pages = vec![events(&answer)];
        while let Some(next) = next(&answer) {
            answer = self.get(&next).await;
            pages.push(events(&answer));
            assert!(pages.len() < 20, "it has no end");
        }
        pages
    }
}

fn events(answer: &Answer) -> Vec<Value> {
    answer.body.as_array().unwrap().clone()
}

/// The path and query of the next page.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?.strip_prefix('<').unwrap();
    Some(link.strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

fn token_ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["target"][0]["id"].as_str().unwrap()).collect()
}

/// Lets the device get a token, and says its id.
async fn grant(scene: &Scene) -> String {
    scene.ask("meters:read").await.said()["jti"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_query_that_people_run() {
    let scene = Scene::new().await;
    let reader = Reader::of(&scene).await;
    let granted = grant(&scene).await;
    scene.ask("meters:write").await.expect_refused(400, "access_denied");
    scene.call("").to("/oauth2/default/v1/introspect").with("token", "x").send(&scene).await;
    Call::new("meters:read").send(&scene).await.expect_refused(401, "invalid_client");
    let filter = format!(r#"{GRANTS} and debugContext.debugData.grantType eq "client_credentials""#);
    let found = reader.find(&[("filter", &filter)]).await;
    let results: Vec<_> = found.iter().map(|event| &event["outcome"]).collect();
    let denied = json!({ "result": "FAILURE", "reason": "access_denied" });
    assert_eq!(results, [&json!({ "result": "SUCCESS", "reason": null }), &denied]);
    assert_eq!((&found[0]["target"][0]["id"], &found[0]["actor"]["id"]), (&json!(granted), &json!(did().to_string())));
    let only_good = format!(r#"{filter} and not (outcome.result eq "failure")"#);
    assert_eq!(token_ids(&reader.find(&[("filter", &only_good)]).await), [&granted]);
    let by_token = format!(r#"target.id eq "{granted}""#);
    assert_eq!(reader.find(&[("filter", &by_token)]).await.len(), 1);
    assert_eq!(reader.find(&[("q", "ACCESS_DENIED meters:write")]).await.len(), 1);
    assert_eq!(reader.find(&[("q", "access_denied meters:erase")]).await.len(), 0);
    assert_eq!(reader.find(&[("q", "introspection")]).await.len(), 1);
}

#[tokio::test]
async fn links_lead_to_each_event_once_in_order_and_end() {
    let scene = Scene::new().await;
    let reader = Reader::of(&scene).await;
    let mut granted = Vec::new();
    for _ in 0..7 {
        granted.push(grant(&scene).await);
        scene.ask("meters:write").await;
    }
    let filter = format!(r#"{GRANTS} and outcome.result eq "SUCCESS""#);
    for (order, expected) in
        [("ASCENDING", granted.clone()), ("DESCENDING", granted.iter().rev().cloned().collect::<Vec<_>>())]
    {
        let until = [("until", "2027-01-15T08:00:01Z"), ("limit", "3"), ("filter", &filter), ("sortOrder", order)];
        let pages = reader.follow(&until).await;
        let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(
            (sizes.as_slice(), token_ids(&pages.concat())),
            ([3, 3, 1].as_slice(), expected.iter().map(String::as_str).collect())
        );
    }
    let pages = reader.follow(&[("sortOrder", "DESCENDING"), ("limit", "3"), ("filter", &filter)]).await;
    assert_eq!(pages.concat().len(), 7, "newest first, it ends with the oldest");
}

#[tokio::test]
async fn without_an_end_the_last_link_shows_what_happens_next() {
    let scene = Scene::new().await;
    let reader = Reader::of(&scene).await;
    let first = grant(&scene).await;
    let answer = reader.ask(&[("filter", GRANTS)]).await;
    assert_eq!(token_ids(&events(&answer)), [&first]);
    let path = next(&answer).unwrap();
    let nothing = reader.get(&path).await;
    assert_eq!((nothing.status.as_u16(), events(&nothing).len()), (200, 0));
    let second = grant(&scene).await;
    for path in [path, next(&nothing).unwrap()] {
        assert_eq!(token_ids(&events(&reader.get(&path).await)), [&second]);
    }
}

#[tokio::test]
async fn since_and_until_bound_what_is_found() {
    let scene = Scene::new().await;
    let mut granted = Vec::new();
    for _ in 0..3 {
        granted.push(grant(&scene).await);
        scene.advance(60);
    }
    let find = async |query: &[(&str, &str)]| {
        let found = Reader::of(&scene).await.find(&[query, &[("filter", GRANTS)]].concat()).await;
        token_ids(&found).iter().map(|id| granted.iter().position(|it| it == id).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(find(&[]).await, [0, 1, 2]);
    assert_eq!(find(&[("since", "2027-01-15T08:01:00Z")]).await, [1, 2], "from then on");
    assert_eq!(find(&[("until", "2027-01-15T08:01:00Z")]).await, [0], "before then");
    assert_eq!(find(&[("since", "2027-01-15T08:00:00.001Z"), ("until", "2027-01-15T08:02:00Z")]).await, [1]);
    assert_eq!(find(&[("sortOrder", "DESCENDING"), ("limit", "2")]).await, [2, 1]);
    scene.advance(7 * DAY_S - 150);
    assert_eq!(find(&[]).await, [1, 2], "seven days, unless it says otherwise");
    assert_eq!(find(&[("since", "2027-01-01T00:00:00Z")]).await, [0, 1, 2]);
}

#[tokio::test]
async fn queries_that_can_not_be_read_are_refused() {
    let scene = Scene::new().await;
    let reader = Reader::of(&scene).await;
    for (name, value, code) in [
        ("filter", "eventType eq", "E0000053"),
        ("filter", "eventType is \"x\"", "E0000053"),
        ("filter", "(eventType pr", "E0000053"),
        ("since", "yesterday", "E0000031"),
        ("until", "2027-13-01T00:00:00Z", "E0000031"),
        ("until", "2000-01-01T00:00:00Z", "E0000031"),
        ("after", "-1", "E0000031"),
        ("after", "99999999999999999999", "E0000031"),
        ("sortOrder", "ascending", "E0000031"),
        ("limit", "0", "E0000031"),
        ("limit", "1001", "E0000031"),
        ("q", "1 2 3 4 5 6 7 8 9 10 11", "E0000031"),
        ("page", "2", "E0000031"),
    ] {
        operators::expect(&reader.ask(&[(name, value)]).await, 400, code);
    }
    operators::expect(&reader.ask(&[("limit", "1"), ("limit", "2")]).await, 400, "E0000031");
    let without = scene.send(Request::get("/api/v1/logs").body(Body::empty()).unwrap()).await;
    operators::expect(&without, 401, "E0000011");
}

#[tokio::test]
async fn nothing_that_could_be_used_is_in_the_log() {
    let scene = Scene::new().await;
    let reader = Reader::of(&scene).await;
    let officer = operators::token(&scene, Role::SecurityOfficer).await;
    let new = json!({ "label": "x", "device": did().to_string() });
    let made = operators::send(&scene, &officer, "POST", "/api/v1/apps", Some(new)).await;
    let (id, secret) = (made.body["client_id"].as_str().unwrap(), made.body["client_secret"].as_str().unwrap());
    let assertion = scene.assertion();
    let first = Call::by_assertion(&assertion, "meters:read").send(&scene).await;
    let second = Call::by_secret(id, secret, "meters:read").header("user-agent", "meter/1").send(&scene).await;
    Call::by_secret(id, "guessed-secret", "meters:read").send(&scene).await;
    scene.call("").to("/oauth2/default/v1/revoke").with("token", first.token()).send(&scene).await;
    let found = json!(reader.find(&[("limit", "1000")]).await).to_string();
    for told in [id, "meter/1", "app.oauth2.as.token.revoke", "app.oauth2.credentials.lifecycle.create"] {
        assert!(found.contains(told), "{told}");
    }
    let parts = [first.token(), second.token(), &assertion].map(|jwt| jwt.rsplit_once('.').unwrap().1);
    for secret in parts.into_iter().chain([secret, "guessed-secret", officer.split_once('.').unwrap().1]) {
        assert!(!found.contains(secret), "{secret}");
    }
    assert!(!found.contains("eyJ"), "no token");
}

#[tokio::test]
async fn after_ninety_days_entries_go_and_the_rest_still_follow_each_other() {
    let scene = Scene::new().await;
    grant(&scene).await;
    let old = scene.store.check_log().await.unwrap();
    scene.advance(DAY_S);
    let kept = grant(&scene).await;
    scene.advance(89 * DAY_S);
    assert_eq!(scene.gateway.tidy_log().await.unwrap(), 0, "not older than 90 days");
    scene.advance(1);
    assert_eq!(scene.gateway.tidy_log().await.unwrap(), old);
    assert_eq!(scene.store.check_log().await.unwrap(), old + 1, "one is left, with the number that it had");
    Call::new("meters:read").send(&scene).await.expect_refused(401, "invalid_client");
    assert_eq!(scene.store.check_log().await.unwrap(), old + 2);
    let found = Reader::of(&scene).await.find(&[("since", "2027-01-01T00:00:00Z"), ("limit", "2")]).await;
    assert_eq!((token_ids(&found[..1]), &found[1]["outcome"]["reason"]), (vec![&*kept], &json!("invalid_client")));
    scene.advance(100 * DAY_S);
    let all = scene.store.check_log().await.unwrap();
    assert_eq!(scene.gateway.tidy_log().await.unwrap(), all - old, "all of it");
    Call::new("meters:read").send(&scene).await.expect_refused(401, "invalid_client");
    assert_eq!(scene.store.check_log().await.unwrap(), all + 1, "the next one follows the last that went");
}
