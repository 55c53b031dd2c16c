//! What a station offers.

use ink::primitives::AccountId;
use marque_primitives::TimestampMs;

use super::{Balance, Error};

/// What a station offers. Only the price changes later, and for later sessions alone.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Terms {
    /// Who runs the station, sets the price and is paid.
    pub operator: AccountId,
    /// The account of the station's meter, which alone says how much energy has flowed.
    pub meter: AccountId,
    /// Connectors, numbered from 1: 1 to [`CONNECTORS_MAX`](Self::CONNECTORS_MAX).
    pub connectors: u8,
    /// What a Wh costs in a session that begins now, in the chain's smallest unit; not zero.
    pub price_per_wh: Balance,
    /// Watts that a connector gives at most: 1 to [`POWER_MAX_W`](Self::POWER_MAX_W). The meter can't show more.
    pub power_max_w: u32,
    /// How long a session lasts at most: 1 to [`SESSION_MAX_MS`](Self::SESSION_MAX_MS).
    pub session_max_ms: TimestampMs,
}

impl Terms {
    /// Connectors of a station.
    pub const CONNECTORS_MAX: u8 = 16;
    /// The power of a connector: 10 MW, more than any vehicle takes.
    pub const POWER_MAX_W: u32 = 10_000_000;
    /// The length of a session: 24 hours, as the life of a token. So long is money held at most.
    pub const SESSION_MAX_MS: TimestampMs = 24 * 60 * 60 * 1000;

    /// Checks the terms of the station that is the account `station`.
    ///
    /// # Errors
    /// [`Error::InvalidTerms`].
    pub fn validate(&self, station: &AccountId) -> Result<(), Error> {
        let is_good = self.operator != *station
            && (1..=Self::CONNECTORS_MAX).contains(&self.connectors)
            && self.price_per_wh > 0
            && (1..=Self::POWER_MAX_W).contains(&self.power_max_w)
            && (1..=Self::SESSION_MAX_MS).contains(&self.session_max_ms);
        if is_good {
            Ok(())
        } else {
            Err(Error::InvalidTerms)
        }
    }

    /// The terms with another price.
    ///
    /// # Errors
    /// [`Error::NotAuthorized`] for all but the operator; [`Error::InvalidTerms`] when it is zero.
    pub fn with_price(&self, price_per_wh: Balance, caller: &AccountId) -> Result<Self, Error> {
        if *caller != self.operator {
            return Err(Error::NotAuthorized);
        }
        if price_per_wh == 0 {
            return Err(Error::InvalidTerms);
        }
        Ok(Self { price_per_wh, ..self.clone() })
    }

    /// The most that can flow in this time, in whole Wh.
    pub fn energy_max_wh(&self, elapsed_ms: TimestampMs) -> u64 {
        const WATT_MS_PER_WH: u64 = 60 * 60 * 1000;
        elapsed_ms.saturating_mul(u64::from(self.power_max_w)) / WATT_MS_PER_WH
    }
}
