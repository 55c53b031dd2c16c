//! Reads: at the last finalized block.

use marque_charging_interface::{Balance, Session, StationInfo};
use marque_primitives::AccountId;
use parity_scale_codec::{Decode, Encode};

use super::{Station, StationError, messages};
use crate::{chain::At, ink};

impl Station {
    /// What the station says of itself.
    ///
    /// # Errors
    /// [`StationError::Call`] when the contract can't be asked.
    pub async fn info(&self) -> Result<StationInfo, StationError> {
        self.ask("info", messages::INFO).await
    }

    /// The session that is open at a connector.
    ///
    /// # Errors
    /// [`StationError::Call`] when the contract can't be asked.
    pub async fn session(&self, connector: u8) -> Result<Option<Session>, StationError> {
        self.ask("session", (messages::SESSION, connector)).await
    }

    /// What the station owes to an account and could not pay, in the chain's smallest unit.
    ///
    /// # Errors
    /// [`StationError::Call`] when the contract can't be asked.
    pub async fn owed(&self, owner: &AccountId) -> Result<Balance, StationError> {
        self.ask("owed", (messages::OWED, owner)).await
    }

    async fn ask<T: Decode>(&self, message: &str, call: impl Encode) -> Result<T, StationError> {
        let data = self.chain.read(&self.contract, &call.encode(), At::Finalized).await?;
        Ok(ink::returned(message, &data)?)
    }
}
