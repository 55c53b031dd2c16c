//! Each method answers what the node answers.

use serde_json::{Value, json};
use sp_core::H256;

use crate::common::*;

#[tokio::test]
async fn system_methods_describe_a_development_chain() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    assert_eq!(ask(&rpc, "system_chain", json!([])).await, "Development");
    assert_eq!(ask(&rpc, "system_chainType", json!([])).await, "Development");
    assert_eq!(ask(&rpc, "system_properties", json!([])).await, json!({}));
    let health = json!({ "peers": 0, "isSyncing": false, "shouldHavePeers": false });
    assert_eq!(ask(&rpc, "system_health", json!([])).await, health);
    assert_eq!(ask(&rpc, "system_nodeRoles", json!([])).await, json!(["Authority"]));
    assert_eq!(ask(&rpc, "system_peers", json!([])).await, json!([]));
    assert!(ask(&rpc, "system_name", json!([])).await.is_string());
    assert!(ask(&rpc, "system_version", json!([])).await.is_string());
    assert!(ask(&rpc, "system_localPeerId", json!([])).await.is_string());
}

#[tokio::test]
async fn rpc_methods_lists_the_legacy_methods_only() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let listed = ask(&rpc, "rpc_methods", json!([])).await;
    let names: Vec<&str> = listed["methods"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for name in ["rpc_methods", "chain_getBlock", "state_subscribeStorage", "author_unwatchExtrinsic"] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(!names.iter().any(|name| name.starts_with("chainHead")));
    assert!(names.is_sorted());
}

#[tokio::test]
async fn genesis_is_that_of_the_node() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    for path in ["//Alice", "//Ferdie", "//Alice//stash", "//Ferdie//stash"] {
        assert_eq!(balance(&rpc, path, None).await, 1 << 60, "{path}");
    }
    let keys = ask(&rpc, "state_getKeysPaged", json!(["0x", 1000])).await;
    // The node's genesis has 49 keys with `:code`.
    assert!(keys.as_array().unwrap().len() > 30);
    let sudo = hex(frame_support::storage::storage_prefix(b"Sudo", b"Key"));
    let alice: [u8; 32] = account("//Alice").into();
    assert_eq!(ask(&rpc, "state_getStorage", json!([sudo])).await, hex(alice));
    let version = ask(&rpc, "state_getRuntimeVersion", json!([])).await;
    assert_eq!(version["specName"], "substrate-contracts-node");
    assert_eq!(version["specVersion"], 100);
    assert_eq!(version["apis"][0], json!(["0xdf6acb689907609b", 5]));
    let metadata = ask(&rpc, "state_getMetadata", json!([])).await;
    assert!(metadata.as_str().unwrap().starts_with("0x6d6574610e"));
}

#[tokio::test]
async fn chain_methods_find_blocks() {
    let Chain { rpc, devnet, clock: _clock } = chain().await;
    let genesis = genesis(&rpc).await;
    let extrinsic = Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis);
    let hash = include(&rpc, &extrinsic).await;
    assert_eq!(devnet.finalized(), 1);
    for method in ["chain_getFinalizedHead", "chain_getFinalisedHead", "chain_getBlockHash", "chain_getHead"] {
        assert_eq!(ask(&rpc, method, json!([])).await, json!(hash), "{method}");
    }
    let hashes = ask(&rpc, "chain_getBlockHash", json!([[0, "0x1", 2]])).await;
    assert_eq!(hashes, json!([genesis, hash, null]));
    let header = ask(&rpc, "chain_getHeader", json!([])).await;
    assert_eq!(header["parentHash"], json!(genesis));
    assert_eq!(header["number"], "0x1");
    let block = ask(&rpc, "chain_getBlock", json!([hash])).await;
    assert_eq!(block["block"]["header"], header);
    assert_eq!(block["block"]["extrinsics"][1], json!(extrinsic));
    assert_eq!(block["justifications"], Value::Null);
    let unknown = H256::repeat_byte(0x11);
    assert_eq!(ask(&rpc, "chain_getBlock", json!([unknown])).await, Value::Null);
    assert_eq!(ask(&rpc, "chain_getHeader", json!([unknown])).await, Value::Null);
    let refused = try_ask(&rpc, "chain_getBlockHash", json!(["0xffffffffffffffff"])).await;
    assert_eq!(refused.unwrap_err().code, 3001);
}

