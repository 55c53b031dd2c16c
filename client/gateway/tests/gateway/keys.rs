//! Signing keys: how they follow each other, what becomes of a compromised one, and that nothing is lost on the way to the chain.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::future::BoxFuture;
use marque_gateway::{
    Gateway, SqliteStore, Store, StoreError,
    keys::{KeyStatus, RotateError},
    log::{Caller, Entry},
    operate::ChangeError,
    settings::{Role, ServerDocument},
    store::{Document, LogRange, Outcome, Step},
};
use marque_sdk::{
    primitives::{Status, TimestampMs},
    token::{Algorithm, JwkSet, Jwt},
};
use serde_json::{Value, json};

use crate::{
    assertion::encode,
    operators::{expect, send, token as operator_token},
    scene::{Scene, by, server},
};

const KEYS: &str = "/oauth2/default/v1/keys";
const PERIOD_S: u64 = 90 * 86_400;
const LIFETIME_S: u64 = 86_400 + 60;

async fn token(scene: &Scene) -> String {
    let answer = scene.ask("meters:read").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

fn kid(token: &str) -> String {
    Jwt::read(token).unwrap().key_id
}

async fn published(scene: &Scene) -> JwkSet {
    JwkSet::from_json(&scene.get(KEYS).await.body.to_string()).unwrap()
}

async fn published_kids(scene: &Scene) -> Vec<String> {
    let mut kids: Vec<_> = published(scene).await.keys.into_iter().map(|key| key.key_id).collect();
    kids.sort();
    kids
}

async fn introspect(scene: &Scene, token: &str) -> bool {
    let mut form = scene.form("");
    form.push(("token", token.to_owned()));
    let answer = scene.post("/oauth2/default/v1/introspect", &encode(&form)).await;
    answer.body["active"].as_bool().unwrap()
}

async fn rotate(scene: &Scene, is_compromised: bool) -> Result<(), ChangeError> {
    scene.gateway.rotate(by(&Caller::default()), "default", is_compromised).await
}

async fn tend(scene: &Scene) -> Result<(), ChangeError> {
    scene.gateway.tend_keys(scene.now_ms()).await
}

/// How often each thing happened to keys.
async fn count(scene: &Scene, event_type: &str) -> usize {
    let entries = scene.store.entries(LogRange::past(0, 1000)).await.unwrap();
    let is_it = |entry: &&Entry| serde_json::from_str::<Value>(&entry.body).unwrap()["eventType"] == event_type;
    entries.iter().filter(is_it).count()
}

#[tokio::test]
async fn keys_follow_each_other_and_each_is_known_before_it_signs() {
    let scene = Scene::new().await;
    let first = token(&scene).await;
    assert_eq!(
        (kid(&first).as_str(), published_kids(&scene).await),
        ("3#key-0", vec!["3#key-0".into(), "3#key-1".into()])
    );
    assert_eq!(count(&scene, "app.oauth2.as.key.rollover").await, 1);

    scene.advance(PERIOD_S - 1);
    tend(&scene).await.unwrap();
    let last = token(&scene).await;
    assert_eq!(kid(&last), "3#key-0");
    scene.advance(1);
    tend(&scene).await.unwrap();
    assert_eq!(kid(&token(&scene).await), "3#key-1");
    assert_eq!(count(&scene, "app.oauth2.as.key.rollover").await, 2);
    assert_eq!(published_kids(&scene).await, ["3#key-0", "3#key-1", "3#key-2"]);
    let jwt = Jwt::read(&last).unwrap();
    assert!(jwt.verify(published(&scene).await.key("3#key-0").unwrap()).is_ok());
    assert!(introspect(&scene, &last).await);

    scene.advance(LIFETIME_S);
    assert_eq!(published_kids(&scene).await, ["3#key-1", "3#key-2"], "even before somebody tends them");
    tend(&scene).await.unwrap();
    assert_eq!(scene.chain.good_keys(), [1, 2], "the chain is told that the first is over");
    let statuses: Vec<_> = scene.gateway.keys("default").unwrap().iter().map(|key| key.status).collect();
    assert_eq!(BTreeSet::from_iter(statuses.iter().map(|it| *it == KeyStatus::Active)), [false, true].into());
    assert_eq!(statuses.len(), 2);
}

#[tokio::test]
async fn no_private_key_is_kept_in_clear_and_none_that_signs_no_more() {
    let scene = Scene::new().await;
    scene.advance(600);
    rotate(&scene, false).await.unwrap();
    let (_, documents) = scene.store.documents().await.unwrap();
    let keys: Vec<Value> = documents.iter().filter_map(|it| serde_json::from_str(&it.body).ok()).collect();
    let of = |status: &str| keys.iter().filter(|key| key["status"] == status).collect::<Vec<_>>();
    assert_eq!((of("ACTIVE").len(), of("NEXT").len(), of("EXPIRED").len()), (1, 1, 1));
    assert_eq!(of("EXPIRED")[0]["private_key"], json!(null));
    assert_eq!(of("ACTIVE")[0]["jwk"].get("d"), None);
    let sealed = of("ACTIVE")[0]["private_key"].as_str().unwrap();
    assert_eq!(sealed.len(), 98, "a version, a nonce, a seed and a tag, in base64url");
}

#[tokio::test]
async fn a_rotated_key_stays_good_and_a_compromised_one_does_not() {
    let scene = Scene::new().await;
    let first = token(&scene).await;
    assert!(matches!(rotate(&scene, false).await, Err(ChangeError::Rotate(RotateError::TooEarly))));
    scene.advance(10 * 60 - 1);
    assert!(matches!(rotate(&scene, false).await, Err(ChangeError::Rotate(RotateError::TooEarly))));
    scene.advance(1);
    rotate(&scene, false).await.unwrap();
    let second = token(&scene).await;
    assert_eq!(kid(&second), "3#key-1");
    assert!(introspect(&scene, &second).await);
    rotate(&scene, true).await.unwrap();
    let third = token(&scene).await;
    assert_eq!(kid(&third), "3#key-2");
    assert_eq!(published_kids(&scene).await, ["3#key-0", "3#key-2", "3#key-3"]);
    assert_eq!(scene.chain.good_keys(), [0, 2, 3]);
    assert!(!introspect(&scene, &second).await && introspect(&scene, &third).await);
    assert!(introspect(&scene, &first).await, "its key was only rotated");
    let nowhere = scene.gateway.rotate(by(&Caller::default()), "other", true).await;
    assert!(matches!(nowhere, Err(ChangeError::NotFound(_))));
}

#[tokio::test]
async fn a_compromised_key_is_given_up_even_where_the_chain_can_not_be_told_yet() {
    let scene = Scene::new().await;
    scene.chain.is_writable.store(false, Ordering::SeqCst);
    assert!(matches!(rotate(&scene, true).await, Err(ChangeError::Authority(_))));
    assert_eq!((kid(&token(&scene).await).as_str(), published_kids(&scene).await), ("3#key-1", vec!["3#key-1".into()]));
    assert_eq!(scene.chain.good_keys(), [0, 1]);
    assert!(matches!(tend(&scene).await, Err(ChangeError::Authority(_))));
    scene.chain.is_writable.store(true, Ordering::SeqCst);
    tend(&scene).await.unwrap();
    assert_eq!(scene.chain.good_keys(), [1, 2]);
    assert_eq!(published_kids(&scene).await, ["3#key-1", "3#key-2"]);
}

#[tokio::test]
async fn a_key_that_its_owner_revokes_on_the_chain_is_given_up() {
    let scene = Scene::new().await;
    scene.chain.revoke_key(0);
    assert_eq!(published_kids(&scene).await, ["3#key-1"], "at once");
    assert_eq!(scene.ask("meters:read").await.status, 503, "until keys are tended");
    tend(&scene).await.unwrap();
    assert_eq!(kid(&token(&scene).await), "3#key-1");
    scene.chain.revoke_key(2);
    tend(&scene).await.unwrap();
    assert_eq!(published_kids(&scene).await, ["3#key-1", "3#key-3"]);
}

#[tokio::test]
async fn without_the_chain_a_key_signs_longer_and_then_none_does() {
    let scene = Scene::new().await;
    scene.advance(PERIOD_S);
    scene.chain.is_writable.store(false, Ordering::SeqCst);
    assert!(tend(&scene).await.is_err());
    assert_eq!(kid(&token(&scene).await), "3#key-1", "the next one was there");
    scene.advance(PERIOD_S + 14 * 86_400 - 1);
    assert!(tend(&scene).await.is_err());
    assert_eq!(kid(&token(&scene).await), "3#key-1", "no other one was there");
    scene.advance(1);
    assert_eq!(scene.ask("meters:read").await.status, 503);
    scene.chain.is_writable.store(true, Ordering::SeqCst);
    tend(&scene).await.unwrap();
    assert_eq!(kid(&token(&scene).await), "3#key-2");
}

/// As another store, until so many commits were made.
struct Stopping {
    store: Arc<SqliteStore>,
    commits_left: AtomicUsize,
}

impl Store for Stopping {
    fn commit(&self, step: Step) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        let left = self.commits_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            return Box::pin(async { Err(StoreError::Closed) });
        }
        self.store.commit(step)
    }

    fn documents(&self) -> BoxFuture<'_, Result<(u64, Vec<Document>), StoreError>> {
        self.store.documents()
    }

    fn revision(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.revision()
    }

    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.store.is_token_revoked(id)
    }

    fn entries(&self, range: LogRange) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.store.entries(range)
    }

    fn drop_entries(&self, before_ms: TimestampMs) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.drop_entries(before_ms)
    }

    fn check_log(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.check_log()
    }

    fn ensure_ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.ensure_ready()
    }
}

