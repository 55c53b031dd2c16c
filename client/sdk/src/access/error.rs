//! What can go wrong when an access contract is attached to.

use marque_primitives::{AccountId, Hash};

use crate::{
    account,
    chain::{CallError, ChainError},
};

/// Why a contract is not taken for the access contract of a registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessAttachError {
    /// The chain could not be reached or read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The contract could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no contract at this account.
    #[error(
        "there is no contract at {}: deploy an access contract, or give the right address",
        account::format(contract)
    )]
    NoContract {
        /// The account.
        contract: AccountId,
    },
    /// The contract has other code than the access contract of this client.
    #[error(
        "the contract at {} is not the access contract that this client knows: its code is 0x{}, not 0x{}",
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
    /// The access contract was deployed for another chain.
    #[error(
        "the access contract at {} was deployed for the chain with genesis 0x{}, and this chain's is 0x{}: deploy a new one",
        account::format(contract),
        hex::encode(found),
        hex::encode(expected)
    )]
    WrongChain {
        /// The contract.
        contract: AccountId,
        /// The genesis hash of the chain.
        expected: Hash,
        /// The genesis hash that the contract has.
        found: Hash,
    },
    /// The access contract serves another registry's devices.
    #[error(
        "the access contract at {} serves the registry at {}, not the one at {}: give the one that belongs to it",
        account::format(contract),
        account::format(found),
        account::format(expected)
    )]
    WrongRegistry {
        /// The contract.
        contract: AccountId,
        /// The registry that was given.
        expected: AccountId,
        /// The registry that the contract serves.
        found: AccountId,
    },
    /// The access contract has signatures checked by a contract that this client does not know: it could say that any is good.
    #[error(
        "the access contract at {} has signatures checked by {}, which is not the contract that this client knows: don't use it",
        account::format(contract),
        account::format(ed25519)
    )]
    WrongEd25519 {
        /// The contract.
        contract: AccountId,
        /// By whom it has Ed25519 signatures checked.
        ed25519: AccountId,
        /// The hash of the code that this one has; `None` when there is no contract.
        found: Option<Hash>,
    },
}

impl AccessAttachError {
    /// Whether the node can't be reached (now).
    pub const fn is_unreachable(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_unreachable(),
            Self::Call(error) => error.is_unreachable(),
            _ => false,
        }
    }

    /// Whether this is another contract, registry or chain than the one that was wanted.
    pub const fn is_wrong_contract(&self) -> bool {
        !matches!(self, Self::Chain(_) | Self::Call(_))
    }
}
