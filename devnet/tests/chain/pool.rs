//! Transactions on their way into a block, and the errors of those that get nowhere: the node's codes and texts.

use parity_scale_codec::Decode;
use serde_json::json;
use sp_core::H256;
use sp_runtime::generic::Era;

use crate::common::*;

async fn submit(chain: &Chain, tx: Tx) -> Result<serde_json::Value, Refused> {
    let extrinsic = tx.sign(genesis(&chain.rpc).await);
    try_ask(&chain.rpc, "author_submitExtrinsic", json!([extrinsic])).await
}

fn invalid(data: &str) -> Refused {
    Refused { code: 1010, message: "Invalid Transaction".into(), data: Some(data.into()) }
}

#[tokio::test]
async fn invalid_transactions_are_refused_with_the_nodes_errors() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    let bad_signature = Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(H256::zero());
    let submit_raw =
        async |extrinsic: String| try_ask(&chain.rpc, "author_submitExtrinsic", json!([extrinsic])).await.unwrap_err();
    assert_eq!(submit_raw(bad_signature.clone()).await, invalid("Transaction has a bad signature"));
    let banned = submit_raw(bad_signature).await;
    assert_eq!((banned.code, &banned.message[..]), (1012, "Transaction is temporarily banned"));

    include(&chain.rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis)).await;
    let stale = submit(&chain, Tx::new("//Alice", 0, transfer("//Bob", 2 * UNIT))).await;
    assert_eq!(stale.unwrap_err(), invalid("Transaction is outdated"));

    let poor = submit(&chain, Tx::new("//Nobody", 0, transfer("//Bob", 1))).await;
    let reason = "Inability to pay some fees (e.g. account balance too low)";
    assert_eq!(poor.unwrap_err(), invalid(reason));

    let undecodable = submit_raw("0x1004ffffff".into()).await;
    assert_eq!(undecodable.code, 1002);
    let truncated = submit_raw("0x1234".into()).await;
    assert_eq!(truncated.code, 1040);
    let text = "Client error: Could not decode `OpaqueExtrinsic.0`:\n\tNot enough data to fill buffer\n";
    assert_eq!(truncated.message, text);
    let unsigned_inherent = submit_raw("0x280403000b9d3d9aac9301".into()).await;
    let reason = "Transaction dispatch is mandatory; transactions must not be validated.";
    assert_eq!(unsigned_inherent, invalid(reason));
}

#[tokio::test]
async fn an_included_transaction_cannot_come_again() {
    let chain = chain().await;
    let extrinsic = Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis(&chain.rpc).await);
    include(&chain.rpc, &extrinsic).await;
    let again = try_ask(&chain.rpc, "author_submitExtrinsic", json!([extrinsic])).await;
    assert_eq!(again.unwrap_err(), invalid("Transaction is outdated"));
}

#[tokio::test]
async fn a_pooled_transaction_is_known_and_outranked_only_by_a_tip() {
    let chain = chain_that_waits().await;
    let genesis = genesis(&chain.rpc).await;
    let first = Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis);
    let mut first_status = watch(&chain.rpc, &first).await.unwrap();
    assert_eq!(next(&mut first_status).await, "ready");
    let again = try_ask(&chain.rpc, "author_submitExtrinsic", json!([first])).await.unwrap_err();
    assert_eq!((again.code, &again.message[..]), (1013, "Transaction Already Imported"));

    let same = submit(&chain, Tx::new("//Alice", 0, transfer("//Bob", 2 * UNIT))).await;
    let refused = same.unwrap_err();
    assert_eq!(refused.code, 1014);
    assert!(refused.message.starts_with("Priority is too low: ("), "{}", refused.message);

    let better = Tx::new("//Alice", 0, transfer("//Bob", 3 * UNIT)).tip(UNIT);
    let hash = submit(&chain, better).await.unwrap();
    assert_eq!(next(&mut first_status).await, json!({ "usurped": hash }));
}

#[tokio::test]
async fn nonces_are_put_in_order() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    let signed = [0, 1, 2].map(|nonce| Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis));
    let mut third = watch(&chain.rpc, &signed[2]).await.unwrap();
    let mut second = watch(&chain.rpc, &signed[1]).await.unwrap();
    assert_eq!(next(&mut third).await, "future");
    assert_eq!(next(&mut second).await, "future");
    let mut first = watch(&chain.rpc, &signed[0]).await.unwrap();
    for (name, statuses) in [("first", &mut first), ("second", &mut second), ("third", &mut third)] {
        assert_eq!(next(statuses).await, "ready", "{name}");
        let block = next(statuses).await["inBlock"].clone();
        assert_eq!(next(statuses).await, json!({ "finalized": block }), "{name}");
    }
    // All three were ready at once, so one block took them, in the order of their nonces.
    assert_eq!(chain.devnet.finalized(), 1);
    let block = ask(&chain.rpc, "chain_getBlock", json!([])).await;
    assert_eq!(block["block"]["extrinsics"].as_array().unwrap()[1..], signed);
}

