//! Builds blocks on the newest state.

use contracts_node_runtime::MinimumPeriod;
use contracts_node_runtime::opaque::Header;
use parity_scale_codec::{Decode, Encode};
use sp_core::H256;
use sp_inherents::InherentData;
use sp_runtime::traits::Header as _;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};
use sp_runtime::{ApplyExtrinsicResult, Digest, OpaqueExtrinsic};
use sp_state_machine::Backend as _;

use crate::chain::{Changes, StateAt};
use crate::error::StoreError;
use crate::runtime::{self, Backend, CallError, NewNodes, Overlay, STATE_VERSION};
use crate::store::Block;

/// Why no block could be made. None of these depends on the transactions.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorError {
    #[error("the runtime refused to build a block: {0}")]
    Runtime(#[from] CallError),
    #[error("the runtime refused the inherent of a block: {0}")]
    Inherent(String),
    #[error("the state cannot be computed: {0}")]
    State(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a transaction in a block under construction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It is in (whether its call succeeded or not).
    Included,
    /// It does not fit any more; the next block may take it.
    Full,
    /// It cannot be in any block.
    Invalid,
}

/// A finished block, not yet stored.
pub(crate) struct Sealed {
    pub(crate) block: Block,
    pub(crate) nodes: NewNodes,
    pub(crate) changes: Changes,
}

/// A block under construction.
pub(crate) struct BlockBuilder {
    backend: Backend,
    overlay: Overlay,
    body: Vec<OpaqueExtrinsic>,
}

impl BlockBuilder {
    /// Begins the block after `parent`, stamped `timestamp_ms`.
    pub(crate) fn new(parent: StateAt, timestamp_ms: u64) -> Result<Self, AuthorError> {
        let StateAt { hash, header, backend } = parent;
        let header = child_of(&header, hash);
        let mut builder = Self { backend, overlay: Overlay::default(), body: Vec::new() };
        builder.call("Core_initialize_block", &header.encode())?;
        for inherent in builder.inherents(timestamp_ms)? {
            match builder.apply(&inherent)? {
                Ok(Ok(())) => builder.body.push(inherent),
                refused => return Err(AuthorError::Inherent(format!("{refused:?}"))),
            }
        }
        Ok(builder)
    }

    /// Tries to add a transaction. Unless it is included, the block stays as it was.
    pub(crate) fn push(&mut self, transaction: &OpaqueExtrinsic) -> Applied {
        match self.apply(transaction) {
            Ok(Ok(_)) => {
                self.body.push(transaction.clone());
                Applied::Included
            }
            Ok(Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources))) => Applied::Full,
            Ok(Err(reason)) => {
                tracing::debug!(?reason, "a transaction became invalid before it was included");
                Applied::Invalid
            }
            Err(reason) => {
                tracing::warn!(%reason, "a transaction made the runtime fail and is left out");
                Applied::Invalid
            }
        }
    }

    /// Finishes the block.
    pub(crate) fn seal(mut self) -> Result<Sealed, AuthorError> {
        let header = self.call("BlockBuilder_finalize_block", &[])?;
        let header = Header::decode(&mut &header[..])
            .map_err(|error| AuthorError::State(format!("unreadable header: {error}")))?;
        let changes = self
            .overlay
            .drain_storage_changes(&self.backend, STATE_VERSION)
            .map_err(|error| AuthorError::State(error.to_string()))?;
        if changes.transaction_storage_root != *header.state_root() {
            return Err(AuthorError::State("its root differs from the header's".into()));
        }
        Ok(Sealed {
            nodes: runtime::nodes_of(changes.transaction),
            changes: changes.main_storage_changes,
            block: Block { hash: header.hash(), header, body: self.body },
        })
    }

    fn inherents(&mut self, timestamp_ms: u64) -> Result<Vec<OpaqueExtrinsic>, AuthorError> {
        let mut data = InherentData::new();
        data.put_data(sp_timestamp::INHERENT_IDENTIFIER, &timestamp_ms)
            .map_err(|error| AuthorError::Inherent(error.to_string()))?;
        let inherents = self.call("BlockBuilder_inherent_extrinsics", &data.encode())?;
        Decode::decode(&mut &inherents[..]).map_err(|error| AuthorError::Inherent(error.to_string()))
    }

    /// Applies one extrinsic, undoing all it did unless the runtime took it.
    fn apply(&mut self, extrinsic: &OpaqueExtrinsic) -> Result<ApplyExtrinsicResult, CallError> {
        self.overlay.start_transaction();
        let result = self.call("BlockBuilder_apply_extrinsic", &extrinsic.encode()).and_then(|output| {
            ApplyExtrinsicResult::decode(&mut &output[..]).map_err(|error| CallError::Panicked(error.to_string()))
        });
        let closed = match result {
            Ok(Ok(_)) => self.overlay.commit_transaction(),
            _ => self.overlay.rollback_transaction(),
        };
        debug_assert!(closed.is_ok(), "the transaction was started above");
        result
    }

    fn call(&mut self, method: &str, args: &[u8]) -> Result<Vec<u8>, CallError> {
        runtime::call(&self.backend, &mut self.overlay, method, args)
    }
}

/// Applies an extrinsic to a block after `parent` that is then thrown away.
pub(crate) fn dry_run(parent: StateAt, extrinsic: &OpaqueExtrinsic) -> Result<ApplyExtrinsicResult, CallError> {
    let StateAt { hash, header, backend } = parent;
    let header = child_of(&header, hash);
    let mut builder = BlockBuilder { backend, overlay: Overlay::default(), body: Vec::new() };
    builder.call("Core_initialize_block", &header.encode())?;
    builder.apply(extrinsic)
}

/// The time of the block that left this state; `None` at genesis, which has none.
pub(crate) fn time_ms(state: &StateAt) -> Result<Option<u64>, AuthorError> {
    let key = frame_support::storage::storage_prefix(b"Timestamp", b"Now");
    let bytes = state.backend.storage(&key).map_err(AuthorError::State)?;
    Ok(bytes.and_then(|bytes| u64::decode(&mut &bytes[..]).ok()))
}

/// The time of a block after one of `previous_ms`: the clock's, or later where the runtime demands a distance.
pub(crate) fn next_time_ms(previous_ms: Option<u64>, clock_ms: u64) -> u64 {
    previous_ms.map_or(clock_ms, |previous_ms| clock_ms.max(previous_ms.saturating_add(MinimumPeriod::get())))
}

fn child_of(parent: &Header, hash: H256) -> Header {
    let number = parent.number.saturating_add(1);
    Header::new(number, H256::zero(), H256::zero(), hash, Digest::default())
}
