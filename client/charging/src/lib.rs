//! Client of the example contract `charging`, a station that serves vehicles whose token allows it. It shows how a contract of one's own
//! is called by `marque_sdk`.

#[cfg(feature = "client")]
mod error;
#[cfg(feature = "client")]
mod messages;
#[cfg(feature = "client")]
mod station;
mod types;

#[cfg(feature = "client")]
pub use error::{StationAttachError, StationError, explain};
#[cfg(feature = "client")]
pub use station::Station;
pub use types::{
    Balance, EndReason, EnergyMetered, Error, Event, Guard, GuardError, PriceSet, Session, SessionEnded, SessionId,
    SessionStarted, Settlement, StationInfo, Terms, Withdrawn,
};

/// The scope that a vehicle's token must have.
pub const SCOPE: &str = "charge:start";
