//! What the charging station stores and says, as its clients see it.
//!
//! The types are written anew, from the bundle's description: the contract crate builds for contracts alone, and a client knows no more than
//! this either.

use marque_primitives::{
    AccountId, TimestampMs,
    access::IssuerId,
    token::{Standing, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

/// An amount of the chain's currency, in its smallest unit.
pub type Balance = u128;

/// What the station demands of tokens.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Guard {
    /// The contract that verifies them.
    pub access_control: AccountId,
    /// The authorization server that is trusted.
    pub issuer: IssuerId,
    /// Whom they must be for.
    pub audience: String,
}

/// What the station offers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Terms {
    /// Who runs the station and is paid.
    pub operator: AccountId,
    /// Who says how much energy has flowed.
    pub meter: AccountId,
    /// Connectors, numbered from 1.
    pub connectors: u8,
    /// What a Wh costs.
    pub price_per_wh: Balance,
    /// Watts that a connector gives at most.
    pub power_max_w: u32,
    /// How long a session lasts at most.
    pub session_max_ms: TimestampMs,
}

/// What the station says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct StationInfo {
    /// What it demands of tokens.
    pub guard: Guard,
    /// What it offers.
    pub terms: Terms,
    /// How many sessions have been started.
    pub started: u64,
}

/// Which session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub struct SessionId {
    /// The connector that it is at.
    pub connector: u8,
    /// Its number, from 1.
    pub number: u64,
}

/// An open session.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The vehicle's account.
    pub vehicle: AccountId,
    /// What decides whether its token is still good.
    pub standing: Standing,
    /// What it paid in.
    pub deposit: Balance,
    /// What a Wh costs in this session.
    pub price_per_wh: Balance,
    /// When it began.
    pub started_ms: TimestampMs,
    /// When its time is over.
    pub ends_ms: TimestampMs,
    /// The energy so far.
    pub energy_wh: u64,
    /// When the meter showed it.
    pub metered_ms: TimestampMs,
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum EndReason {
    /// The vehicle stopped it.
    StoppedByVehicle,
    /// The operator stopped it.
    StoppedByOperator,
    /// The energy costs as much as the vehicle paid in, or more.
    DepositUsedUp,
    /// Its time was over.
    TimedOut,
    /// The vehicle's token was no longer good.
    TokenRefused(VerifyError),
}

/// How a session was settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Settlement {
    /// The energy that was metered.
    pub energy_wh: u64,
    /// What it costs.
    pub cost: Balance,
    /// What is left of the deposit.
    pub rest: Balance,
    /// What the operator was paid now.
    pub paid_to_operator: Balance,
    /// What the vehicle was paid now.
    pub paid_to_vehicle: Balance,
}

/// Why the guard lets nobody through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum GuardError {
    /// The token is not good.
    Refused(VerifyError),
    /// Nothing is known of it.
    AccessControlUnavailable,
}

/// Why the station refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Error {
    /// No such session is open.
    SessionNotFound,
    /// The caller may not do this.
    NotAuthorized,
    /// A term is out of bounds.
    InvalidTerms,
    /// No such connector.
    ConnectorNotFound,
    /// A session is open there.
    ConnectorBusy,
    /// Nothing was paid in.
    NoDeposit,
    /// The price is higher than the caller agrees to.
    PriceTooHigh,
    /// The caller's token is not good for this, or can't be verified now.
    Guard(GuardError),
    /// The meter has shown more before.
    EnergyDecreased,
    /// So much can't have flowed.
    EnergyExceedsPower,
    /// The money can't go to the station itself.
    InvalidRecipient,
    /// The station keeps nothing for the caller.
    NothingOwed,
    /// The chain refuses to pay there.
    TransferFailed,
    /// A counter is at its end.
    Overflow,
}

/// What the station tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Sessions that begin now have another price.
    PriceSet(PriceSet),
    /// A session began.
    Started(SessionStarted),
    /// The meter showed how much energy has flowed.
    Metered(EnergyMetered),
    /// A session ended.
    Ended(SessionEnded),
    /// What the station owed was paid.
    Withdrawn(Withdrawn),
}

/// Sessions that begin now have another price.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct PriceSet {
    /// What a Wh costed before.
    pub previous_per_wh: Balance,
    /// What it costs.
    pub price_per_wh: Balance,
}

/// A session began.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct SessionStarted {
    /// Its id.
    pub id: SessionId,
    /// All of it.
    pub session: Session,
}

/// The meter showed how much energy has flowed.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct EnergyMetered {
    /// The session.
    pub id: SessionId,
    /// The energy since it began.
    pub energy_wh: u64,
}

/// A session ended.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct SessionEnded {
    /// The session.
    pub id: SessionId,
    /// Why.
    pub reason: EndReason,
    /// How it was settled.
    pub settlement: Settlement,
}

/// What the station owed was paid.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct Withdrawn {
    /// Whom it was owed to.
    pub owner: AccountId,
    /// Whom it was paid to.
    pub to: AccountId,
    /// How much it was.
    pub amount: Balance,
}
