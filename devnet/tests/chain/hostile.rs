//! Clients that send what they should not.

use contracts_node_runtime::{RuntimeCall, SystemCall};
use parity_scale_codec::{Compact, Encode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::*;

/// Sends one HTTP request, answers the status line and the body.
async fn post(chain: &Chain, body: &str) -> (String, String) {
    let mut stream = tokio::net::TcpStream::connect(chain.devnet.address()).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that has seen enough closes early; what it answered is still there to read.
    let _ = stream.write_all(body.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.lines().next().unwrap_or_default().to_owned();
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (status, body.unwrap_or_default())
}

#[tokio::test]
async fn http_is_served_on_the_same_port() {
    let chain = chain().await;
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"system_chain","params":[]}"#;
    let (status, body) = post(&chain, request).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert_eq!(body, r#"{"jsonrpc":"2.0","id":1,"result":"Development"}"#);
}

#[tokio::test]
async fn malformed_requests_are_answered_with_typed_errors() {
    let chain = chain().await;
    for (request, code) in [
        ("garbage", -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"nope","params":[]}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"state_getStorage","params":["zz"]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"state_getStorage","params":[]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"state_getStorage","params":{"key":"0x"}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"chain_getBlock","params":["0x12"]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"chain_getBlockHash","params":[-1]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"author_submitExtrinsic","params":["xyz"]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"system_accountNextIndex","params":["5Grw"]}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"state_getKeysPaged","params":["0x",-1]}"#, -32602),
    ] {
        let (_, body) = post(&chain, request).await;
        let answer: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{request}: {body}"));
        assert_eq!(answer["error"]["code"], code, "{request}");
    }
}

#[tokio::test]
async fn an_oversized_request_is_refused() {
    let chain = chain().await;
    let (status, _) = post(&chain, &" ".repeat(16 * 1024 * 1024)).await;
    assert!(status.starts_with("HTTP/1.1 413"), "{status}");
    assert_eq!(ask(&chain.rpc, "system_chain", json!([])).await, "Development");
}

#[tokio::test]
async fn garbage_for_the_runtime_is_an_error_and_nothing_more() {
    let chain = chain().await;
    let functions = [
        "AccountNonceApi_account_nonce",
        "ContractsApi_call",
        "ContractsApi_instantiate",
        "Core_execute_block",
        "Core_initialize_block",
        "BlockBuilder_apply_extrinsic",
        "BlockBuilder_check_inherents",
        "BlockBuilder_finalize_block",
        "BlockBuilder_inherent_extrinsics",
        "TaggedTransactionQueue_validate_transaction",
        "TransactionPaymentApi_query_info",
        "TransactionPaymentCallApi_query_call_info",
        "OffchainWorkerApi_offchain_worker",
        "SessionKeys_generate_session_keys",
        "GenesisBuilder_build_state",
        "Core_nothing",
        "",
    ];
    for function in functions {
        for args in ["0x", "0x00", "0xffffffff", "0x0102030405060708090a0b0c0d0e0f101112131415161718"] {
            if let Err(refused) = try_ask(&chain.rpc, "state_call", json!([function, args])).await {
                assert_eq!(refused.code, 4003, "{function} {args}");
            }
        }
    }
    let unknown = try_ask(&chain.rpc, "state_call", json!(["Core_nothing", "0x"])).await.unwrap_err();
    let text = "Client error: Execution failed: Other: Exported method Core_nothing is not found";
    assert_eq!(unknown.message, text);
    include(&chain.rpc, &Tx::new("//Alice", 0, transfer("//Bob", UNIT)).sign(genesis(&chain.rpc).await)).await;
}

/// `batch([batch([… remark …])])`, as bytes: a value of this depth could not even be dropped safely.
fn nested_batches(depth: usize) -> Vec<u8> {
    let mut call = RuntimeCall::from(SystemCall::remark { remark: Vec::new() }).encode();
    call.reverse();
    for _ in 0..depth {
        // Pallet 2 (Utility), call 0 (batch), a vector of one; in reverse, so that each level is one append.
        let mut head = vec![2, 0];
        head.extend(Compact(1u32).encode());
        head.reverse();
        call.extend(head);
    }
    call.reverse();
    call
}

fn unsigned(call: &[u8]) -> String {
    let mut body = vec![4];
    body.extend(call);
    hex(body.encode())
}

#[tokio::test]
async fn calls_nested_without_end_are_refused() {
    let chain = chain().await;
    for depth in [300, 10_000, 500_000] {
        let call = nested_batches(depth);
        let extrinsic = unsigned(&call);
        let refused = try_ask(&chain.rpc, "author_submitExtrinsic", json!([extrinsic])).await;
        assert_eq!(refused.unwrap_err().code, 1002, "{depth}");
        for method in ["payment_queryInfo", "payment_queryFeeDetails", "system_dryRun"] {
            let refused = try_ask(&chain.rpc, method, json!([extrinsic])).await;
            assert_eq!(refused.unwrap_err().code, 1, "{method} {depth}");
        }
        let mut args = call;
        args.extend(0u32.encode());
        for method in ["query_call_info", "query_call_fee_details"] {
            let function = format!("TransactionPaymentCallApi_{method}");
            let refused = try_ask(&chain.rpc, "state_call", json!([function, hex(&args)])).await;
            assert_eq!(refused.unwrap_err().code, 4003, "{method} {depth}");
        }
    }
    assert_eq!(ask(&chain.rpc, "system_chain", json!([])).await, "Development");
}

#[tokio::test]
async fn calls_nested_up_to_the_bound_are_executed() {
    let chain = chain().await;
    let genesis = genesis(&chain.rpc).await;
    // Decoded on a thread with room for it, as the chain's own threads have.
    let extrinsic = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || {
            let bytes = nested_batches(250);
            let call = parity_scale_codec::Decode::decode(&mut &bytes[..]).unwrap();
            Tx::new("//Alice", 0, call).sign(genesis)
        })
        .unwrap()
        .join()
        .unwrap();
    include(&chain.rpc, &extrinsic).await;
    include(&chain.rpc, &Tx::new("//Alice", 1, transfer("//Bob", UNIT)).sign(genesis)).await;
}

#[tokio::test]
async fn a_connection_has_a_bounded_number_of_subscriptions() {
    let chain = chain().await;
    let mut held = Vec::new();
    let refused = loop {
        let end = "chain_unsubscribeNewHeads";
        match subscribe(&chain.rpc, "chain_subscribeNewHeads", json!([]), end).await {
            Ok(subscription) => held.push(subscription),
            Err(refused) => break refused,
        }
    };
    assert_eq!(held.len(), 1024);
    assert_eq!(refused.code, -32006);
    let other = connect(&chain.devnet.url()).await;
    assert_eq!(ask(&other, "system_chain", json!([])).await, "Development");
}