#[tokio::test]
async fn a_gateway_that_stops_anywhere_leaves_no_key_behind() {
    // Of setting up: the server, then make, publish, activate, make, publish.
    for commits in 1..=6 {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap());
        let stopping = Arc::new(Stopping { store: store.clone(), commits_left: commits.into() });
        let scene = Scene::without_server(folder, store, stopping).await;
        let set_up = scene.gateway.put_server(by(&Caller::default()), &server()).await;
        assert_eq!(set_up.is_ok(), commits == 6, "{commits}: {set_up:?}");
        let again = Gateway::start(scene.gateway_parts()).await.unwrap();
        let keys: Vec<_> = again.keys("default").unwrap().into_iter().map(|key| (key.kid, key.status)).collect();
        assert_eq!(keys.len(), 2, "{commits}: {keys:?}");
        for key in [("3#key-0".to_owned(), KeyStatus::Active), ("3#key-1".to_owned(), KeyStatus::Next)] {
            assert!(keys.contains(&key), "{commits}: {keys:?}");
        }
        assert_eq!(scene.chain.good_keys(), [0, 1], "{commits}");
    }
}

#[tokio::test]
async fn several_gateways_make_each_key_once() {
    let scene = Scene::new().await;
    let other = Gateway::start(scene.gateway_parts()).await.unwrap();
    for _ in 0..3 {
        scene.advance(PERIOD_S);
        let (one, two) = futures::join!(tend(&scene), other.tend_keys(scene.now_ms()));
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    }
    assert_eq!(scene.chain.issuer.lock().unwrap().keys.len(), 5);
    assert_eq!(count(&scene, "app.oauth2.as.key.rollover").await, 4);
    other.refresh().await.unwrap();
    assert_eq!(other.keys("default").unwrap(), scene.gateway.keys("default").unwrap());
}

