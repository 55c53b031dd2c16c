//! A connection that breaks, again and again: nothing is lost, nothing is done twice.

use std::time::Duration;

use futures::{StreamExt, future::join_all};
use marque_e2e_tests::{Backend, Line};
use marque_sdk::{
    Account, Chain, Registry,
    primitives::{Controller, DeviceId, Operation},
};

const DEVICES: usize = 24;
const FOLLOW_MAX: Duration = Duration::from_secs(60);

async fn register_one(registry: &Registry, sponsor: &Account) -> DeviceId {
    let key = Account::generate();
    let device = key.device_id().unwrap();
    let register =
        Operation::Register { controller: Controller::Device, metadata: None, keys: vec![], services: vec![] };
    let signed = registry.prepare(device, register).sign(&key).await.unwrap();
    registry.submit(sponsor, signed).await.unwrap();
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_line_loses_nothing_and_repeats_nothing() {
    let backend = Backend::embedded().await;
    let line = Line::to(backend.url()).await;
    let alice = Account::from_uri("//Alice").unwrap();
    let chain = Chain::connect(line.url()).await.unwrap();
    let registry = Registry::deploy(&chain, &alice).await.unwrap();

    let follower = registry.clone();
    let followed = tokio::spawn(async move {
        let events = follower.events(1).take(DEVICES).map(|event| event.unwrap().device);
        tokio::time::timeout(FOLLOW_MAX, events.collect::<Vec<_>>()).await.expect("each event comes")
    });
    line.fray();
    let mut devices = Vec::new();
    for _ in 0..DEVICES / 4 {
        devices.extend(join_all((0..4).map(|_| register_one(&registry, &alice))).await);
    }
    assert_eq!(registry.info().await.unwrap().registered, DEVICES as u64);
    let mut seen = followed.await.unwrap();
    seen.sort();
    devices.sort();
    assert_eq!(seen, devices, "each event was seen, and once");
    assert!(line.connections() > 10, "the line broke often enough to mean something");
    backend.stop().await;
}
