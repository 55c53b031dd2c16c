//! A store that fails: then there is no token.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use marque_gateway::{
    Gateway, GatewayError, Parts, ServerConfig, ServiceClient, SqliteStore, Store, StoreError, log::Entry,
};
use marque_sdk::primitives::{DeviceId, TimestampMs};

use crate::scene::{Scene, master_key, server};

/// As another store, but for what it is told to fail at.
struct Failing {
    store: Arc<SqliteStore>,
    at_assertions: AtomicBool,
    at_log: AtomicBool,
}

impl Store for Failing {
    fn use_assertion(
        &self,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        if self.at_assertions.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::OutOfRange) });
        }
        self.store.use_assertion(id, expires_ms, now_ms)
    }

    fn append(&self, body: String, published_ms: TimestampMs) -> BoxFuture<'_, Result<(), StoreError>> {
        if self.at_log.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::OutOfRange) });
        }
        self.store.append(body, published_ms)
    }

    fn entries(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.store.entries(after, limit)
    }

    fn check_log(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.check_log()
    }

    fn revoke_token(
        &self,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.revoke_token(id, expires_ms, now_ms)
    }

    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.store.is_token_revoked(id)
    }

    fn client<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<ServiceClient>, StoreError>> {
        self.store.client(id)
    }

    fn add_client<'a>(&'a self, id: &'a str, device: DeviceId) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.add_client(id, device)
    }

    fn add_secret<'a>(
        &'a self,
        client: &'a str,
        secret: &'a str,
        mac: [u8; 32],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.add_secret(client, secret, mac)
    }

    fn deactivate_secret<'a>(&'a self, client: &'a str, secret: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.deactivate_secret(client, secret)
    }

    fn delete_secret<'a>(&'a self, client: &'a str, secret: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.delete_secret(client, secret)
    }

    fn ensure_ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.ensure_ready()
    }
}

#[tokio::test]
async fn what_can_not_be_written_down_does_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap());
    let failing = Arc::new(Failing { store: store.clone(), at_assertions: false.into(), at_log: false.into() });
    let scene = Scene::with_store(folder, store, failing.clone()).await;
    assert_eq!(scene.ask("meters:read").await.status, 200);
    for part in [&failing.at_log, &failing.at_assertions] {
        part.store(true, Ordering::SeqCst);
        let answer = scene.ask("meters:read").await;
        assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (500, Some("server_error")));
        assert_eq!(answer.body.get("access_token"), None);
        part.store(false, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_not_ready() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("/ready").await.status, 200);
    scene.store.close().await;
    assert_eq!(scene.get("/ready").await.status, 503);
}

#[tokio::test]
async fn a_gateway_is_set_up_as_the_chain_has_it() {
    let scene = Scene::new().await;
    let start = async |servers: Vec<ServerConfig>| {
        Gateway::start(servers, Parts::new(scene.chain.clone(), scene.store.clone(), master_key())).await
    };
    assert!(start(vec![server()]).await.is_ok());
    let other_key = ServerConfig { signer: Arc::new(crate::scene::device_key()), ..server() };
    assert!(matches!(start(vec![other_key]).await, Err(GatewayError::KeyNotOnChain { .. })));
    let other_number = ServerConfig { issuer: 99, ..server() };
    assert!(matches!(start(vec![other_number]).await, Err(GatewayError::NotOnChain { .. })));
    let other_name = ServerConfig { name: "other".into(), ..server() };
    assert!(matches!(start(vec![other_name]).await, Err(GatewayError::NotOnChain { .. })), "its URL says default");
    assert!(matches!(start(vec![server(), server()]).await, Err(GatewayError::InvalidName { .. })));
}
