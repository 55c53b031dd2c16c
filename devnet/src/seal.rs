//! The one thread that appends: it validates what is submitted, keeps the pool, and seals blocks.
//!
//! One owner for pool and head means that a transaction is always validated on the state that it is pooled for.

use std::collections::{HashMap, HashSet};
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use parity_scale_codec::Encode;
use serde::Serialize;
use sp_core::{H256, hashing::blake2_256};
use sp_runtime::OpaqueExtrinsic;
use sp_runtime::transaction_validity::{
    InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError, UnknownTransaction,
    ValidTransaction,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Interval, MissedTickBehavior};

use crate::author::{self, Applied, AuthorError, BlockBuilder, Sealed};
use crate::bans::Bans;
use crate::chain::{Chain, ChainError, News, StateAt};
use crate::clock::Clock;
use crate::pool::{Event, Pool, Refusal, Tag, Transaction};
use crate::runtime::{self, CallError};

/// Submissions that may wait for the thread; who comes later waits outside.
pub(crate) const COMMANDS_MAX: usize = 1024;
/// Submissions handled between two blocks.
const BATCH_MAX: usize = 256;
/// Transactions that do not fit which are passed over in search of smaller ones, as in the node.
const SKIPPED_MAX: usize = 8;

/// When blocks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// As soon as there is a transaction, and when there was none for [`idle_max`](crate::Config::idle_max); a block takes all that
    /// are ready and fit.
    Instant,
    /// At this interval, empty blocks included.
    Interval(Duration),
}

/// What became of a watched transaction. Its JSON is that of the node's `author_extrinsicUpdate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    Future,
    Ready,
    InBlock(H256),
    Finalized(H256),
    Usurped(H256),
    Dropped,
    Invalid,
}

impl Status {
    /// Whether nothing can follow.
    pub(crate) fn is_last(&self) -> bool {
        !matches!(self, Self::Future | Self::Ready | Self::InBlock(_))
    }
}

/// Statuses that one transaction can go through, so that telling of them never waits for the watcher.
pub(crate) const STATUSES_MAX: usize = 8;

/// Why a submission was refused.
#[derive(Debug)]
pub(crate) enum SubmitError {
    Banned,
    Pool(Refusal),
    Invalid(InvalidTransaction),
    Unknown(UnknownTransaction),
    /// The runtime failed on it: most often, it does not decode.
    Runtime(CallError),
    /// The chain cannot read its state or make blocks any more.
    Halted(String),
}

/// What the thread is asked.
pub(crate) enum Command {
    Submit {
        extrinsic: OpaqueExtrinsic,
        watcher: Option<mpsc::Sender<Status>>,
        reply: oneshot::Sender<Result<H256, SubmitError>>,
    },
    /// Look at the pool.
    Inspect(Box<dyn FnOnce(&Pool) + Send>),
}

/// The state of the thread.
pub(crate) struct Sealer {
    chain: Arc<Chain>,
    clock: Arc<dyn Clock>,
    seal: Seal,
    /// How far the newest block's time may be behind the clock before an empty block is made; zero: any time.
    idle_max: Duration,
    /// The newest block's time; `None` at genesis.
    time_ms: Option<u64>,
    pool: Pool,
    bans: Bans,
    watchers: HashMap<H256, mpsc::Sender<Status>>,
    /// Why no more blocks are made. Storage that failed once is not trusted again before a restart.
    halted: Option<String>,
}

impl Sealer {
    /// A sealer with an empty pool.
    pub(crate) fn new(
        chain: Arc<Chain>,
        clock: Arc<dyn Clock>,
        seal: Seal,
        idle_max: Duration,
    ) -> Result<Self, AuthorError> {
        let time_ms = author::time_ms(&newest(&chain)?)?;
        let (pool, bans) = (Pool::default(), Bans::default());
        Ok(Self { chain, clock, seal, idle_max, time_ms, pool, bans, watchers: HashMap::new(), halted: None })
    }