#[tokio::test]
async fn state_methods_read_storage() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let key = account_key("//Alice");
    let value = ask(&rpc, "state_getStorage", json!([key])).await;
    let bytes = hex::decode(&value.as_str().unwrap()[2..]).unwrap();
    for method in ["state_getStorageAt", "state_getStorage"] {
        assert_eq!(ask(&rpc, method, json!([key, genesis(&rpc).await])).await, value);
    }
    assert_eq!(ask(&rpc, "state_getStorageSize", json!([key])).await, json!(bytes.len()));
    let hash = hex(sp_core::hashing::blake2_256(&bytes));
    assert_eq!(ask(&rpc, "state_getStorageHash", json!([key])).await, json!(hash));
    let set = ask(&rpc, "state_queryStorageAt", json!([[key, "0x1234"]])).await;
    assert_eq!(set[0]["changes"], json!([[key, value], ["0x1234", null]]));
    let nonce = hex(<[u8; 32]>::from(account("//Alice")));
    let called = ask(&rpc, "state_call", json!(["AccountNonceApi_account_nonce", nonce])).await;
    assert_eq!(called, "0x00000000");
}

#[tokio::test]
async fn keys_come_in_pages() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let prefix = &account_key("//Alice")[..66];
    let all = ask(&rpc, "state_getKeysPaged", json!([prefix, 1000])).await;
    assert_eq!(all.as_array().unwrap().len(), 12);
    let mut collected = Vec::new();
    loop {
        let params = json!([prefix, 5, collected.last()]);
        let page = ask(&rpc, "state_getKeysPaged", params).await;
        let page = page.as_array().unwrap().clone();
        if page.is_empty() {
            break;
        }
        collected.extend(page);
    }
    assert_eq!(json!(collected), all);
    let refused = try_ask(&rpc, "state_getKeysPaged", json!(["0x", 1001])).await.unwrap_err();
    assert_eq!(refused.code, 4002);
}

#[tokio::test]
async fn read_proofs_hold_against_the_header() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let head = include(&rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis(&rpc).await)).await;
    assert_proven(&rpc, &head).await;
}

/// Checks a proof of Alice's account at `at` against the state root in the header of that block.
pub async fn assert_proven(rpc: &subxt::rpcs::RpcClient, at: &str) {
    let key = account_key("//Alice");
    let header = ask(rpc, "chain_getHeader", json!([at])).await;
    let root: H256 = serde_json::from_value(header["stateRoot"].clone()).unwrap();
    let answer = ask(rpc, "state_getReadProof", json!([[key], at])).await;
    assert_eq!(answer["at"], at);
    let nodes: Vec<sp_core::Bytes> = serde_json::from_value(answer["proof"].clone()).unwrap();
    let proof = sp_trie::StorageProof::new(nodes.into_iter().map(|node| node.0));
    let raw_key = hex::decode(&key[2..]).unwrap();
    let proven = sp_state_machine::read_proof_check::<sp_runtime::traits::BlakeTwo256, _>(root, proof, [&raw_key]);
    let value = ask(rpc, "state_getStorage", json!([key, at])).await;
    assert_eq!(json!(proven.unwrap()[&raw_key].as_ref().map(hex)), value);
}

#[tokio::test]
async fn fees_and_dry_runs_answer_as_the_node() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let extrinsic = Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis(&rpc).await);
    let info = ask(&rpc, "payment_queryInfo", json!([extrinsic])).await;
    assert_eq!(info["class"], "normal");
    let fee: u128 = info["partialFee"].as_str().unwrap().parse().unwrap();
    let details = ask(&rpc, "payment_queryFeeDetails", json!([extrinsic])).await;
    let parts = &details["inclusionFee"];
    let sum: u128 = ["baseFee", "lenFee", "adjustedWeightFee"]
        .map(|part| u128::from_str_radix(&parts[part].as_str().unwrap()[2..], 16).unwrap())
        .iter()
        .sum();
    assert_eq!(fee, sum);
    assert_eq!(ask(&rpc, "system_dryRun", json!([extrinsic])).await, "0x0000");
    let before = balance(&rpc, "//Alice", None).await;
    include(&rpc, &extrinsic).await;
    assert_eq!(balance(&rpc, "//Alice", None).await, before - UNIT - fee);
}

#[tokio::test]
async fn next_index_counts_what_waits() {
    let Chain { rpc, devnet: _devnet, .. } = chain_that_waits().await;
    let genesis = genesis(&rpc).await;
    let alice = json!([account("//Alice")]);
    assert_eq!(ask(&rpc, "system_accountNextIndex", alice.clone()).await, 0);
    for nonce in [0, 1, 3] {
        let extrinsic = Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis);
        ask(&rpc, "author_submitExtrinsic", json!([extrinsic])).await;
    }
    assert_eq!(ask(&rpc, "system_accountNextIndex", alice).await, 2);
    assert_eq!(ask(&rpc, "author_pendingExtrinsics", json!([])).await.as_array().unwrap().len(), 2);
}
