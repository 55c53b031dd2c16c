//! Calls into the natively compiled runtime, each on a state read through a trie backend.

use std::borrow::Cow;

use contracts_node_runtime::{Block, RuntimeBlockWeights, RuntimeCall, UncheckedExtrinsic, VERSION, Weight};
use parity_scale_codec::{Decode, DecodeLimit, Encode};
use sp_core::H256;
use sp_core::traits::{ReadRuntimeVersion, ReadRuntimeVersionExt};
use sp_externalities::{Extensions, Externalities, set_and_run_with_externalities};
use sp_runtime::traits::BlakeTwo256;
use sp_runtime::transaction_validity::TransactionSource;
use sp_state_machine::{Ext, OverlayedChanges, TrieBackend};
use sp_storage::StateVersion;
use sp_trie::PrefixedMemoryDB;

use crate::quiet;
use crate::store::Nodes;

/// The state of one block.
pub(crate) type Backend = TrieBackend<Nodes, BlakeTwo256>;
/// Changes on top of a state.
pub(crate) type Overlay = OverlayedChanges<BlakeTwo256>;
/// Trie nodes to be stored, by hash.
pub(crate) type NewNodes = Vec<(H256, Vec<u8>)>;

/// How the runtime lays out its state trie.
pub(crate) const STATE_VERSION: StateVersion = match VERSION.state_version {
    0 => StateVersion::V0,
    _ => StateVersion::V1,
};

/// How deep calls may nest in a call (a batch of batches and so on).
///
/// The runtime of this release decodes without a bound. In Wasm, too deep a call traps; natively it would overrun the
/// stack and end the process, so each call is decoded under this bound first. It is the bound that later runtimes set.
const CALL_DEPTH_MAX: u32 = 256;

/// Why a call into the runtime gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// The runtime has no such function.
    #[error("Other: Exported method {0} is not found")]
    UnknownMethod(String),
    /// The arguments do not decode, or nest too deep.
    #[error("Execution aborted due to bad arguments: {0}")]
    BadArguments(String),
    /// The runtime panicked.
    #[error("Execution aborted due to panic: {0}")]
    Panicked(String),
}

/// Calls `method` of the runtime on `backend`, reading and writing through `overlay`.
///
/// After an error the overlay holds whatever the runtime had written so far: drop it or roll it back.
pub(crate) fn call(backend: &Backend, overlay: &mut Overlay, method: &str, args: &[u8]) -> Result<Vec<u8>, CallError> {
    check_depth(method, args)?;
    let args = &bound_gas(method, args)[..];
    let mut extensions = Extensions::new();
    extensions.register(ReadRuntimeVersionExt::new(NoWasm));
    // Marks where the runtime begins, so that storage transactions that a panic leaves open are closed after it.
    let nested = overlay.enter_runtime();
    debug_assert!(nested.is_ok(), "calls into the runtime do not nest");
    let answer = quiet::catch(|| {
        let mut ext = Ext::new(overlay, backend, Some(&mut extensions));
        set_and_run_with_externalities(&mut ext, || contracts_node_runtime::api::dispatch(method, args))
    });
    let left = overlay.exit_runtime();
    debug_assert!(left.is_ok(), "the runtime was entered above");
    match answer {
        Ok(Some(output)) => Ok(output),
        Ok(None) => Err(CallError::UnknownMethod(method.into())),
        Err(message) => Err(CallError::Panicked(message)),
    }
}

/// Calls `method` on `backend`, decodes its answer and forgets its writes.
pub(crate) fn query<T: Decode>(backend: &Backend, method: &str, args: &[u8]) -> Result<T, CallError> {
    let output = call(backend, &mut Overlay::default(), method, args)?;
    T::decode(&mut &output[..]).map_err(|error| CallError::Panicked(error.to_string()))
}

