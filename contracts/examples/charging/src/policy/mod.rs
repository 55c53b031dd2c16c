//! What the station does and for whom: pure functions of the session, the caller, the time and the amounts.
// cargo-contract denies it, and what derives SCALE for a variant with a field does it, with the variant's number.
#![allow(clippy::cast_possible_truncation)]

mod error;
mod session;
mod slot;
mod terms;
mod till;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use session::{Arrival, EndReason, Metered, Session, SessionId};
pub use slot::{ensure_startable, Slot};
pub use terms::Terms;
pub use till::{close_account, open_account, settle, withdraw, Account, Settlement, Till};

/// An amount of the chain's currency, in its smallest unit.
pub type Balance = u128;
