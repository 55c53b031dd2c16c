//! What can go wrong with a station.

use marque_primitives::{AccountId, Hash, token::VerifyError};
use marque_sdk::{CallError, ChainError, access::explain_token, account};

use crate::{Error, GuardError};

/// Why a call of a station did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StationError {
    /// The call did not get through.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The station refused: nothing was paid but, if it did so in a block, the fee.
    #[error("the station refuses: {}", explain(.0))]
    Refused(Error),
}

impl StationError {
    /// What the station answered, if it refused.
    pub const fn refusal(&self) -> Option<Error> {
        match self {
            Self::Refused(reason) => Some(*reason),
            Self::Call(_) => None,
        }
    }

    /// Why the token is not good, if the station refused for that.
    pub const fn token_refusal(&self) -> Option<VerifyError> {
        match self {
            Self::Refused(Error::Guard(GuardError::Refused(reason))) => Some(*reason),
            _ => None,
        }
    }

    /// Whether the node can't be reached (now).
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_unreachable())
    }
}

/// Why a contract is not taken for a station.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StationAttachError {
    /// The chain could not be reached or read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The contract could not be asked.
    #[error(transparent)]
    Station(#[from] StationError),
    /// There is no contract at this account.
    #[error("there is no contract at {}: deploy a station, or give the right address", account::format(contract))]
    NoContract {
        /// The account.
        contract: AccountId,
    },
    /// The contract has other code than the station of this client.
    #[error(
        "the contract at {} is not the charging station that this client knows: its code is 0x{}, not 0x{}",
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
    /// The station has tokens verified by another contract, which could let anybody in.
    #[error(
        "the station at {} has tokens verified by {}, not by the access contract at {}: don't use it",
        account::format(contract),
        account::format(found),
        account::format(expected)
    )]
    WrongAccess {
        /// The contract.
        contract: AccountId,
        /// The access contract that was given.
        expected: AccountId,
        /// By whom it has tokens verified.
        found: AccountId,
    },
}

/// What a station's refusal means, and what to do about it.
pub const fn explain(error: &Error) -> &'static str {
    match error {
        Error::SessionNotFound => "no such session is open: it has ended, or never began",
        Error::NotAuthorized => {
            "this account may not do that: vehicle and operator stop a session, the meter reports, the operator sets prices"
        }
        Error::InvalidTerms => "a term is zero, over its bound, or names the station itself as operator",
        Error::ConnectorNotFound => "it has no connector of this number",
        Error::ConnectorBusy => "a session is open at this connector: take another one",
        Error::NoDeposit => "nothing was paid in: pay a deposit with the call",
        Error::PriceTooHigh => "its price is higher than the vehicle agrees to",
        Error::Guard(GuardError::Refused(reason)) => explain_token(reason),
        Error::Guard(GuardError::AccessControlUnavailable) => {
            "the token could not be verified: try again, with more execution paid for"
        }
        Error::EnergyDecreased => "the meter has shown more before",
        Error::EnergyExceedsPower => {
            "so much can't have flowed since the session began: see whether the meter is right"
        }
        Error::InvalidRecipient => "money for the station itself could never leave it: name another account",
        Error::NothingOwed => "it keeps nothing for this account",
        Error::TransferFailed => "the chain refuses to pay there: name an account that exists",
        Error::Overflow => "a counter is at its end",
    }
}