async fn ensure_signs_by(algorithm: Algorithm) {
    let scene = Scene::signing_by(algorithm).await;
    let token = token(&scene).await;
    let jwt = Jwt::read(&token).unwrap();
    assert_eq!((jwt.algorithm, jwt.key_id.len()), (algorithm, 43));
    let set = published(&scene).await;
    assert_eq!(set.keys.len(), 2, "the next one, too");
    assert!(jwt.verify(set.key(&jwt.key_id).unwrap()).is_ok());
    assert!(scene.chain.good_keys().is_empty(), "the chain knows no such keys");
    assert!(introspect(&scene, &token).await);
    scene.chain.device.lock().unwrap().as_mut().unwrap().epoch += 1;
    assert!(!introspect(&scene, &token).await, "the chain says so");
    scene.chain.device.lock().unwrap().as_mut().unwrap().epoch -= 1;
    let mut form = scene.form("");
    form.push(("token", token.clone()));
    assert_eq!(scene.post("/oauth2/default/v1/revoke", &encode(&form)).await.status, 200);
    assert!(!introspect(&scene, &token).await);
    let second = crate::keys::token(&scene).await;
    scene.advance(600 + 30 - 1);
    assert!(introspect(&scene, &second).await, "clocks may differ");
    scene.advance(1);
    assert!(!introspect(&scene, &second).await, "it has expired");
    let other = ServerDocument { algorithm: Algorithm::EdDsa, ..server() };
    let changed = scene.gateway.put_server(by(&Caller::default()), &other).await;
    assert!(matches!(changed, Err(ChangeError::NotAllowed(_))), "{changed:?}");
    scene.chain.device.lock().unwrap().as_mut().unwrap().status = Status::Suspended;
    assert_eq!(scene.ask("meters:read").await.status, 401, "the chain decides all the same");
}

#[tokio::test]
async fn services_that_know_no_ed25519_get_es256() {
    ensure_signs_by(Algorithm::Es256).await;
}

#[tokio::test]
async fn services_that_know_no_ed25519_get_rs256() {
    ensure_signs_by(Algorithm::Rs256).await;
}

#[tokio::test]
async fn officers_rotate_keys_and_readers_see_them() {
    let scene = Scene::new().await;
    let (reader, officer) =
        (operator_token(&scene, Role::Reader).await, operator_token(&scene, Role::SecurityOfficer).await);
    let credentials = "/api/v1/authorizationServers/default/credentials";
    let (list, rotate) = (format!("{credentials}/keys"), format!("{credentials}/lifecycle/keyRotate"));
    let keys = send(&scene, &reader, "GET", &list, None).await;
    let key = keys.body.as_array().unwrap().iter().find(|key| key["status"] == "ACTIVE").unwrap();
    assert_eq!((&key["kid"], &key["algorithm"]), (&json!("3#key-0"), &json!("EdDSA")));
    assert!(!keys.body.to_string().contains("private"));
    let body = |compromised| Some(json!({ "use": "sig", "compromised": compromised }));
    expect(&send(&scene, &reader, "POST", &rotate, body(true)).await, 403, "E0000006");
    expect(&send(&scene, &officer, "POST", &rotate, body(false)).await, 400, "E0000001");
    expect(&send(&scene, &officer, "POST", &rotate, Some(json!({ "use": "enc" }))).await, 400, "E0000001");
    assert_eq!(kid(&token(&scene).await), "3#key-0");
    let rotated = send(&scene, &officer, "POST", &rotate, body(true)).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    assert_eq!(kid(&token(&scene).await), "3#key-1");
    let path = list.replace("default", "other");
    expect(&send(&scene, &reader, "GET", &path, None).await, 404, "E0000007");
}
