//! What clients are told as blocks come.

use serde_json::json;

use crate::common::*;

#[tokio::test]
async fn heads_begin_with_the_newest_and_miss_none() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let genesis = genesis(&rpc).await;
    let names = [
        ("chain_subscribeNewHeads", "chain_unsubscribeNewHeads"),
        ("chain_subscribeAllHeads", "chain_unsubscribeAllHeads"),
        ("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads"),
        ("chain_subscribeNewHead", "chain_unsubscribeNewHead"),
        ("chain_subscribeFinalisedHeads", "chain_unsubscribeFinalisedHeads"),
    ];
    let mut subscriptions = Vec::new();
    for (subscribe_name, unsubscribe_name) in names {
        subscriptions.push(subscribe(&rpc, subscribe_name, json!([]), unsubscribe_name).await.unwrap());
    }
    for nonce in 0..20 {
        include(&rpc, &Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis)).await;
    }
    for heads in &mut subscriptions {
        for number in 0..=20 {
            assert_eq!(next(heads).await["number"], format!("{number:#x}"));
        }
    }
}

#[tokio::test]
async fn storage_changes_are_told() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let genesis = genesis(&rpc).await;
    let (bob, eve) = (account_key("//Bob"), account_key("//Eve"));
    let params = json!([[bob, eve]]);
    let mut changes = subscribe(&rpc, "state_subscribeStorage", params, "state_unsubscribeStorage").await.unwrap();
    let first = next(&mut changes).await;
    assert_eq!(first["changes"].as_array().unwrap().len(), 2);
    let block = include(&rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis)).await;
    let change = next(&mut changes).await;
    let value = ask(&rpc, "state_getStorage", json!([bob])).await;
    assert_eq!(change, json!({ "block": block, "changes": [[bob, value]] }));
}

#[tokio::test]
async fn the_runtime_version_is_told_once() {
    let Chain { rpc, devnet: _devnet, .. } = chain().await;
    let (method, end) = ("state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion");
    let mut versions = subscribe(&rpc, method, json!([]), end).await.unwrap();
    assert_eq!(next(&mut versions).await["specVersion"], 100);
}

#[tokio::test]
async fn several_clients_share_one_chain() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    let senders = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie"];
    let clients = senders.map(|sender| {
        let url = chain.devnet.url();
        tokio::spawn(async move {
            let rpc = connect(&url).await;
            for nonce in 0..20 {
                include(&rpc, &Tx::new(sender, nonce, transfer("//Alice//stash", UNIT)).sign(genesis)).await;
            }
        })
    });
    for client in clients {
        client.await.unwrap();
    }
    let received = balance(&chain.rpc, "//Alice//stash", None).await - (1 << 60);
    assert_eq!(received, 6 * 20 * UNIT);
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_up_nobody() {
    use tokio::io::AsyncWriteExt;
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    // Subscribes over a raw socket many times, then never reads again.
    let mut silent = tokio::net::TcpStream::connect(chain.devnet.address()).await.unwrap();
    let upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    silent.write_all(upgrade.as_bytes()).await.unwrap();
    for id in 0..200 {
        let request = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"state_subscribeStorage","params":[["{}"]]}}"#,
            events_key()
        );
        silent.write_all(&frame(request.as_bytes())).await.unwrap();
    }
    for nonce in 0..700 {
        include(&chain.rpc, &Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis)).await;
    }
    assert_eq!(chain.devnet.finalized(), 700);
    chain.devnet.stop().await.unwrap();
}

/// A masked WebSocket text frame; the mask is zero, so the payload stays as it is.
fn frame(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
