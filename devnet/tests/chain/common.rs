//! A chain with a manual clock, a raw RPC client, and extrinsics signed by the runtime's own types.

use std::sync::Arc;
use std::time::Duration;

use contracts_node_runtime::{
    AccountId, BalancesCall, Runtime, RuntimeCall, SignedExtra, SignedPayload, UncheckedExtrinsic, VERSION,
};
use marque_devnet::{Config, Devnet, ManualClock, Seal};
use parity_scale_codec::Encode;
use serde_json::{Value, json};
use sp_core::{H256, Pair, sr25519};
use sp_runtime::generic::Era;
use sp_runtime::{MultiAddress, MultiSignature};
use subxt::rpcs::client::{RpcClient, RpcParams, RpcSubscription};

/// 2026-01-01T00:00:00Z.
pub const START_MS: u64 = 1_767_225_600_000;
pub const UNIT: u128 = 1_000_000_000_000;

pub struct Chain {
    pub devnet: Devnet,
    pub clock: Arc<ManualClock>,
    pub rpc: RpcClient,
}

/// A chain in memory that makes blocks for transactions alone, so that a test can count them.
pub fn config() -> Config {
    Config { idle_max: Duration::ZERO, ..Config::default() }
}

/// A fresh chain in memory that seals instantly.
pub async fn chain() -> Chain {
    chain_with(config()).await
}

/// A chain with this configuration and a manual clock.
pub async fn chain_with(config: Config) -> Chain {
    let clock = Arc::new(ManualClock::new(START_MS));
    let devnet = Devnet::start(Config { clock: clock.clone(), ..config }).await.unwrap();
    let rpc = connect(&devnet.url()).await;
    Chain { devnet, clock, rpc }
}

/// A chain that makes no block for the length of a test: what is submitted stays in the pool.
pub async fn chain_that_waits() -> Chain {
    let seal = Seal::Interval(Duration::from_secs(3600));
    chain_with(Config { seal, ..config() }).await
}

pub async fn connect(url: &str) -> RpcClient {
    RpcClient::from_insecure_url(url).await.unwrap()
}

/// A refusal, as the client sees it.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: i32,
    pub message: String,
    pub data: Option<String>,
}

pub async fn ask(rpc: &RpcClient, method: &str, params: Value) -> Value {
    try_ask(rpc, method, params).await.unwrap_or_else(|error| panic!("{method}: {error:?}"))
}

pub async fn try_ask(rpc: &RpcClient, method: &str, params: Value) -> Result<Value, Refused> {
    rpc.request(method, list(params)).await.map_err(refused)
}

pub async fn subscribe(
    rpc: &RpcClient,
    method: &str,
    params: Value,
    unsubscribe: &str,
) -> Result<RpcSubscription<Value>, Refused> {
    rpc.subscribe(method, list(params), unsubscribe).await.map_err(refused)
}

fn list(params: Value) -> RpcParams {
    let mut list = RpcParams::new();
    for param in params.as_array().unwrap() {
        list.push(param).unwrap();
    }
    list
}

fn refused(error: subxt::rpcs::Error) -> Refused {
    match error {
        subxt::rpcs::Error::User(error) => Refused {
            code: error.code,
            message: error.message,
            data: error.data.map(|data| serde_json::from_str(data.get()).unwrap_or_else(|_| data.get().to_owned())),
        },
        // The client reports calls that the server refused as its own errors, in text.
        other => {
            let text = other.to_string();
            panic!("no refusal by the server: {text}")
        }
    }
}

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

pub fn pair(path: &str) -> sr25519::Pair {
    sr25519::Pair::from_string(path, None).unwrap()
}

pub fn account(path: &str) -> AccountId {
    AccountId::from(pair(path).public())
}

/// A transaction to be signed.
pub struct Tx {
    pub from: sr25519::Pair,
    pub call: RuntimeCall,
    pub nonce: u32,
    pub tip: u128,
    /// The era, and the hash of the block that it begins at.
    pub era: Option<(Era, H256)>,
}

impl Tx {
    pub fn new(from: &str, nonce: u32, call: RuntimeCall) -> Self {
        Self { from: pair(from), call, nonce, tip: 0, era: None }
    }

    pub fn tip(self, tip: u128) -> Self {
        Self { tip, ..self }
    }

    /// The bytes to submit to the chain with this genesis.
    pub fn sign(self, genesis: H256) -> String {
        let (era, birth) = self.era.unwrap_or((Era::Immortal, genesis));
        let extra: SignedExtra = (
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckEra::<Runtime>::from(era),
            frame_system::CheckNonce::from(self.nonce),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(self.tip),
        );
        let implied = ((), VERSION.spec_version, VERSION.transaction_version, genesis, birth, (), (), ());
        let payload = SignedPayload::from_raw(self.call.clone(), extra.clone(), implied);
        let signature = payload.using_encoded(|bytes| self.from.sign(bytes));
        let extrinsic = UncheckedExtrinsic::new_signed(
            self.call,
            MultiAddress::Id(AccountId::from(self.from.public())),
            MultiSignature::Sr25519(signature),
            extra,
        );
        hex(extrinsic.encode())
    }
}

pub fn transfer(to: &str, value: u128) -> RuntimeCall {
    BalancesCall::transfer_keep_alive { dest: MultiAddress::Id(account(to)), value }.into()
}

pub async fn genesis(rpc: &RpcClient) -> H256 {
    serde_json::from_value(ask(rpc, "chain_getBlockHash", json!([0])).await).unwrap()
}

/// Submits, and answers the hash of the block that included it, once it is final.
pub async fn include(rpc: &RpcClient, extrinsic: &str) -> String {
    let mut statuses = watch(rpc, extrinsic).await.unwrap();
    while let Some(status) = statuses.next().await {
        let status = status.unwrap();
        if let Some(hash) = status.get("finalized") {
            return hash.as_str().unwrap().to_owned();
        }
        assert!(status == "ready" || status.get("inBlock").is_some(), "unexpected {status}");
    }
    panic!("the subscription ended before the transaction was final");
}

pub async fn watch(rpc: &RpcClient, extrinsic: &str) -> Result<RpcSubscription<Value>, Refused> {
    let params = json!([extrinsic]);
    subscribe(rpc, "author_submitAndWatchExtrinsic", params, "author_unwatchExtrinsic").await
}

/// The next status of a watched transaction.
pub async fn next(statuses: &mut RpcSubscription<Value>) -> Value {
    statuses.next().await.expect("the subscription ended").unwrap()
}

/// The storage key of an account's record.
pub fn account_key(path: &str) -> String {
    let id: [u8; 32] = account(path).into();
    let mut key = frame_support::storage::storage_prefix(b"System", b"Account").to_vec();
    key.extend(sp_core::hashing::blake2_128(&id));
    key.extend(id);
    hex(key)
}

pub fn events_key() -> String {
    hex(frame_support::storage::storage_prefix(b"System", b"Events"))
}

/// The free balance of an account, at a block or now.
pub async fn balance(rpc: &RpcClient, path: &str, at: Option<&str>) -> u128 {
    let record = ask(rpc, "state_getStorage", json!([account_key(path), at])).await;
    let bytes = hex::decode(&record.as_str().unwrap()[2..]).unwrap();
    // nonce, consumers, providers and sufficients come first, 4 bytes each.
    u128::from_le_bytes(bytes[16..32].try_into().unwrap())
}
