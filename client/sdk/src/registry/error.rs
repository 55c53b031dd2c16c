//! What can go wrong when a registry is attached to, and when a history is read or followed.

use marque_primitives::{AccountId, Hash, RegistryId};

use crate::{
    account,
    chain::{CallError, ChainError},
    did::format_registry_id,
};

/// Why a contract is not taken for the registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// The chain could not be reached or read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The contract could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no contract at this account.
    #[error(
        "there is no contract at {}: deploy a registry (`marque deploy`), or give the right address",
        account::format(contract)
    )]
    NoContract {
        /// The account.
        contract: AccountId,
    },
    /// The contract has other code than the registry of this client.
    #[error(
        "the contract at {} is not the registry that this client knows: its code is 0x{}, not 0x{}",
        account::format(contract),
        hex::encode(found),
        hex::encode(expected)
    )]
    WrongCode {
        /// The contract.
        contract: AccountId,
        /// The hash of the code that this client has.
        expected: Hash,
        /// The hash of the code that the contract has.
        found: Hash,
    },
    /// The registry was deployed for another chain: no signature would be good on both.
    #[error(
        "the registry at {} was deployed for the chain with genesis 0x{}, and this chain's is 0x{}: deploy a new one",
        account::format(contract),
        hex::encode(found),
        hex::encode(expected)
    )]
    WrongChain {
        /// The contract.
        contract: AccountId,
        /// The genesis hash of the chain.
        expected: Hash,
        /// The genesis hash that the registry has.
        found: Hash,
    },
    /// The contract that checks signatures for it is not the one that this client knows: it could call any signature good.
    #[error(
        "the contract has its signatures checked by {}, which is not the code that this client knows: don't trust it",
        account::format(contract)
    )]
    WrongSignatureCheck {
        /// What it has them checked by.
        contract: AccountId,
    },
    /// The registry is not the one that the DID names.
    #[error(
        "this is the registry {}, and the DID is of the registry {}: connect to its chain and contract",
        format_registry_id(found),
        format_registry_id(expected)
    )]
    WrongRegistry {
        /// The id that was wanted.
        expected: RegistryId,
        /// The id of the registry.
        found: RegistryId,
    },
}

impl AttachError {
    /// Whether the node can't be reached (now).
    pub const fn is_unreachable(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_unreachable(),
            Self::Call(error) => error.is_unreachable(),
            _ => false,
        }
    }

    /// Whether this is another contract, registry or chain than the one that was wanted.
    pub const fn is_wrong_registry(&self) -> bool {
        matches!(
            self,
            Self::NoContract { .. }
                | Self::WrongCode { .. }
                | Self::WrongChain { .. }
                | Self::WrongSignatureCheck { .. }
                | Self::WrongRegistry { .. }
        )
    }
}

/// Why a history could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The chain could not be reached or read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The contract could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The device was never registered.
    #[error("the device is not registered")]
    NotFound,
    /// The node no longer has a block of the history.
    #[error("the node has discarded block {block}, which the history goes through: ask an archive node")]
    Pruned {
        /// The block.
        block: u32,
    },
    /// A block does not have the change that the chain says is in it.
    #[error(
        "block {block} does not have version {version} of the device, which the chain says is there: don't trust this node"
    )]
    Missing {
        /// The block.
        block: u32,
        /// The version.
        version: u32,
    },
    /// The changes do not give the record that the chain has.
    #[error("the history does not lead to the record that the chain has: don't trust this node")]
    Mismatch,
    /// The node shows other devices than the registry counts.
    #[error("the registry counts {registered} devices and the node shows {found}: don't trust this node")]
    WrongCount {
        /// The devices that the registry counts.
        registered: u64,
        /// The devices that the node shows: fewer in all, or already more.
        found: u64,
    },
    /// A change, or an event, can't be read.
    #[error("an event in block {block} can't be read: {reason}")]
    Undecodable {
        /// The block.
        block: u32,
        /// Why not.
        reason: String,
    },
}

impl HistoryError {
    /// Whether the node can't be reached (now).
    pub const fn is_unreachable(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_unreachable(),
            Self::Call(error) => error.is_unreachable(),
            _ => false,
        }
    }

    /// Whether the device does not exist.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound)
    }

    /// Whether the node contradicts itself.
    pub const fn is_contradiction(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Mismatch | Self::WrongCount { .. })
    }

    /// What a failed read of that block means for a history.
    pub(crate) fn at(block: u32, error: ChainError) -> Self {
        if error.is_not_found() { Self::Pruned { block } } else { Self::Chain(error) }
    }
}
