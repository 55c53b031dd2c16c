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
    let Chain { rpc, devnet: _devnet, .. } = chain_with(Config { seal, ..config() }).await;
    let end = "chain_unsubscribeFinalizedHeads";
    let mut heads = subscribe(&rpc, "chain_subscribeFinalizedHeads", json!([]), end).await.unwrap();
    let first = next(&mut heads).await["number"].clone();
    assert_ne!(next(&mut heads).await["number"], first);
    let genesis = genesis(&rpc).await;
    include(&rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis)).await;
}

const IDLE_MAX: Duration = Duration::from_millis(20);
const BLOCK_MAX: Duration = Duration::from_secs(60);

/// Waits for the block of this number.
async fn block(rpc: &subxt::rpcs::RpcClient, number: u32) -> Value {
    let end = "chain_unsubscribeFinalizedHeads";
    let mut heads = subscribe(rpc, "chain_subscribeFinalizedHeads", json!([]), end).await.unwrap();
    let found = async { while next(&mut heads).await["number"] != format!("{number:#x}") {} };
    tokio::time::timeout(BLOCK_MAX, found).await.expect("the block is made");
    ask(rpc, "chain_getBlockHash", json!([number])).await
}

#[tokio::test]
async fn an_idle_chain_makes_one_empty_block_when_its_time_has_fallen_behind() {
    let Chain { rpc, clock, devnet } = chain_with(Config { idle_max: IDLE_MAX, ..config() }).await;
    let genesis = genesis(&rpc).await;
    // Before the first transaction the chain has no time that could fall behind.
    clock.advance(Duration::from_secs(60));
    include(&rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis)).await;
    assert_eq!(devnet.finalized(), 1);
    for (number, hours) in [(2, 1), (3, 2)] {
        clock.advance(Duration::from_secs(3600));
        let hash = block(&rpc, number).await;
        assert_eq!(timestamp_ms(&rpc, &hash).await, START_MS + 60_000 + hours * 3_600_000);
        let body = ask(&rpc, "chain_getBlock", json!([hash])).await["block"]["extrinsics"].clone();
        assert_eq!(body.as_array().unwrap().len(), 1, "the timestamp alone");
    }
    // The clock stands still again, and so does the chain.
    include(&rpc, &Tx::new("//Alice", 1, transfer("//Bob", UNIT)).sign(genesis)).await;
    assert_eq!(devnet.finalized(), 4);
}

#[tokio::test]
async fn a_chain_that_may_be_idle_makes_no_empty_block() {
    let Chain { rpc, clock, devnet } = chain().await;
    let genesis = genesis(&rpc).await;
    for nonce in 0..3 {
        clock.advance(Duration::from_secs(24 * 3600));
        include(&rpc, &Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis)).await;
    }
    assert_eq!(devnet.finalized(), 3);
}

#[tokio::test]
async fn a_chain_that_is_started_again_catches_up_with_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let stored = || Config { data_dir: Some(dir.path().to_owned()), idle_max: IDLE_MAX, ..config() };
    let Chain { rpc, devnet, .. } = chain_with(stored()).await;
    let genesis = genesis(&rpc).await;
    include(&rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis)).await;
    devnet.stop().await.unwrap();

    let Chain { rpc, clock, devnet } = chain_with(stored()).await;
    assert_eq!(devnet.finalized(), 1);
    clock.advance(Duration::from_secs(3600));
    let hash = block(&rpc, 2).await;
    assert_eq!(timestamp_ms(&rpc, &hash).await, START_MS + 3_600_000);
    include(&rpc, &Tx::new("//Alice", 1, transfer("//Bob", UNIT)).sign(genesis)).await;
}

#[tokio::test]
async fn an_interval_of_nothing_is_refused() {
    let seal = Seal::Interval(Duration::ZERO);
    let refused = Devnet::start(Config { seal, ..config() }).await;
    assert!(matches!(refused.err(), Some(StartError::ZeroInterval)));
}
