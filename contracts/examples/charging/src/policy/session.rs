//! A session: from the deposit to the settlement.

use ink::primitives::AccountId;
use marque_guard::{GuardError, Standing, VerifyError};
use marque_primitives::TimestampMs;

use super::{Balance, Error, Terms};

/// Which session: given once, never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct SessionId {
    /// The connector that it is at.
    pub connector: u8,
    /// Its number among all of the station's sessions, from 1.
    pub number: u64,
}

/// A vehicle that starts a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The session's id.
    pub id: SessionId,
    /// The vehicle's account, which paid the deposit.
    pub vehicle: AccountId,
    /// What decides whether its token is still good.
    pub standing: Standing,
    /// What it paid.
    pub deposit: Balance,
}

/// An open session. Of a fixed size.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The vehicle's account, which paid the deposit.
    pub vehicle: AccountId,
    /// What decides whether the vehicle's token is still good.
    pub standing: Standing,
    /// What the vehicle paid, in the chain's smallest unit.
    pub deposit: Balance,
    /// What a Wh costs: the price when the session began.
    pub price_per_wh: Balance,
    /// When it began.
    pub started_ms: TimestampMs,
    /// When its time is over.
    pub ends_ms: TimestampMs,
    /// What the meter has shown last: energy since the session began.
    pub energy_wh: u64,
    /// When it did.
    pub metered_ms: TimestampMs,
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum EndReason {
    /// The vehicle stopped it.
    StoppedByVehicle,
    /// The operator stopped it.
    StoppedByOperator,
    /// The energy costs as much as the vehicle paid in, or more.
    DepositUsedUp,
    /// Its time was over.
    TimedOut,
    /// The vehicle's token was no longer good, for this reason.
    TokenRefused(VerifyError),
}

/// What comes of a reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Metered {
    /// The session goes on, with this reading.
    GoesOn(Session),
    /// The session is over, at the last reading that counts.
    Ends(Session, EndReason),
}

impl Session {
    /// The session of a vehicle that arrives now.
    pub fn start(terms: &Terms, arrival: Arrival, now_ms: TimestampMs) -> Self {
        let Arrival { id, vehicle, standing, deposit } = arrival;
        Self {
            id,
            vehicle,
            standing,
            deposit,
            price_per_wh: terms.price_per_wh,
            started_ms: now_ms,
            ends_ms: now_ms.saturating_add(terms.session_max_ms),
            energy_wh: 0,
            metered_ms: now_ms,
        }
    }

    /// Takes a reading of the energy since the session began. `recheck` asks whether the vehicle's token is still good; it is called once
    /// at most. A reading that comes too late, or when the token is no longer good, does not count.
    ///
    /// # Errors
    /// [`Error::NotAuthorized`] for all but the meter; [`Error::Guard`] when nobody can say whether the token is good;
    /// [`Error::EnergyDecreased`]; [`Error::EnergyExceedsPower`].
    pub fn meter(
        &self,
        terms: &Terms,
        caller: &AccountId,
        energy_wh: u64,
        now_ms: TimestampMs,
        recheck: impl FnOnce() -> Result<(), GuardError>,
    ) -> Result<Metered, Error> {
        if *caller != terms.meter {
            return Err(Error::NotAuthorized);
        }
        if let Some(reason) = self.over(now_ms, recheck)? {
            return Ok(Metered::Ends(self.clone(), reason));
        }
        if energy_wh < self.energy_wh {
            return Err(Error::EnergyDecreased);
        }
        // Counted from the start, so that a reading which took its time to get into a block can't make the next one look too high.
        if energy_wh > terms.energy_max_wh(now_ms.saturating_sub(self.started_ms)) {
            return Err(Error::EnergyExceedsPower);
        }
        let session = Self { energy_wh, metered_ms: now_ms, ..self.clone() };
        Ok(if session.cost() < session.deposit {
            Metered::GoesOn(session)
        } else {
            Metered::Ends(session, EndReason::DepositUsedUp)
        })
    }

    /// Why the session ends when `caller` stops it.
    ///
    /// # Errors
    /// [`Error::NotAuthorized`] for all but its vehicle and the operator.
    pub fn stop(&self, terms: &Terms, caller: &AccountId) -> Result<EndReason, Error> {
        if *caller == self.vehicle {
            Ok(EndReason::StoppedByVehicle)
        } else if *caller == terms.operator {
            Ok(EndReason::StoppedByOperator)
        } else {
            Err(Error::NotAuthorized)
        }
    }

    /// Why the session is over, if it is: its time, or its token. Once the time is over, nothing is asked of anybody.
    ///
    /// # Errors
    /// [`Error::Guard`] when nobody can say whether the token is good.
    pub fn over(
        &self,
        now_ms: TimestampMs,
        recheck: impl FnOnce() -> Result<(), GuardError>,
    ) -> Result<Option<EndReason>, Error> {
        if self.ends_ms <= now_ms {
            return Ok(Some(EndReason::TimedOut));
        }
        match recheck() {
            Ok(()) => Ok(None),
            Err(GuardError::Refused(reason)) => Ok(Some(EndReason::TokenRefused(reason))),
            Err(unavailable) => Err(unavailable.into()),
        }
    }

    /// What the energy so far costs: never more than the deposit.
    pub fn cost(&self) -> Balance {
        self.price_per_wh.saturating_mul(Balance::from(self.energy_wh)).min(self.deposit)
    }

    /// What is left of the deposit.
    pub fn rest(&self) -> Balance {
        self.deposit.saturating_sub(self.cost())
    }
}
