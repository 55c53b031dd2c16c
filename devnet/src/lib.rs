//! An embedded Substrate development chain.
//!
//! The runtime of `substrate-contracts-node` 0.42, compiled natively and driven in this process, behind the node's
//! standard JSON-RPC over WebSocket and HTTP on one port. subxt, polkadot.js and cargo-contract connect to it as they
//! connect to the node: same metadata, fees, weights and genesis accounts as `substrate-contracts-node --dev`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let devnet = marque_devnet::Devnet::start(marque_devnet::Config::default()).await?;
//! println!("connect to {}", devnet.url());
//! devnet.stop().await?;
//! # Ok(()) }
//! ```
//!
//! It is for development, tests and demonstrations: one author, no consensus, well-known keys that own everything. Do
//! not keep anything of value on it.
//!
//! What differs from the node:
//!
//! - The state has no `:code`, as there is no Wasm runtime; so its genesis hash differs from the node's, and the
//!   runtime cannot be upgraded.
//! - Blocks are final as soon as they are made: `inBlock` and `finalized` are told at once. polkadot.js then skips the
//!   first, so a script waits for `isFinalized` or `isCompleted`, not for `isInBlock`.
//! - While nothing happens, an empty block a minute lets the chain's time go on ([`Config::idle_max`]), some 15 MB a day;
//!   the node makes none.
//! - Every state is kept, so that any block can be queried. The archive grows by some 10 kB per block, in memory too.
//! - One transaction per account and nonce waits at a time, also while a nonce before it is missing.
//! - Dry runs of contracts get no more gas than a block has.
//! - The pallets are the newest compatible patch releases, where the node was released with older ones: fees and
//!   weights are the same, one unused type is gone from the metadata, and a refund of nothing has no event.
//! - The `chainHead`, `transaction` and `archive` methods are not served; clients use the older ones.
//! - Timestamps rise by at least 5 ms per block, as the runtime demands: a chain that seals faster than that for a
//!   while runs ahead of the clock.
//! - [`Devnet::start`] wraps the process's panic hook, to keep panics of the runtime (its answer to undecodable
//!   arguments) silent. Others are reported as before.
//!
//! # Licence
//!
//! This crate's source is Apache-2.0, but `contracts-node-runtime` links crates under GPL-3.0: a binary that contains
//! this crate is distributed under GPL-3.0.

mod author;
mod bans;
mod chain;
mod clock;
mod error;
mod executor;
mod genesis;
mod pool;
mod quiet;
mod rpc;
mod runtime;
mod seal;
mod store;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jsonrpsee::server::ServerHandle;
use tokio::sync::{mpsc, oneshot};

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{StartError, StopError};
pub use seal::Seal;

use chain::Chain;
use executor::Executor;
use seal::{COMMANDS_MAX, Sealer};
use store::Store;

/// How long [`Devnet::stop`] waits for clients to take what was sent to them.
const CLOSING: Duration = Duration::from_secs(1);

/// After how long an idle chain makes an empty block, if nothing else is said.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// How to run the chain.
#[derive(Clone)]
pub struct Config {
    /// Where the chain is kept across restarts and kills; in memory without one.
    pub data_dir: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one. Loopback by default: anyone who can connect owns the chain.
    pub listen: SocketAddr,
    /// When blocks are made.
    pub seal: Seal,
    /// How far the chain's time may fall behind the clock while it seals instantly and nothing happens: then an empty block is made, so
    /// that who follows the chain sees time pass. Zero: any time. Default: 60 s. There is none before the chain's first transaction.
    pub idle_max: Duration,
    /// Where block timestamps come from.
    pub clock: Arc<dyn Clock>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seal: Seal::Instant,
            idle_max: IDLE_MAX,
            clock: Arc::new(SystemClock),
        }
    }
}

/// A running chain. Dropping it stops it too, without waiting.
pub struct Devnet {
    chain: Arc<Chain>,
    executor: Arc<Executor>,
    server: ServerHandle,
    address: SocketAddr,
    stop_sealer: oneshot::Sender<()>,
    sealer: JoinHandle<()>,
}

impl Devnet {
    /// Opens the chain, or begins it, and serves it. Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// In this order: [`StartError::ZeroInterval`]; what is wrong with the data directory
    /// ([`StartError::InUse`], [`StartError::FormatMismatch`], [`StartError::GenesisMismatch`],
    /// [`StartError::Storage`]); [`StartError::Internal`]; [`StartError::Listen`].
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let Config { data_dir, listen, seal, idle_max, clock } = config;
        if seal == Seal::Interval(Duration::ZERO) {
            return Err(StartError::ZeroInterval);
        }
        let executor = Arc::new(Executor::start().map_err(internal)?);
        let opened = executor.run(move || open(data_dir)).await.map_err(internal)?;
        let chain = Arc::new(opened?);

        let sealer = Sealer::new(chain.clone(), clock, seal, idle_max).map_err(internal)?;

        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let context = rpc::Context::new(chain.clone(), executor.clone(), commands);
        let (server, address) =
            rpc::serve(context, listen).await.map_err(|source| StartError::Listen { address: listen, source })?;

        let (stop_sealer, stopped) = oneshot::channel();
        let work = sealer.run(inbox, stopped);
        let runtime = tokio::runtime::Handle::current();
        let sealer = std::thread::Builder::new()
            .name("devnet-sealer".into())
            .stack_size(executor::STACK_BYTES)
            .spawn(move || runtime.block_on(work))
            .map_err(internal)?;
        tracing::info!(%address, height = chain.head().header.number, "development chain is up");
        Ok(Self { chain, executor, server, address, stop_sealer, sealer })
    }

    /// Where clients connect: `ws://127.0.0.1:PORT`. The same port speaks HTTP.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Height of the newest finalized block.
    pub fn finalized(&self) -> u32 {
        self.chain.head().header.number
    }

    /// Stops: closes all connections, finishes the block under construction, and releases the data directory.
    /// Transactions that wait in the pool are lost.
    ///
    /// # Errors
    ///
    /// [`StopError::Panicked`] if a thread of the chain had ended by a defect.
    pub async fn stop(self) -> Result<(), StopError> {
        let Self { chain, executor, server, stop_sealer, sealer, .. } = self;
        // Both only fail when it has stopped already.
        let _ = server.stop();
        let _ = stop_sealer.send(());
        let joined = tokio::task::spawn_blocking(move || {
            let sealed = sealer.join();
            executor.stop();
            chain.close();
            sealed
        });
        let sealed = joined.await;
        // A client that does not read what it was sent would keep its connection for ever.
        let _ = tokio::time::timeout(CLOSING, server.stopped()).await;
        match sealed {
            Ok(Ok(())) => Ok(()),
            _ => Err(StopError::Panicked),
        }
    }
}

fn open(data_dir: Option<PathBuf>) -> Result<Chain, StartError> {
    let genesis = genesis::build().map_err(StartError::Internal)?;
    Store::open(data_dir.as_deref(), &genesis).and_then(Chain::new).map_err(|error| error.at_start(data_dir))
}

fn internal(error: impl std::fmt::Display) -> StartError {
    StartError::Internal(error.to_string())
}
