//! What can go wrong between this client, the node and the chain.

use std::time::Duration;

use marque_primitives::{AccountId, access::AccessError, token::VerifyError};

use crate::{account, chain::Receipt, signer::SignerError};

/// Why the chain could not be reached or read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The text is not the URL of a node.
    #[error("`{url}` is not the address of a node ({reason}): give one such as ws://127.0.0.1:9944")]
    InvalidUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No node answered at the first attempt to connect.
    #[error(
        "no node answers at {url} ({reason}): start one (`marque up`, or `substrate-contracts-node --dev`), or give \
         the address of another"
    )]
    Unreachable {
        /// The node's address.
        url: String,
        /// What the connection said.
        reason: String,
    },
    /// The connection was lost while a request was under way. It is being re-established.
    #[error("the connection to {url} was lost and is being re-established: try again")]
    Disconnected {
        /// The node's address.
        url: String,
    },
    /// The node did not answer in time.
    #[error("{url} did not answer `{request}` within {} s: see whether the node is up, and try again", after.as_secs())]
    Timeout {
        /// The node's address.
        url: String,
        /// What was asked.
        request: String,
        /// How long was waited.
        after: Duration,
    },
    /// The node takes no requests for now.
    #[error("the node at {url} is busy or stopping: try again")]
    Busy {
        /// The node's address.
        url: String,
    },
    /// The chain has no pallet-contracts.
    #[error("the chain at {url} has no pallet `Contracts`: connect to one that has, such as substrate-contracts-node")]
    NoContractsPallet {
        /// The node's address.
        url: String,
    },
    /// The node refused the request.
    #[error("the node refused `{request}`: {message}{} (code {code})", detail.as_deref().map(|text| format!(": {text}")).unwrap_or_default())]
    Rpc {
        /// What was asked.
        request: String,
        /// JSON-RPC error code.
        code: i32,
        /// The node's message.
        message: String,
        /// What the node adds.
        detail: Option<String>,
    },
    /// There is no such block.
    #[error("there is no block {block} on this chain (yet)")]
    BlockNotFound {
        /// Its number or hash.
        block: String,
    },
    /// The node no longer has the state of the block.
    #[error("the node has discarded the state of block {block}: ask an archive node (`--state-pruning archive`)")]
    StateDiscarded {
        /// Its hash.
        block: String,
    },
    /// The answer can't be read.
    #[error("the node's answer to `{request}` can't be read: {reason}")]
    Undecodable {
        /// What was asked.
        request: String,
        /// Why not.
        reason: String,
    },
    /// A finalized block is not the one that it was, nor can it be again: the node is on another chain than before.
    #[error(
        "the chain at {url} is another one than before, from block {number} or earlier: it was reset or replaced. Connect anew, \
         and follow it from its start"
    )]
    Replaced {
        /// The node's address.
        url: String,
        /// The number of a block that the chain does not have any more.
        number: u32,
    },
}

impl ChainError {
    pub(crate) fn undecodable(request: impl Into<String>, reason: impl ToString) -> Self {
        Self::Undecodable { request: request.into(), reason: reason.to_string() }
    }

    /// Whether the node can't be reached (now): try again, or elsewhere.
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Disconnected { .. } | Self::Timeout { .. } | Self::Busy { .. })
    }

    /// Whether the node is on another chain than before: nothing that was read from the one before holds on it.
    pub const fn is_replaced(&self) -> bool {
        matches!(self, Self::Replaced { .. })
    }

    /// Whether what was asked of is not, or no longer, known to the node.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::BlockNotFound { .. } | Self::StateDiscarded { .. })
    }
}

