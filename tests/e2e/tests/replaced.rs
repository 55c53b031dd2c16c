//! The chain behind an address ends, and this one or another begins there: who follows goes on, or is told.

use std::{net::SocketAddr, path::Path, pin::Pin, time::Duration};

use futures::{Stream, StreamExt};
use marque_devnet::{Config, Devnet};
use marque_sdk::{
    Account, Chain, ChainConfig, HistoryError, Registry, RegistryEvent, Signer,
    primitives::{Controller, DeviceId, Operation},
};

/// More than a follower reads ahead.
const DEVICES: u32 = 12;
const NEXT_MAX: Duration = Duration::from_secs(60);

type Events = Pin<Box<dyn Stream<Item = Result<RegistryEvent, HistoryError>> + Send>>;

async fn devnet(listen: SocketAddr, data_dir: Option<&Path>) -> Devnet {
    let data_dir = data_dir.map(Path::to_owned);
    Devnet::start(Config { listen, data_dir, idle_max: Duration::ZERO, ..Config::default() }).await.unwrap()
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn alice() -> Account {
    Account::from_uri("//Alice").unwrap()
}

async fn register(registry: &Registry) -> DeviceId {
    let key = Account::generate();
    let device = key.device_id().unwrap();
    let register =
        Operation::Register { controller: Controller::Device, metadata: None, keys: vec![], services: vec![] };
    let signed = registry.prepare(device, register).sign(&key).await.unwrap();
    registry.submit(&alice(), signed).await.unwrap();
    device
}

/// A chain with a registry in block 1 and a device in each of the next blocks; and their events, as somebody else follows them.
async fn followed(devnet: &Devnet) -> (Registry, Events) {
    let registry = Registry::deploy(&Chain::connect(&devnet.url()).await.unwrap(), &alice()).await.unwrap();
    for _ in 0..DEVICES {
        register(&registry).await;
    }
    let mut config = ChainConfig::default();
    config.poll_interval = Duration::from_millis(100);
    let follower = Chain::connect_with(&devnet.url(), config).await.unwrap();
    let follower = Registry::attach(&follower, registry.contract()).await.unwrap();
    (registry, Box::pin(follower.events(1)))
}

async fn next(events: &mut Events) -> Result<RegistryEvent, HistoryError> {
    let next = tokio::time::timeout(NEXT_MAX, events.next()).await.expect("a follower is not silent for ever");
    next.expect("it does not end without an error")
}

/// The devices that are told of before the follower ends because the chain was replaced.
async fn until_replaced(events: &mut Events) -> usize {
    let mut told = 0;
    loop {
        match next(events).await {
            Ok(_) => told += 1,
            Err(HistoryError::Chain(error)) if error.is_replaced() => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(events.next().await.is_none(), "nothing follows");
    told
}

/// Another chain at the same address, with so many blocks.
async fn replace(devnet: Devnet, blocks: u32) -> Devnet {
    let address = devnet.address();
    devnet.stop().await.unwrap();
    let other = self::devnet(address, None).await;
    let chain = Chain::connect(&other.url()).await.unwrap();
    let bob = Account::from_uri("//Bob").unwrap().account();
    for _ in 0..blocks {
        chain.transfer(&alice(), &bob, 1_000_000_000_000).await.unwrap();
    }
    assert_eq!(other.finalized(), blocks);
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_chain_is_told_when_another_takes_its_place() {
    let height = DEVICES + 1;
    for blocks in [1, height - 1, height, height + 5] {
        let devnet = devnet(any_port(), None).await;
        let (_, mut events) = followed(&devnet).await;
        for _ in 0..DEVICES {
            next(&mut events).await.unwrap();
        }
        assert_eq!(devnet.finalized(), height);
        let other = replace(devnet, blocks).await;
        assert_eq!(until_replaced(&mut events).await, 0, "{blocks} blocks");
        other.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_catches_up_with_a_chain_is_told_when_another_takes_its_place() {
    let devnet = devnet(any_port(), None).await;
    let (_, mut events) = followed(&devnet).await;
    next(&mut events).await.unwrap();
    let other = replace(devnet, 3).await;
    assert!(until_replaced(&mut events).await < DEVICES as usize, "some were not fetched yet");
    other.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_chain_goes_on_when_it_comes_back() {
    let data = tempfile::tempdir().unwrap();
    let devnet = devnet(any_port(), Some(data.path())).await;
    let (registry, mut events) = followed(&devnet).await;
    for _ in 0..DEVICES {
        next(&mut events).await.unwrap();
    }
    let address = devnet.address();
    devnet.stop().await.unwrap();
    let devnet = self::devnet(address, Some(data.path())).await;
    let device = register(&registry).await;
    assert_eq!(next(&mut events).await.unwrap().device, device);
    devnet.stop().await.unwrap();
}
