//! Every state stays readable.

use serde_json::{Value, json};
use sp_core::H256;

use crate::common::*;

#[tokio::test]
async fn old_states_and_events_stay_readable() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let genesis = genesis(&rpc).await;
    let mut blocks = Vec::new();
    for nonce in 0..300 {
        blocks.push(include(&rpc, &Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis)).await);
    }
    for (index, block) in blocks.iter().enumerate().step_by(37) {
        let received = UNIT * (index as u128 + 1);
        assert_eq!(balance(&rpc, "//Bob", Some(block)).await, (1 << 60) + received);
        let events = ask(&rpc, "state_getStorage", json!([events_key(), block])).await;
        let bob = hex::encode(<[u8; 32]>::from(account("//Bob")));
        assert!(events.as_str().unwrap().contains(&bob));
        crate::methods::assert_proven(&rpc, block).await;
    }
}

#[tokio::test]
async fn a_range_of_blocks_tells_each_change() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let genesis = genesis(&rpc).await;
    let mut blocks = Vec::new();
    for (nonce, to) in ["//Bob", "//Eve", "//Bob"].into_iter().enumerate() {
        let tx = Tx::new("//Alice", nonce as u32, transfer(to, UNIT));
        blocks.push(include(&rpc, &tx.sign(genesis)).await);
    }
    let key = account_key("//Bob");
    let sets = ask(&rpc, "state_queryStorage", json!([[key], genesis])).await;
    let told: Vec<&Value> = sets.as_array().unwrap().iter().map(|set| &set["block"]).collect();
    assert_eq!(told, [&json!(genesis), &json!(blocks[0]), &json!(blocks[2])]);
    let backwards = try_ask(&rpc, "state_queryStorage", json!([[key], blocks[1], blocks[0]])).await;
    assert_eq!(backwards.unwrap_err().code, 4001);
}

#[tokio::test]
async fn an_unknown_block_is_an_error() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let unknown = H256::repeat_byte(0x11);
    for (method, params) in [
        ("state_getStorage", json!(["0x12", unknown])),
        ("state_call", json!(["Core_version", "0x", unknown])),
        ("state_getKeysPaged", json!(["0x", 1, null, unknown])),
        ("state_getMetadata", json!([unknown])),
        ("state_getReadProof", json!([["0x12"], unknown])),
    ] {
        let refused = try_ask(&rpc, method, params).await.unwrap_err();
        assert_eq!(refused.code, 4003, "{method}");
        assert!(refused.message.starts_with("Client error: UnknownBlock"), "{method}");
    }
}
