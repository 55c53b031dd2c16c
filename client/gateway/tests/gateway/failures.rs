//! A store that fails: then there is no token.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use marque_gateway::{
    Gateway, GatewayError, MasterKey, Parts, SqliteStore, Store, StoreError,
    keys::{KeyError, Schedule, ScheduleError},
    log::{Caller, Entry},
    operate::ChangeError,
    settings::ServerDocument,
    store::{Document, LogRange, Outcome, Step},
};
use marque_sdk::primitives::{TimestampMs, access::IssuerStatus};

use zeroize::Zeroizing;

use crate::scene::{Scene, by, server};

/// As another store, until it is told to fail.
struct Failing {
    store: Arc<SqliteStore>,
    fails: AtomicBool,
}

impl Store for Failing {
    fn commit(&self, step: Step) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        if self.fails.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::Busy) });
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
async fn what_can_not_be_written_down_does_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap());
    let failing = Arc::new(Failing { store: store.clone(), fails: false.into() });
    let scene = Scene::with_store(folder, store, failing.clone()).await;
    assert_eq!(scene.ask("meters:read").await.status, 200);
    failing.fails.store(true, Ordering::SeqCst);
    let answer = scene.ask("meters:read").await;
    assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (500, Some("server_error")));
    assert_eq!(answer.body.get("access_token"), None);
    let apps = scene.gateway.create_app(by(&Caller::default()), &crate::scene::new_app()).await;
    assert!(matches!(apps, Err(ChangeError::Store(StoreError::Busy))));
    failing.fails.store(false, Ordering::SeqCst);
    assert_eq!(scene.events().await.len(), 1);
}

/// Two gateways on one store: what the one changes, the other decides by.
#[tokio::test]
async fn settings_that_changed_meanwhile_are_read_again() {
    let scene = Scene::new().await;
    let other = Gateway::start(scene.gateway_parts()).await.unwrap();
    let caller = Caller::default();
    assert_eq!(scene.ask("meters:read").await.status, 200);
    other.delete_policy(by(&caller), "default", "devices").await.unwrap();
    assert_eq!(scene.ask("meters:read").await.status, 401, "there is no policy any more");
    scene.gateway.put_policy(by(&caller), "default", &crate::scene::policy()).await.unwrap();
    let again = other.delete_policy(by(&caller), "default", "devices").await;
    assert!(again.is_ok(), "it is changed as it is now: {again:?}");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_not_ready() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("/ready").await.status, 200);
    scene.store.close().await;
    assert_eq!(scene.get("/ready").await.status, 503);
}

#[tokio::test]
async fn a_server_is_set_up_as_the_chain_has_it() {
    let scene = Scene::new().await;
    let caller = Caller::default();
    let put = async |server: ServerDocument| scene.gateway.put_server(by(&caller), &server).await;
    let refused = async |server| put(server).await.unwrap_err();
    assert!(put(ServerDocument { default_scopes: vec!["meters:read".into()], ..server() }).await.is_ok());
    let other_number = refused(ServerDocument { issuer: 99, ..server() }).await;
    assert!(matches!(other_number, ChangeError::Gateway(GatewayError::NotOnChain { .. })), "{other_number}");
    let other_url = "https://as.example/oauth2/other".to_owned();
    let other_name = refused(ServerDocument { url: other_url.clone(), ..server() }).await;
    assert!(matches!(other_name, ChangeError::Settings(_)), "its URL says other: {other_name}");
    let other = refused(ServerDocument { name: "other".into(), url: other_url, ..server() }).await;
    assert!(matches!(other, ChangeError::Gateway(GatewayError::NotOnChain { .. })), "{other}");
}

#[tokio::test]
async fn a_gateway_does_not_start_with_what_the_chain_does_not_have() {
    let scene = Scene::new().await;
    let start = async |parts: Parts| Gateway::start(parts).await.unwrap_err();
    let hurried = Schedule { publish_ahead_ms: 60_000, ..Schedule::default() };
    let hurried = start(Parts { schedule: hurried, ..scene.gateway_parts() }).await;
    assert!(matches!(hurried, GatewayError::Schedule(ScheduleError::PublishedTooLate)), "{hurried}");
    let other_master_key = MasterKey::new(Zeroizing::new([8; 32]));
    let locked_out = start(Parts { master_key: other_master_key, ..scene.gateway_parts() }).await;
    assert!(matches!(locked_out, GatewayError::NoKey { reason: KeyError::Sealed(_), .. }), "{locked_out}");
    let keys = std::mem::take(&mut scene.chain.issuer.lock().unwrap().keys);
    assert!(matches!(start(scene.gateway_parts()).await, GatewayError::KeyNotOnChain { .. }), "another chain");
    scene.chain.issuer.lock().unwrap().keys = keys;
    scene.chain.issuer.lock().unwrap().status = IssuerStatus::Deactivated;
    assert!(matches!(start(scene.gateway_parts()).await, GatewayError::NotOnChain { .. }));
}
