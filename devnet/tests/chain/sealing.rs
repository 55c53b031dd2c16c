//! When blocks are made, and what time they carry.

use std::time::Duration;

use marque_devnet::{Config, Devnet, Seal, StartError};
use serde_json::{Value, json};

use crate::common::*;

async fn timestamp_ms(rpc: &subxt::rpcs::RpcClient, at: &Value) -> u64 {
    let key = hex(frame_support::storage::storage_prefix(b"Timestamp", b"Now"));
    let now = ask(rpc, "state_getStorage", json!([key, at])).await;
    let bytes = hex::decode(&now.as_str().unwrap()[2..]).unwrap();
    u64::from_le_bytes(bytes.try_into().unwrap())
}

#[tokio::test]
async fn instant_sealing_never_stalls_on_a_clock_that_stands_still() {
    let Chain { rpc, clock, devnet: _devnet } = chain().await;
    let genesis = genesis(&rpc).await;
    let mut times = Vec::new();
    for nonce in 0..3 {
        let block = include(&rpc, &Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis)).await;
        times.push(timestamp_ms(&rpc, &json!(block)).await);
    }
    assert_eq!(times, [START_MS, START_MS + 5, START_MS + 10]);
    clock.advance(Duration::from_secs(60));
    let block = include(&rpc, &Tx::new("//Alice", 3, transfer("//Bob", UNIT)).sign(genesis)).await;
    assert_eq!(timestamp_ms(&rpc, &json!(block)).await, START_MS + 60_000);
    clock.set(1);
    let block = include(&rpc, &Tx::new("//Alice", 4, transfer("//Bob", UNIT)).sign(genesis)).await;
    assert_eq!(timestamp_ms(&rpc, &json!(block)).await, START_MS + 60_005);
}

#[tokio::test]
async fn interval_sealing_makes_empty_blocks_and_takes_what_waits() {
    let seal = Seal::Interval(Duration::from_millis(50));
    let Chain { rpc, devnet: _devnet, .. } = chain_with(Config { seal, ..Config::default() }).await;
    let end = "chain_unsubscribeFinalizedHeads";
    let mut heads = subscribe(&rpc, "chain_subscribeFinalizedHeads", json!([]), end).await.unwrap();
    let first = next(&mut heads).await["number"].clone();
    assert_ne!(next(&mut heads).await["number"], first);
    let genesis = genesis(&rpc).await;
    include(&rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis)).await;
}

#[tokio::test]
async fn an_interval_of_nothing_is_refused() {
    let seal = Seal::Interval(Duration::ZERO);
    let refused = Devnet::start(Config { seal, ..Config::default() }).await;
    assert!(matches!(refused.err(), Some(StartError::ZeroInterval)));
}
