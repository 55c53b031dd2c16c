//! subxt, the client of the SDK.

use sp_core::{Pair, sr25519};
use subxt::dynamic::{self, Value};
use subxt::utils::{AccountId32, MultiSignature};
use subxt::{OnlineClient, PolkadotConfig};

use crate::common::*;

struct Signer(sr25519::Pair);

impl subxt::tx::Signer<PolkadotConfig> for Signer {
    fn account_id(&self) -> AccountId32 {
        AccountId32(self.0.public().0)
    }

    fn sign(&self, payload: &[u8]) -> MultiSignature {
        MultiSignature::Sr25519(self.0.sign(payload).0)
    }
}

#[tokio::test]
async fn subxt_transfers_and_sees_finalized_events() {
    let chain = chain().await;
    let client = OnlineClient::<PolkadotConfig>::from_insecure_url(chain.devnet.url()).await.unwrap();
    let bob = Value::unnamed_variant("Id", [Value::from_bytes(account("//Bob"))]);
    let call = dynamic::transaction("Balances", "transfer_allow_death", (bob, Value::u128(UNIT)));
    let signer = Signer(pair("//Alice"));
    for height in 1..=3 {
        let at = client.at_current_block().await.unwrap();
        let events = at
            .transactions()
            .sign_and_submit_then_watch_default(&call, &signer)
            .await
            .unwrap()
            .wait_for_finalized_success()
            .await
            .unwrap();
        let names: Vec<String> = events
            .iter()
            .map(|event| event.unwrap())
            .map(|event| format!("{}.{}", event.pallet_name(), event.event_name()))
            .collect();
        assert!(names.contains(&"Balances.Transfer".to_owned()), "{names:?}");
        assert!(names.contains(&"System.ExtrinsicSuccess".to_owned()), "{names:?}");
        assert_eq!(chain.devnet.finalized(), height);
    }
}

#[tokio::test]
async fn subxt_streams_finalized_blocks() {
    let chain = chain().await;
    let client = OnlineClient::<PolkadotConfig>::from_insecure_url(chain.devnet.url()).await.unwrap();
    let mut blocks = client.stream_blocks().await.unwrap();
    let genesis = genesis(&chain.rpc).await;
    for nonce in 0..10 {
        include(&chain.rpc, &Tx::new("//Alice", nonce, transfer("//Bob", UNIT)).sign(genesis)).await;
    }
    let mut last = None;
    while last != Some(10) {
        last = blocks.next().await.map(|block| block.unwrap().number());
    }
}
