//! A connector's place in the storage.

use super::{Balance, Error, Session, Terms};

/// A connector's place in the storage, paid for when the station is deployed.
///
/// A free one takes as many bytes as a taken one. The chain gives the deposit for bytes that go to whoever sends the transaction:
/// were a session's bytes to go with it, the operator could stop it to have the deposit that the vehicle paid for them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum Slot {
    /// No session is open at the connector.
    Free([u8; Slot::SESSION_BYTES]),
    /// A session is.
    Taken(Session),
}

impl Slot {
    /// Bytes of a session.
    const SESSION_BYTES: usize = 197;
    /// A free one.
    pub const FREE: Self = Self::Free([0; Self::SESSION_BYTES]);

    /// The session that is open there.
    pub fn session(self) -> Option<Session> {
        match self {
            Self::Free(_) => None,
            Self::Taken(session) => Some(session),
        }
    }
}

/// Checks that a session can start at the connector with this slot, but for the vehicle's token.
///
/// # Errors
/// [`Error::ConnectorNotFound`], [`Error::ConnectorBusy`], [`Error::NoDeposit`], [`Error::PriceTooHigh`].
pub fn ensure_startable(
    terms: &Terms,
    slot: Option<Slot>,
    deposit: Balance,
    price_max_per_wh: Balance,
) -> Result<(), Error> {
    if slot.ok_or(Error::ConnectorNotFound)?.session().is_some() {
        return Err(Error::ConnectorBusy);
    }
    if deposit == 0 {
        return Err(Error::NoDeposit);
    }
    if terms.price_per_wh > price_max_per_wh {
        return Err(Error::PriceTooHigh);
    }
    Ok(())
}
