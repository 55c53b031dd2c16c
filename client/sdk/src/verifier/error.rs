//! Why a verifier does not say that a token is good.

use std::sync::Arc;

use marque_primitives::token::VerifyError;

use super::{Contradiction, Unfit};
use crate::{chain::CallError, registry::HistoryError};

/// Why a token was not verified.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// It is not good.
    #[error("the token is refused: {}", crate::access::explain_token(.0))]
    Refused(VerifyError),
    /// What is known of the chain may be too old: nothing can be said.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The chain must be asked first, which is not done here.
    #[error("what decides on this token is not in memory: verify it with `verify`, which asks the chain")]
    Miss,
    /// The chain was asked, and did not answer.
    #[error("what decides on this token is not in memory, and could not be read: {0}")]
    Read(Arc<CallError>),
    /// The chain changed again and again while it was asked.
    #[error("the chain changed too often while it was asked: try again")]
    Unsettled,
    /// The verifier has ended: it says nothing any more.
    #[error("the verifier has ended, start another one: {0}")]
    Ended(Arc<EndReason>),
}

/// Why a verifier ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndReason {
    /// The chain can't be followed any further: it was replaced, or has what can't be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The node contradicted itself.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// The contracts can't be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The runtime that it ran in was shut down.
    #[error("what follows the chain was stopped")]
    Stopped,
}

impl VerifierError {
    /// Why the token is not good, if it is not.
    pub const fn refusal(&self) -> Option<VerifyError> {
        match self {
            Self::Refused(reason) => Some(*reason),
            _ => None,
        }
    }

    /// Whether what is known of the chain is too old: try again when the node can be reached.
    pub const fn is_stale(&self) -> bool {
        matches!(self, Self::Unfit(Unfit::Stale { .. } | Unfit::StaleBlock { .. }))
    }

    /// Whether the node can't be reached (now).
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Read(error) => error.is_unreachable(),
            other => other.is_stale(),
        }
    }

    /// Whether the verifier says nothing any more, and another one must be started.
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Ended(_) | Self::Unfit(Unfit::Contradiction(_)))
    }
}
