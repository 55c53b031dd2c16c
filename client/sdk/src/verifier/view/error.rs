//! Why a view does not say that a token is good.

use marque_primitives::token::VerifyError;

use super::Question;

/// Why a token was not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unverified {
    /// It is not good.
    Refused(VerifyError),
    /// The view may be too old, or is no longer trusted: nothing can be said.
    Unfit(Unfit),
    /// This has to be asked of the chain first, and put in with [`View::answer`](super::View::answer).
    Missing(Vec<Question>),
}

/// Why a view says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// The node has not named the view's block as its finalized head for too long.
    #[error(
        "what is known of the chain is {age_ms} ms old, and may be {max_ms} ms old: see whether the node can be reached"
    )]
    Stale {
        /// How long ago it did, in milliseconds.
        age_ms: u64,
        /// How long ago it may be.
        max_ms: u64,
    },
    /// The last finalized block is too old.
    #[error(
        "the last finalized block is {age_ms} ms old, and may be {max_ms} ms old: the node or the chain stands still"
    )]
    StaleBlock {
        /// Its age, in milliseconds.
        age_ms: u64,
        /// How old it may be.
        max_ms: u64,
    },
    /// This machine's clock is behind the chain's.
    #[error("this machine's clock is {behind_ms} ms behind the chain's, and may be {max_ms} ms: set it")]
    ClockBehind {
        /// By how much, in milliseconds.
        behind_ms: u64,
        /// By how much it may be.
        max_ms: u64,
    },
    /// The node contradicted itself.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

/// What the node says does not fit what it said before: nothing that it says can be relied on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// A block does not follow the last one.
    #[error("block {found} was given after block {last}: don't trust this node")]
    Gap {
        /// The last block.
        last: u32,
        /// The one after it.
        found: u32,
    },
    /// Two blocks of one number were both named as finalized.
    #[error("block {number} was final, and another one in its place: the chain was replaced, or don't trust this node")]
    OtherBlock {
        /// Their number.
        number: u32,
    },
    /// A change of a device is not the one that follows its last: one was left out.
    #[error("block {block} has a change of a device that does not follow the one before: don't trust this node")]
    MissingChange {
        /// The block.
        block: u32,
    },
}
