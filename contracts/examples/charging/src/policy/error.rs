//! Why the station refuses.

use marque_guard::GuardError;

/// Why the station refuses. Flat and append-only: a variant keeps its number for ever. Who is refused has paid nothing but the fee: the
/// chain undoes the whole call.
///
/// Where several apply, the first in the order of their declaration is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum Error {
    /// No such session is open.
    SessionNotFound,
    /// The caller may not do this.
    NotAuthorized,
    /// A term is zero, over its bound, or names the station itself as operator.
    InvalidTerms,
    /// The station has no connector of this number.
    ConnectorNotFound,
    /// A session is open there. Whose time is over can be ended by anybody.
    ConnectorBusy,
    /// Nothing was paid in.
    NoDeposit,
    /// The price is higher than the caller agrees to.
    PriceTooHigh,
    /// The caller's token is not good for this, or can't be verified now.
    Guard(GuardError),
    /// The meter has shown more before.
    EnergyDecreased,
    /// So much can't have flowed since the session began.
    EnergyExceedsPower,
    /// The money can't go to the station itself, where nobody could get it out.
    InvalidRecipient,
    /// The station keeps nothing for the caller.
    NothingOwed,
    /// The chain refuses to pay there: the account is new, and the amount is below the least that an account may have.
    TransferFailed,
    /// A counter is at its end.
    Overflow,
}

impl From<GuardError> for Error {
    fn from(error: GuardError) -> Self {
        Self::Guard(error)
    }
}
