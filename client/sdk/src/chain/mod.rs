//! The chain: connection, blocks, accounts, and calls of contracts.

mod blocks;
mod clock;
mod config;
mod contracts;
mod error;
mod finalized;
mod nonce;
mod receipt;
mod rpc;
mod runtime;
mod storage;
mod submit;
mod wire;

use std::{collections::HashMap, fmt, sync::Arc};

use marque_primitives::{AccountId, Hash};
use subxt::rpcs::client::{RpcParams, rpc_params};

pub use blocks::BlockRef;
pub use clock::{Clock, SystemClock};
pub use config::{ChainConfig, WaitFor};
pub use contracts::{Deployed, DryRun};
pub use error::{CallError, ChainError};
pub use receipt::{ContractEvent, Receipt};
pub use storage::{Balance, StoragePrices};
pub use wire::Weight;
pub(crate) use wire::decode_all;

use rpc::Rpc;
use runtime::Runtimes;
use submit::Turn;

/// At which block state is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum At {
    /// The last finalized block.
    #[default]
    Finalized,
    /// The head of the best chain, which can still change.
    Best,
    /// The block of this hash.
    Block(Hash),
}

/// A connection to a chain with pallet-contracts. Clones share it, and with it the nonces of the accounts that submit.
///
/// A connection that is lost is re-established. Reads are repeated then, within their time-out; a transaction that was being
/// submitted is submitted again as it is, byte for byte, which can't do it twice.
#[derive(Clone)]
pub struct Chain {
    inner: Arc<Inner>,
}

struct Inner {
    rpc: Rpc,
    config: ChainConfig,
    genesis_hash: Hash,
    runtimes: Runtimes,
    turns: std::sync::Mutex<HashMap<AccountId, Arc<Turn>>>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Chain({}, genesis 0x{})", self.url(), hex::encode(self.inner.genesis_hash))
    }
}

impl Chain {
    /// Connects to the node at `url` (`ws://` or `wss://`).
    ///
    /// # Errors
    /// [`ChainError::InvalidUrl`], [`ChainError::Unreachable`], [`ChainError::NoContractsPallet`]; others when the node answers
    /// what can't be understood.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        Self::connect_with(url, ChainConfig::default()).await
    }

    /// Connects with other time-outs and margins.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect).
    pub async fn connect_with(url: &str, config: ChainConfig) -> Result<Self, ChainError> {
        let rpc = Rpc::connect(url, &config).await?;
        let genesis: String = rpc.read("chain_getBlockHash", || rpc_params![0u32]).await?;
        let genesis_hash = wire::hash("chain_getBlockHash", &genesis)?;
        let runtimes = Runtimes::new(genesis_hash);
        let inner = Inner { rpc, config, genesis_hash, runtimes, turns: std::sync::Mutex::default() };
        let chain = Self { inner: Arc::new(inner) };
        let head = chain.finalized().await?;
        if !chain.runtime_at(&head.hash).await?.has_contracts() {
            return Err(ChainError::NoContractsPallet { url: url.to_owned() });
        }
        Ok(chain)
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        self.inner.rpc.url()
    }

    /// How it behaves.
    pub fn config(&self) -> &ChainConfig {
        &self.inner.config
    }

    /// The genesis hash, which names the chain.
    pub fn genesis_hash(&self) -> Hash {
        self.inner.genesis_hash
    }

    /// Whether the node says that its chain is for development (of the type `Development` or `Local`), so that keys that everybody
    /// has may be used on it. It is the node's word alone.
    ///
    /// # Errors
    /// When the node can't be asked.
    pub async fn is_development(&self) -> Result<bool, ChainError> {
        let chain_type: serde_json::Value = self.rpc().read("system_chainType", || rpc_params![]).await?;
        Ok(matches!(chain_type.as_str(), Some("Development" | "Local")))
    }

    pub(crate) fn rpc(&self) -> &Rpc {
        &self.inner.rpc
    }

    /// The hash to read at. The best head is left to the node, as it may change while it is asked for.
    pub(crate) async fn hash_at(&self, at: At) -> Result<Option<Hash>, ChainError> {
        match at {
            At::Finalized => self.finalized_hash().await.map(Some),
            At::Best => Ok(None),
            At::Block(hash) => Ok(Some(hash)),
        }
    }

    /// Calls a function of the runtime's API with SCALE-encoded arguments.
    pub(crate) async fn state_call(&self, function: &str, args: &[u8], at: At) -> Result<Vec<u8>, ChainError> {
        let hash = self.hash_at(at).await?.map(|hash| wire::hex(&hash));
        let args = wire::hex(args);
        let params = || -> RpcParams { rpc_params![function, &args, &hash] };
        let answer: String = self.rpc().read("state_call", params).await?;
        wire::bytes(function, &answer)
    }

    pub(crate) fn turn(&self, account: AccountId) -> Arc<Turn> {
        let mut turns = self.inner.turns.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        turns.entry(account).or_default().clone()
    }
}