    /// Works until `stop` resolves.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>, mut stop: oneshot::Receiver<()>) {
        let mut ticks = match self.seal {
            Seal::Instant => None,
            Seal::Interval(period) => {
                let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                Some(ticks)
            }
        };
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            let work_left = self.seal == Seal::Instant && self.pool.has_ready() && self.halted.is_none();
            let mut due = false;
            tokio::select! {
                biased;
                _ = &mut stop => return,
                () = tick(&mut ticks) => due = true,
                count = commands.recv_many(&mut batch, BATCH_MAX) => if count == 0 { return },
                () = ready(()), if work_left => {}
                () = sleep(self.until_idle()) => due = self.until_idle() == Some(Duration::ZERO),
            }
            for command in batch.drain(..) {
                self.handle(command);
            }
            if due || (self.seal == Seal::Instant && self.pool.has_ready()) {
                self.make_block(due);
            }
        }
    }

    /// How long it may take, by the chain's clock, until an empty block is due; `None` when none will be.
    fn until_idle(&self) -> Option<Duration> {
        if self.seal != Seal::Instant || self.idle_max.is_zero() || self.halted.is_some() {
            return None;
        }
        let behind_ms = self.clock.now_ms().saturating_sub(self.time_ms?);
        Some(self.idle_max.saturating_sub(Duration::from_millis(behind_ms)))
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::Inspect(look) => look(&self.pool),
            Command::Submit { extrinsic, watcher, reply } => {
                let (hash, mut events) = (hash_of(&extrinsic), Vec::new());
                let outcome = self.submit(hash, extrinsic, watcher, &mut events);
                if outcome.is_err() {
                    events.retain(|event| *event != Event::Dropped(hash));
                }
                // The submitter may have hung up; the transaction is pooled all the same.
                let _ = reply.send(outcome.map(|()| hash));
                self.tell(events);
            }
        }
    }

    fn submit(
        &mut self,
        hash: H256,
        extrinsic: OpaqueExtrinsic,
        watcher: Option<mpsc::Sender<Status>>,
        events: &mut Vec<Event>,
    ) -> Result<(), SubmitError> {
        if let Some(reason) = &self.halted {
            return Err(SubmitError::Halted(reason.clone()));
        }
        let now_ms = self.clock.now_ms();
        if self.bans.is_banned(&hash, now_ms) {
            return Err(SubmitError::Banned);
        }
        if self.pool.contains(&hash) {
            return Err(SubmitError::Pool(Refusal::AlreadyImported(hash)));
        }
        let (height, validity) = self.validate(&extrinsic)?;
        let valid = match validity {
            Ok(valid) => valid,
            Err(TransactionValidityError::Invalid(reason)) => {
                self.bans.ban(hash, now_ms);
                return Err(SubmitError::Invalid(reason));
            }
            Err(TransactionValidityError::Unknown(reason)) => {
                return Err(SubmitError::Unknown(reason));
            }
        };
        let ValidTransaction { priority, requires, provides, longevity, .. } = valid;
        let valid_till = u64::from(height).saturating_add(longevity);
        let length_bytes = extrinsic.encoded_size();
        let transaction = Transaction { hash, extrinsic, length_bytes, priority, requires, provides, valid_till };
        self.pool.submit(transaction, events).map_err(SubmitError::Pool)?;
        if let Some(watcher) = watcher {
            self.watchers.insert(hash, watcher);
        }
        Ok(())
    }

    fn validate(&self, extrinsic: &OpaqueExtrinsic) -> Result<(u32, TransactionValidity), SubmitError> {
        let state = self.chain.state(None).map_err(|error| SubmitError::Halted(error.to_string()))?;
        let args = (TransactionSource::External, extrinsic, state.hash).encode();
        let method = "TaggedTransactionQueue_validate_transaction";
        let validity = runtime::query(&state.backend, method, &args).map_err(SubmitError::Runtime)?;
        Ok((state.header.number, validity))
    }

    fn make_block(&mut self, may_be_empty: bool) {
        if self.halted.is_some() {
            return;
        }
        let mut events = Vec::new();
        if let Err(error) = self.try_block(may_be_empty, &mut events) {
            tracing::error!(%error, "no more blocks are made: restart once the cause is removed");
            self.halted = Some(error.to_string());
        }
        self.tell(events);
    }

    fn try_block(&mut self, may_be_empty: bool, events: &mut Vec<Event>) -> Result<(), AuthorError> {
        let time_ms = author::next_time_ms(self.time_ms, self.clock.now_ms());
        let mut builder = BlockBuilder::new(newest(&self.chain)?, time_ms)?;
        let Filled { included, invalid } = fill(&mut builder, &self.pool);
        for hash in invalid {
            self.pool.invalid(hash, events);
        }
        if included.is_empty() && !may_be_empty {
            return Ok(());
        }
        let Sealed { block, nodes, changes } = builder.seal()?;
        self.chain.append(&block, &nodes)?;
        self.time_ms = Some(time_ms);
        // Stored: from here on it may be told.
        self.pool.included(&included);
        self.pool.expire(u64::from(block.header.number), events);
        for hash in included {
            self.tell_one(hash, Status::InBlock(block.hash));
            self.tell_one(hash, Status::Finalized(block.hash));
        }
        self.chain.announce(News { hash: block.hash, header: block.header, changes });
        Ok(())
    }

    fn tell(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Future(hash) => self.tell_one(hash, Status::Future),
                Event::Ready(hash) => self.tell_one(hash, Status::Ready),
                Event::Usurped(hash, by) => self.tell_one(hash, Status::Usurped(by)),
                Event::Dropped(hash) => self.tell_one(hash, Status::Dropped),
                Event::Invalid(hash) => {
                    self.bans.ban(hash, self.clock.now_ms());
                    self.tell_one(hash, Status::Invalid);
                }
            }
        }
    }

    fn tell_one(&mut self, hash: H256, status: Status) {
        let last = status.is_last();
        if let Some(watcher) = self.watchers.get(&hash) {
            // Its room suffices for all statuses; an error means that nobody watches any more.
            let _ = watcher.try_send(status);
        }
        if last {
            self.watchers.remove(&hash);
        }
    }
}