/// Why a call of a contract, or another transaction, did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The chain could not be reached or read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The registry refused.
    #[error("the registry refuses: {}", crate::registry::explain(.0))]
    Refused(marque_primitives::Error),
    /// The access contract refused.
    #[error("the access contract refuses: {}", crate::access::explain(.0))]
    AccessRefused(AccessError),
    /// The access contract refused a token.
    #[error("the token is refused: {}", crate::access::explain_token(.0))]
    TokenRefused(VerifyError),
    /// There is no contract at this account.
    #[error("there is no contract at {}: see whether this is the right chain and address", account::format(contract))]
    ContractNotFound {
        /// The account.
        contract: AccountId,
    },
    /// The account can't pay the fee or the storage deposit.
    #[error("{} can't pay ({reason}): send it some funds", account::format(account))]
    CannotPay {
        /// Who would have to pay.
        account: AccountId,
        /// What the chain said.
        reason: String,
    },
    /// The gas limit was too low, or is above what a block holds.
    #[error("the call takes more gas than it was given")]
    OutOfGas,
    /// The call takes more storage deposit than its limit.
    #[error("the call takes more storage deposit than its limit")]
    StorageDepositLimitExhausted,
    /// The contract trapped.
    #[error("the contract trapped: it is not the contract that this client was made for")]
    Trapped,
    /// The contract reverted with something that this client does not understand.
    #[error("the contract reverted with 0x{}", hex::encode(data))]
    Reverted {
        /// What it returned.
        data: Vec<u8>,
    },
    /// The chain refused to execute the transaction for another reason.
    #[error("the chain refused the transaction: {error}")]
    Dispatch {
        /// `Pallet::Error`, or the general error's name.
        error: String,
    },
    /// The transaction is not valid.
    #[error("the node refused the transaction: {reason}")]
    InvalidTransaction {
        /// What the node said.
        reason: String,
    },
    /// The transaction was accepted, and then left the pool without a block: it was not, and will not be, executed.
    #[error(
        "the transaction 0x{} was dropped ({reason}): it was not executed, submit again",
        hex::encode(extrinsic_hash)
    )]
    Dropped {
        /// BLAKE2b-256 of the extrinsic.
        extrinsic_hash: [u8; 32],
        /// Why.
        reason: String,
    },
    /// The transaction was not in a block in time. It may still come into one.
    #[error(
        "the transaction 0x{} was not in a block after {} s: it may still come; look for its effect before trying again",
        hex::encode(extrinsic_hash),
        after.as_secs()
    )]
    NotIncluded {
        /// BLAKE2b-256 of the extrinsic.
        extrinsic_hash: [u8; 32],
        /// How long was waited.
        after: Duration,
    },
    /// The transaction is in a block that was not finalized in time.
    #[error("the transaction is in block {}, which was not finalized after {} s", receipt.block.number, after.as_secs())]
    NotFinalized {
        /// What it did in that block.
        receipt: Box<Receipt>,
        /// How long was waited.
        after: Duration,
    },
    /// What the contract or the chain returned can't be read.
    #[error("{what} can't be read: {reason}")]
    Undecodable {
        /// What.
        what: String,
        /// Why not.
        reason: String,
    },
    /// The signer could not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl CallError {
    pub(crate) fn undecodable(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Undecodable { what: what.into(), reason: reason.to_string() }
    }

    /// Whether the node can't be reached (now).
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Chain(error) if error.is_unreachable())
    }

    /// Whether the contract, or the chain, said no: the same again will be refused again.
    pub const fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::AccessRefused(_)
                | Self::TokenRefused(_)
                | Self::Reverted { .. }
                | Self::Dispatch { .. }
        )
    }

    /// What the registry answered, if it refused.
    pub const fn refusal(&self) -> Option<marque_primitives::Error> {
        match self {
            Self::Refused(error) => Some(*error),
            _ => None,
        }
    }

    /// What the access contract answered, if it refused an operation.
    pub const fn access_refusal(&self) -> Option<AccessError> {
        match self {
            Self::AccessRefused(error) => Some(*error),
            _ => None,
        }
    }

    /// What the access contract answered, if it refused a token.
    pub const fn token_refusal(&self) -> Option<VerifyError> {
        match self {
            Self::TokenRefused(error) => Some(*error),
            _ => None,
        }
    }

    /// Whether an account lacks funds.
    pub const fn is_cannot_pay(&self) -> bool {
        matches!(self, Self::CannotPay { .. })
    }

    /// Whether the device, the authorization server or the contract does not exist.
    pub const fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::ContractNotFound { .. }
                | Self::Refused(marque_primitives::Error::NotFound)
                | Self::AccessRefused(AccessError::IssuerNotFound)
        )
    }

    /// Whether it is unknown if the transaction was, or will be, executed.
    pub const fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::NotIncluded { .. } | Self::NotFinalized { .. })
    }
}

impl From<marque_primitives::Error> for CallError {
    fn from(reason: marque_primitives::Error) -> Self {
        Self::Refused(reason)
    }
}

impl From<AccessError> for CallError {
    fn from(reason: AccessError) -> Self {
        Self::AccessRefused(reason)
    }
}

impl From<VerifyError> for CallError {
    fn from(reason: VerifyError) -> Self {
        Self::TokenRefused(reason)
    }
}
