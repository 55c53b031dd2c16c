//! The chain across restarts.

use std::path::Path;

use marque_devnet::{Config, Devnet, StartError};
use serde_json::json;

use crate::common::*;

fn stored_in(dir: &Path) -> Config {
    Config {
        data_dir: Some(dir.to_owned()),
        ..Config::default()
    }
}

#[tokio::test]
async fn a_restart_continues_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let chain = chain_with(stored_in(dir.path())).await;
    let first_genesis = genesis(&chain.rpc).await;
    let tx = |nonce| Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(first_genesis);
    let first = include(&chain.rpc, &tx(0)).await;
    let second = include(&chain.rpc, &tx(1)).await;
    chain.devnet.stop().await.unwrap();

    let chain = chain_with(stored_in(dir.path())).await;
    assert_eq!(chain.devnet.finalized(), 2);
    assert_eq!(genesis(&chain.rpc).await, first_genesis);
    assert_eq!(
        ask(&chain.rpc, "chain_getBlockHash", json!([[1, 2]])).await,
        json!([first, second])
    );
    assert_eq!(
        balance(&chain.rpc, "//Bob", Some(&first)).await,
        (1 << 60) + UNIT
    );
    include(&chain.rpc, &tx(2)).await;
    assert_eq!(chain.devnet.finalized(), 3);
}

#[tokio::test]
async fn a_directory_serves_one_chain_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let chain = chain_with(stored_in(dir.path())).await;
    let refused = Devnet::start(stored_in(dir.path())).await.err();
    assert!(
        matches!(&refused, Some(StartError::InUse(path)) if path == dir.path()),
        "{refused:?}"
    );
    // A connection that stays open does not keep the directory.
    let open = connect(&chain.devnet.url()).await;
    chain.devnet.stop().await.unwrap();
    let again = Devnet::start(stored_in(dir.path())).await.unwrap();
    again.stop().await.unwrap();
    drop(open);
}

#[tokio::test]
async fn foreign_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("chain.redb"), b"something else entirely").unwrap();
    let refused = Devnet::start(stored_in(dir.path())).await.err();
    assert!(
        matches!(refused, Some(StartError::Storage { .. })),
        "{refused:?}"
    );
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let refused = Devnet::start(stored_in(&file)).await.err();
    assert!(
        matches!(refused, Some(StartError::Storage { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_taken_port_is_refused() {
    let chain = chain().await;
    let config = Config {
        listen: chain.devnet.address(),
        ..Config::default()
    };
    assert!(matches!(
        Devnet::start(config).await.err(),
        Some(StartError::Listen { .. })
    ));
}
