//! Killed at any moment, the chain loses no block that it announced.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use marque_devnet::{Config, Devnet};
use serde_json::json;

use crate::common::*;

/// Set for the child alone; tells where its chain is kept.
const DATA_DIR: &str = "MARQUE_DEVNET_KILL_TEST_DIR";
const ROUNDS: u32 = 8;
const IN_FLIGHT: u32 = 8;

/// Not a test of its own: what [`killed_at_any_moment`] starts and kills.
#[tokio::test]
async fn child() {
    let Some(dir) = std::env::var_os(DATA_DIR) else {
        return;
    };
    let config = Config { data_dir: Some(dir.into()), ..config() };
    let devnet = Devnet::start(config).await.unwrap();
    println!("listening on {}", devnet.url());
    std::future::pending::<()>().await;
}

fn spawn(dir: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(DATA_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines
        .map(|line| line.unwrap())
        .find_map(|line| line.split_once("listening on ").map(|(_, url)| url.to_owned()));
    (child, url.expect("the child did not start"))
}

/// A transaction that the chain said is final, and where.
struct Acknowledged {
    extrinsic: String,
    block: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let (mut child, url) = spawn(dir.path());
        let rpc = connect(&url).await;
        assert_intact(&rpc, &acknowledged).await;
        let first = ask(&rpc, "system_accountNextIndex", json!([account("//Alice")])).await;
        let first = u32::try_from(first.as_u64().unwrap()).unwrap();
        let genesis = genesis(&rpc).await;

        let (told, mut acknowledgements) = tokio::sync::mpsc::unbounded_channel();
        for lane in 0..IN_FLIGHT {
            let (rpc, told) = (rpc.clone(), told.clone());
            tokio::spawn(async move {
                for nonce in (first + lane..).step_by(IN_FLIGHT as usize) {
                    let extrinsic = Tx::new("//Alice", nonce, transfer("//Bob", 1)).sign(genesis);
                    let Ok(block) = finalized(&rpc, &extrinsic).await else {
                        return;
                    };
                    let _ = told.send(Acknowledged { extrinsic, block });
                }
            });
        }
        drop(told);
        // A different moment each time: so many acknowledgements, then some hundreds of microseconds.
        for _ in 0..=(round * 7) {
            acknowledged.push(acknowledgements.recv().await.unwrap());
        }
        std::thread::sleep(Duration::from_micros(u64::from(round) * 370));
        child.kill().unwrap();
        child.wait().unwrap();
        // What was told before the kill counts too.
        while let Some(more) = acknowledgements.recv().await {
            acknowledged.push(more);
        }
    }
    let devnet = Devnet::start(Config { data_dir: Some(dir.path().into()), ..config() });
    let devnet = devnet.await.unwrap();
    assert_intact(&connect(&devnet.url()).await, &acknowledged).await;
    assert!(acknowledged.len() > 100);
}

/// Submits and answers the final block; an error when the connection ends before.
async fn finalized(rpc: &subxt::rpcs::RpcClient, extrinsic: &str) -> Result<String, ()> {
    let params = {
        let mut params = subxt::rpcs::client::RpcParams::new();
        params.push(extrinsic).map_err(|_| ())?;
        params
    };
    let (method, end) = ("author_submitAndWatchExtrinsic", "author_unwatchExtrinsic");
    let mut statuses = rpc.subscribe::<serde_json::Value>(method, params, end).await.map_err(|_| ())?;
    while let Some(Ok(status)) = statuses.next().await {
        if let Some(block) = status.get("finalized") {
            return Ok(block.as_str().unwrap_or_default().to_owned());
        }
    }
    Err(())
}

/// Every acknowledged transaction is in its block on the chain, and the head's state belongs to its header.
async fn assert_intact(rpc: &subxt::rpcs::RpcClient, acknowledged: &[Acknowledged]) {
    for Acknowledged { extrinsic, block } in acknowledged {
        let stored = ask(rpc, "chain_getBlock", json!([block])).await;
        let extrinsics = stored["block"]["extrinsics"].as_array().expect("an announced block is lost");
        assert!(extrinsics.iter().any(|stored| stored == extrinsic));
        let number = &stored["block"]["header"]["number"];
        assert_eq!(ask(rpc, "chain_getBlockHash", json!([number])).await, json!(block));
    }
    let head = ask(rpc, "chain_getFinalizedHead", json!([])).await;
    crate::methods::assert_proven(rpc, head.as_str().unwrap()).await;
    assert_whole_state(rpc, head.as_str().unwrap()).await;
}

/// Rebuilds the state trie of a block from all its keys and compares the root.
async fn assert_whole_state(rpc: &subxt::rpcs::RpcClient, at: &str) {
    let keys = ask(rpc, "state_getKeysPaged", json!(["0x", 1000, null, at])).await;
    let mut storage = sp_storage::Storage::default();
    for key in keys.as_array().unwrap() {
        let value = ask(rpc, "state_getStorage", json!([key, at])).await;
        let bytes = |text: &serde_json::Value| hex::decode(&text.as_str().unwrap()[2..]).unwrap();
        storage.top.insert(bytes(key), bytes(&value));
    }
    let rebuilt = sp_state_machine::InMemoryBackend::<sp_runtime::traits::BlakeTwo256>::from((
        storage,
        sp_storage::StateVersion::V1,
    ));
    let header = ask(rpc, "chain_getHeader", json!([at])).await;
    assert_eq!(header["stateRoot"], json!(rebuilt.root()));
}