/// The newest state.
fn newest(chain: &Chain) -> Result<StateAt, AuthorError> {
    chain.state(None).map_err(|error| match error {
        ChainError::Store(error) => AuthorError::Store(error),
        other => AuthorError::State(other.to_string()),
    })
}

/// What became of the ready transactions.
struct Filled {
    included: Vec<H256>,
    invalid: Vec<H256>,
}

/// Puts the ready transactions of `pool` into a block until it is full.
fn fill(builder: &mut BlockBuilder, pool: &Pool) -> Filled {
    let mut filled = Filled { included: Vec::new(), invalid: Vec::new() };
    // Provided by transactions left out: what requires these must not be tried, it would look invalid.
    let mut left_out: HashSet<&Tag> = HashSet::new();
    let mut skipped = 0;
    for transaction in pool.ready() {
        if transaction.requires.iter().any(|tag| left_out.contains(tag)) {
            left_out.extend(&transaction.provides);
            continue;
        }
        match builder.push(&transaction.extrinsic) {
            Applied::Included => {
                filled.included.push(transaction.hash);
                continue;
            }
            // What does not fit an empty block never fits.
            Applied::Full if !filled.included.is_empty() => skipped += 1,
            Applied::Full | Applied::Invalid => filled.invalid.push(transaction.hash),
        }
        left_out.extend(&transaction.provides);
        if skipped > SKIPPED_MAX {
            break;
        }
    }
    filled
}

/// The hash by which clients know an extrinsic.
pub(crate) fn hash_of(extrinsic: &OpaqueExtrinsic) -> H256 {
    H256(blake2_256(&extrinsic.encode()))
}

async fn tick(ticks: &mut Option<Interval>) {
    match ticks {
        Some(ticks) => {
            ticks.tick().await;
        }
        None => pending().await,
    }
}

async fn sleep(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => pending().await,
    }
}