#[tokio::test]
async fn a_transaction_that_outlives_its_era_is_given_up() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    // Mortal for 4 blocks, and waiting for a nonce that never comes.
    let era = Some((Era::mortal(4, 0), genesis));
    let mortal = Tx { era, ..Tx::new("//Bob", 1, transfer("//Alice", UNIT)) }.sign(genesis);
    let mut statuses = watch(&chain.rpc, &mortal).await.unwrap();
    assert_eq!(next(&mut statuses).await, "future");
    for nonce in 0..6 {
        let extrinsic = Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis);
        include(&chain.rpc, &extrinsic).await;
    }
    assert_eq!(next(&mut statuses).await, "invalid");
}

#[tokio::test]
async fn a_mortal_transaction_is_included_in_its_era() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    let era = Some((Era::mortal(64, 0), genesis));
    let mortal = Tx { era, ..Tx::new("//Alice", 0, transfer("//Bob", UNIT)) };
    include(&chain.rpc, &mortal.sign(genesis)).await;
}

#[tokio::test]
async fn what_does_not_fit_waits_for_the_next_block() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    // A block takes 3.9 MB of normal transactions: the first and the second, or the second and the third.
    let remark = |nonce, bytes| {
        let call = contracts_node_runtime::SystemCall::remark { remark: vec![0; bytes] };
        Tx::new("//Alice", nonce, call.into()).sign(genesis)
    };
    let mut statuses = Vec::new();
    // The first is sent last, so that all are ready at the same time.
    for (nonce, bytes) in [(1, 950_000), (2, 950_000), (0, 2_500_000)] {
        statuses.push(watch(&chain.rpc, &remark(nonce, bytes)).await.unwrap());
    }
    let mut heights = Vec::new();
    for statuses in &mut statuses {
        let block = loop {
            if let Some(hash) = next(statuses).await.get("finalized") {
                break hash.clone();
            }
        };
        let header = ask(&chain.rpc, "chain_getHeader", json!([block])).await;
        heights.push(header["number"].as_str().unwrap().to_owned());
    }
    assert_eq!(heights, ["0x1", "0x2", "0x1"]);
}

#[tokio::test]
async fn a_failing_call_is_included_and_pays() {
    let chain = chain().await;
    let before = balance(&chain.rpc, "//Bob", None).await;
    let too_much = transfer("//Alice", before);
    let block = include(&chain.rpc, &Tx::new("//Bob", 0, too_much).sign(genesis(&chain.rpc).await)).await;
    assert!(balance(&chain.rpc, "//Bob", None).await < before);
    let events = ask(&chain.rpc, "state_getStorage", json!([events_key(), block])).await;
    let bytes = hex::decode(&events.as_str().unwrap()[2..]).unwrap();
    type Record = frame_system::EventRecord<contracts_node_runtime::RuntimeEvent, H256>;
    let events = Vec::<Record>::decode(&mut &bytes[..]).unwrap();
    let failed = |event: &contracts_node_runtime::RuntimeEvent| format!("{event:?}").contains("ExtrinsicFailed");
    assert!(events.iter().any(|record| failed(&record.event)));
}

#[tokio::test]
async fn upgrading_the_runtime_fails_as_a_dispatch_error() {
    let chain = chain().await;
    let code = contracts_node_runtime::SystemCall::set_code { code: vec![0; 64] };
    let call = contracts_node_runtime::RuntimeCall::Sudo(pallet_sudo_call(code.into()));
    include(&chain.rpc, &Tx::new("//Alice", 0, call).sign(genesis(&chain.rpc).await)).await;
    include(&chain.rpc, &Tx::new("//Alice", 1, transfer("//Bob", 1)).sign(genesis(&chain.rpc).await)).await;
}

/// `sudo(call)`, decoded from its bytes: the pallet's crate is not among the dependencies.
fn pallet_sudo_call<T: Decode>(call: contracts_node_runtime::RuntimeCall) -> T {
    let mut bytes = vec![0];
    bytes.extend(parity_scale_codec::Encode::encode(&call));
    T::decode(&mut &bytes[..]).unwrap()
}
