//! What a write came to.

use crate::Receipt;

/// What a write came to: the contract's answer, what it cost, and what it changed, by its events.
#[derive(Clone, Debug)]
pub struct Written<T, E, V> {
    /// The answer and the costs.
    pub receipt: Receipt<Result<T, E>>,
    /// What was changed, in order.
    pub changes: Vec<V>,
}

impl<T, E: Copy + std::fmt::Debug, V> Written<T, E, V> {
    /// The answer.
    ///
    /// # Panics
    /// When the contract refused.
    pub fn accepted(self) -> T {
        self.receipt.result.expect("the contract accepts this")
    }

    /// Why the contract refused.
    ///
    /// # Panics
    /// When it accepted.
    pub fn error(&self) -> E {
        self.receipt.result.as_ref().err().copied().expect("the contract refuses this")
    }

    /// The one thing that was changed.
    ///
    /// # Panics
    /// When there was none, or more than one.
    pub fn only(&self) -> &V {
        assert_eq!(self.changes.len(), 1, "{:?}", self.receipt.result.as_ref().err());
        &self.changes[0]
    }
}
