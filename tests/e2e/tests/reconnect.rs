//! A connection that breaks, again and again: nothing is lost, nothing is done twice.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, future::join_all};
use marque_e2e_tests::Backend;
use marque_sdk::{
    Account, Chain, Registry,
    primitives::{Controller, DeviceId, Operation},
};
use tokio::{
    io::{AsyncReadExt, copy},
    net::{TcpListener, TcpStream},
    sync::broadcast,
};

const DEVICES: usize = 24;
/// More than the longest answer of this test, and far less than it takes in all.
const BYTES_PER_LINE: u64 = 20_000;
const FOLLOW_MAX: Duration = Duration::from_secs(60);

/// A line to a chain. Once it is frayed, it breaks after each [`BYTES_PER_LINE`] that the chain sent; who calls again gets a new one.
struct Line {
    url: String,
    is_frayed: Arc<AtomicBool>,
    cut: broadcast::Sender<()>,
    calls: Arc<AtomicUsize>,
}

impl Line {
    async fn to(url: &str) -> Self {
        let target: SocketAddr = url.trim_start_matches("ws://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (cut, _) = broadcast::channel(1);
        let line = Self { url, is_frayed: Arc::default(), cut, calls: Arc::default() };
        let (is_frayed, cuts, calls) = (line.is_frayed.clone(), line.cut.clone(), line.calls.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                calls.fetch_add(1, Ordering::SeqCst);
                let bytes_max = if is_frayed.load(Ordering::SeqCst) { BYTES_PER_LINE } else { u64::MAX };
                tokio::spawn(carry(near, target, bytes_max, cuts.subscribe()));
            }
        });
        line
    }

    fn fray(&self) {
        self.is_frayed.store(true, Ordering::SeqCst);
        self.cut.send(()).expect("somebody is on the line");
    }
}

/// Carries bytes both ways until one end is done, the line is cut, or the chain has sent `bytes_max`.
async fn carry(mut near: TcpStream, target: SocketAddr, bytes_max: u64, mut cuts: broadcast::Receiver<()>) {
    let mut far = TcpStream::connect(target).await.unwrap();
    let (mut near_read, mut near_write) = near.split();
    let (far_read, mut far_write) = far.split();
    let mut far_read = far_read.take(bytes_max);
    // However it ends, both ends are closed by being dropped.
    tokio::select! {
        _ = copy(&mut near_read, &mut far_write) => {}
        _ = copy(&mut far_read, &mut near_write) => {}
        _ = cuts.recv() => {}
    }
}

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
    let chain = Chain::connect(&line.url).await.unwrap();
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
    assert!(line.calls.load(Ordering::SeqCst) > 10, "the line broke often enough to mean something");
    backend.stop().await;
}
