//! The chain across restarts.

use std::path::Path;

use marque_devnet::{Config, Devnet, StartError};
use redb::ReadableTable;
use serde_json::json;

use crate::common::*;

fn stored_in(dir: &Path) -> Config {
    Config { data_dir: Some(dir.to_owned()), ..config() }
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
    assert_eq!(ask(&chain.rpc, "chain_getBlockHash", json!([[1, 2]])).await, json!([first, second]));
    assert_eq!(balance(&chain.rpc, "//Bob", Some(&first)).await, (1 << 60) + UNIT);
    include(&chain.rpc, &tx(2)).await;
    assert_eq!(chain.devnet.finalized(), 3);
}

#[tokio::test]
async fn a_directory_serves_one_chain_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let chain = chain_with(stored_in(dir.path())).await;
    let refused = Devnet::start(stored_in(dir.path())).await.err();
    assert!(matches!(&refused, Some(StartError::InUse(path)) if path == dir.path()), "{refused:?}");
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
    assert!(matches!(refused, Some(StartError::Storage { .. })), "{refused:?}");
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let refused = Devnet::start(stored_in(&file)).await.err();
    assert!(matches!(refused, Some(StartError::Storage { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_taken_port_is_refused() {
    let chain = chain().await;
    let config = Config { listen: chain.devnet.address(), ..config() };
    assert!(matches!(Devnet::start(config).await.err(), Some(StartError::Listen { .. })));
}

/// Starts and stops a chain in `dir`, lets `change` rewrite its file, and starts it again.
async fn restart_after(dir: &Path, change: impl FnOnce(&redb::WriteTransaction)) -> StartError {
    let chain = chain_with(stored_in(dir)).await;
    chain.devnet.stop().await.unwrap();
    let database = redb::Database::open(dir.join("chain.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
    drop(database);
    Devnet::start(stored_in(dir)).await.err().expect("the chain started on a changed file")
}

#[tokio::test]
async fn another_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = restart_after(dir.path(), |transaction| {
        let meta = redb::TableDefinition::<&str, &[u8]>::new("meta");
        let mut meta = transaction.open_table(meta).unwrap();
        meta.insert("format", &7u32.to_le_bytes()[..]).unwrap();
    });
    let refused = refused.await;
    assert!(matches!(refused, StartError::FormatMismatch { found: 7, .. }), "{refused:?}");
}

#[tokio::test]
async fn another_chain_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = restart_after(dir.path(), |transaction| {
        let blocks = redb::TableDefinition::<u32, &[u8]>::new("blocks");
        let mut blocks = transaction.open_table(blocks).unwrap();
        let mut block = blocks.get(0).unwrap().unwrap().value().to_vec();
        // A block's record begins with its hash.
        block[0] ^= 1;
        blocks.insert(0, &block[..]).unwrap();
    });
    let refused = refused.await;
    assert!(matches!(refused, StartError::GenesisMismatch { .. }), "{refused:?}");
    assert!(refused.to_string().contains("choose another data"), "{refused}");
}

#[tokio::test]
async fn a_lost_state_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = restart_after(dir.path(), |transaction| {
        let nodes = redb::TableDefinition::<&[u8; 32], &[u8]>::new("nodes");
        transaction.delete_table(nodes).unwrap();
        transaction.open_table(nodes).unwrap();
    });
    let refused = refused.await;
    assert!(matches!(refused, StartError::Storage { .. }), "{refused:?}");
}
