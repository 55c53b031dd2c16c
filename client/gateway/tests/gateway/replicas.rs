//! Two gateways on one PostgreSQL: what happens at the one holds at the other at once.

use std::{collections::BTreeSet, sync::Arc};

use futures::future::join_all;
use marque_gateway::{Parts, PostgresStore, Store, limit::Limits, log::Caller, store::LogRange};
use marque_sdk::token::read_jwt;
use serde_json::Value;

use crate::{
    assertion::encode,
    postgres::{PostgresServer, database},
    scene::{Answer, Scene, TOKEN, by},
};

type Replica = Scene<PostgresStore>;

const INTROSPECT: &str = "/oauth2/default/v1/introspect";
const REVOKE: &str = "/oauth2/default/v1/revoke";

async fn connect(url: &str) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::connect(url).await.unwrap())
}

/// Two gateways, each with connections of its own, which know nothing of each other.
async fn replicas(url: &str, limits: Limits) -> (Replica, Replica) {
    let store = connect(url).await;
    let first = Scene::with_store(None, store.clone(), store).await;
    let replica = async || {
        let store = connect(url).await;
        let (kept, counters) = (store.clone(), store.clone());
        let parts = Parts { store: kept, counters, limits, ..first.gateway_parts() };
        first.beside(store, parts).await
    };
    (replica().await, replica().await)
}

async fn two() -> (Replica, Replica) {
    replicas(&database().await, Limits::default()).await
}

async fn by_secret(replica: &Replica, app: &str, secret: &str) -> Answer {
    let form = "grant_type=client_credentials&scope=meters:read";
    replica.post(TOKEN, &format!("{form}&client_id={app}&client_secret={secret}")).await
}

async fn about(replica: &Replica, path: &str, token: &str) -> Answer {
    let mut form = replica.form("");
    form.push(("token", token.to_owned()));
    replica.post(path, &encode(&form)).await
}

fn token(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap()
}

#[tokio::test]
async fn an_assertion_counts_once_at_all_replicas_together() {
    let (one, other) = two().await;
    let form = encode(&one.form("meters:read"));
    assert_eq!(one.post(TOKEN, &form).await.status, 200);
    let again = other.post(TOKEN, &form).await;
    assert_eq!((again.status.as_u16(), again.body["error"].as_str()), (401, Some("invalid_client")));
    let form = encode(&one.form("meters:read"));
    let all = (0..25).flat_map(|_| [one.post(TOKEN, &form), other.post(TOKEN, &form)]);
    let statuses: Vec<u16> = join_all(all).await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn a_token_that_is_revoked_at_one_is_inactive_at_the_other() {
    let (one, other) = two().await;
    let answer = one.ask("meters:read").await;
    let token = token(&answer);
    assert_eq!(about(&other, INTROSPECT, token).await.body["active"], true);
    assert_eq!(about(&one, REVOKE, token).await.status, 200);
    assert_eq!(about(&other, INTROSPECT, token).await.body, serde_json::json!({ "active": false }));
}

#[tokio::test]
async fn an_application_and_its_secrets_count_at_all_replicas_at_once() {
    let (one, other) = two().await;
    let caller = Caller::default();
    let app = one.app().await.id;
    let (id, secret) = one.secret(&app).await;
    token(&by_secret(&other, &app, &secret).await);
    one.gateway.set_secret_active(by(&caller), &app, &id, false).await.unwrap();
    assert_eq!(by_secret(&other, &app, &secret).await.status, 401);
    other.gateway.set_secret_active(by(&caller), &app, &id, true).await.unwrap();
    token(&by_secret(&one, &app, &secret).await);
    one.gateway.set_app_active(by(&caller), &app, false).await.unwrap();
    assert_eq!(by_secret(&other, &app, &secret).await.status, 401);
}

#[tokio::test]
async fn operators_at_both_replicas_undo_nothing_of_each_other() {
    let (one, other) = two().await;
    let apps = join_all([&one, &other].map(async |replica| [replica.app().await.id, replica.app().await.id])).await;
    for app in apps.iter().flatten() {
        for replica in [&one, &other] {
            let (_, secret) = replica.secret(app).await;
            token(&by_secret(&one, app, &secret).await);
            token(&by_secret(&other, app, &secret).await);
        }
    }
}

#[tokio::test]
async fn replicas_write_one_log_and_each_token_is_in_it() {
    let (one, other) = two().await;
    let all = (0..20).flat_map(|_| [one.ask("meters:read"), other.ask("meters:read")]);
    let answers = join_all(all).await;
    let given: BTreeSet<String> =
        answers.iter().map(|answer| read_jwt(token(answer)).unwrap().claims.token_id).collect();
    let last = one.store.check_log().await.unwrap();
    assert_eq!(other.store.check_log().await.unwrap(), last);
    let entries = other.store.entries(LogRange::past(0, 1000)).await.unwrap();
    let events = entries.iter().map(|entry| serde_json::from_str::<Value>(&entry.body).unwrap());
    let granted = events.filter(|event| event["eventType"] == "app.oauth2.as.token.grant.access_token");
    let written: Vec<String> = granted.map(|event| event["target"][0]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((written.len(), written.into_iter().collect::<BTreeSet<_>>()), (40, given));
}

#[tokio::test]
async fn replicas_share_their_limits() {
    let limits = Limits { per_address: 4, ..Limits::default() };
    let (one, other) = replicas(&database().await, limits).await;
    for (replica, expected) in [(&one, 200), (&other, 200), (&one, 200), (&other, 200), (&one, 429), (&other, 429)] {
        assert_eq!(replica.ask("meters:read").await.status, expected);
    }
    one.advance(60);
    assert_eq!(other.ask("meters:read").await.status, 200, "the minute is over");
}

#[tokio::test]
async fn without_the_database_there_is_no_token_and_with_it_there_is_again() {
    let mut server = PostgresServer::start();
    let (one, other) = replicas(&server.database().await, Limits::default()).await;
    let form = encode(&one.form("meters:read"));
    token(&one.post(TOKEN, &form).await);
    server.stop();
    let (asked, ready) = tokio::join!(other.ask("meters:read"), one.get("/ready"));
    assert_eq!((asked.status.as_u16(), asked.body["error"].as_str()), (500, Some("server_error")));
    assert_eq!(ready.status, 503);
    server.resume();
    assert_eq!(one.get("/ready").await.status, 200);
    assert_eq!(other.post(TOKEN, &form).await.status, 401, "it was used before");
    token(&other.ask("meters:read").await);
    one.store.check_log().await.unwrap();
}