/// Refuses arguments whose calls nest deeper than [`CALL_DEPTH_MAX`].
fn check_depth(method: &str, args: &[u8]) -> Result<(), CallError> {
    fn check<T: Decode>(mut args: &[u8]) -> Result<(), CallError> {
        T::decode_with_depth_limit(CALL_DEPTH_MAX, &mut args)
            .map(drop)
            .map_err(|error| CallError::BadArguments(error.to_string()))
    }
    match method {
        "BlockBuilder_apply_extrinsic"
        | "TransactionPaymentApi_query_info"
        | "TransactionPaymentApi_query_fee_details" => check::<UncheckedExtrinsic>(args),
        "TaggedTransactionQueue_validate_transaction" => check::<(TransactionSource, UncheckedExtrinsic)>(args),
        "TransactionPaymentCallApi_query_call_info" | "TransactionPaymentCallApi_query_call_fee_details" => {
            check::<RuntimeCall>(args)
        }
        "Core_execute_block" | "BlockBuilder_check_inherents" => check::<Block>(args),
        _ => Ok(()),
    }
}

/// Lowers the gas of a contract's dry run to what a block has.
///
/// A client may ask for any amount, and a contract that loops would hold a thread for as long as that lasts. More than
/// a block has is of no use: no transaction could spend it.
fn bound_gas<'a>(method: &str, args: &'a [u8]) -> Cow<'a, [u8]> {
    const ACCOUNT_BYTES: usize = 32;
    const BALANCE_BYTES: usize = 16;
    let before = match method {
        "ContractsApi_call" | "ReviveApi_call" => 2 * ACCOUNT_BYTES + BALANCE_BYTES,
        "ContractsApi_instantiate" | "ReviveApi_instantiate" => ACCOUNT_BYTES + BALANCE_BYTES,
        _ => return Cow::Borrowed(args),
    };
    let Some((head, mut tail)) = args.split_at_checked(before) else { return Cow::Borrowed(args) };
    match Option::<Weight>::decode(&mut tail) {
        Ok(Some(asked)) => {
            let gas = asked.min(RuntimeBlockWeights::get().max_block);
            Cow::Owned([head, &Some(gas).encode(), tail].concat())
        }
        // The runtime takes what a block has, or refuses what does not decode.
        _ => Cow::Borrowed(args),
    }
}

/// The nodes that a storage root calculation added, by their hash alone.
///
/// The prefix that the trie puts before each hash keeps reference counts of equal nodes apart. Nothing is ever
/// deleted here, so equal nodes may share one entry.
pub(crate) fn nodes_of(mut transaction: PrefixedMemoryDB<BlakeTwo256>) -> NewNodes {
    transaction
        .drain()
        .into_iter()
        .filter(|(_, (_, references))| *references > 0)
        .map(|(key, (node, _))| {
            let (_, hash) = key.split_at(key.len() - H256::len_bytes());
            (H256::from_slice(hash), node)
        })
        .collect()
}

/// Stands in for the Wasm executor that would read a new runtime's version: there is none, so `set_code` fails as
/// a dispatch error.
struct NoWasm;

impl ReadRuntimeVersion for NoWasm {
    fn read_runtime_version(&self, _: &[u8], _: &mut dyn Externalities) -> Result<Vec<u8>, String> {
        Err("this chain runs its built-in runtime and cannot be upgraded".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_beyond_a_block_is_lowered() {
        let call = |gas: Option<Weight>| ([1u8; 64], 7u128, gas, None::<u128>, vec![9u8; 5]).encode();
        let instantiate = |gas: Option<Weight>| ([1u8; 32], 7u128, gas, None::<u128>, 0u8).encode();
        let max = RuntimeBlockWeights::get().max_block;
        for (asked, given) in [
            (Some(Weight::MAX), Some(max)),
            (Some(Weight::from_parts(5, 6)), Some(Weight::from_parts(5, 6))),
            (None, None),
        ] {
            assert_eq!(bound_gas("ContractsApi_call", &call(asked))[..], call(given));
            let lowered = bound_gas("ContractsApi_instantiate", &instantiate(asked)).into_owned();
            assert_eq!(lowered, instantiate(given));
        }
        assert_eq!(bound_gas("ContractsApi_call", &[1, 2])[..], [1, 2]);
        assert!(bound_gas("Core_version", &[]).is_empty());
    }
}
