//! Writes. What the station answers in a block is told by its events.

use marque_charging_interface::{Balance, Error, Event, Session, SessionEnded, SessionId};
use marque_primitives::AccountId;
use parity_scale_codec::Encode;

use super::{Station, StationError, events, messages};
use crate::{
    chain::{CallError, Receipt},
    ink,
    signer::Signer,
};

impl Station {
    /// Starts a session at a connector for the vehicle that signs, with a deposit in the chain's smallest unit. `token` is a CWT with
    /// [`SCOPE`](super::SCOPE) for the station's audience, and the signer a current key of its device. A Wh may cost `price_max_per_wh`.
    ///
    /// # Errors
    /// [`StationError::Refused`] with what the station says, mostly before anything was submitted or paid; [`StationError::Call`] when
    /// the transaction did not get through.
    pub async fn start(
        &self,
        vehicle: &dyn Signer,
        connector: u8,
        price_max_per_wh: Balance,
        token: &[u8],
        deposit: Balance,
    ) -> Result<(Session, Receipt), StationError> {
        let call = (messages::START, connector, price_max_per_wh, token).encode();
        let (events, receipt) = self.write("start", vehicle, deposit, &call).await?;
        let started = events.into_iter().find_map(|event| match event {
            Event::Started(started) => Some(started.session),
            _ => None,
        });
        Ok((started.ok_or_else(|| untold("start"))?, receipt))
    }

    /// Reports the energy in Wh that has flowed since the session began. For the meter. Says how the session ended, if it did: then
    /// the station must give no more.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub async fn meter(
        &self,
        meter: &dyn Signer,
        id: SessionId,
        energy_wh: u64,
    ) -> Result<(Option<SessionEnded>, Receipt), StationError> {
        let call = (messages::METER, id, energy_wh).encode();
        let (events, receipt) = self.write("meter", meter, 0, &call).await?;
        Ok((end(events), receipt))
    }

    /// Stops a session. For its vehicle and the operator.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub async fn stop(&self, signer: &dyn Signer, id: SessionId) -> Result<(SessionEnded, Receipt), StationError> {
        let (events, receipt) = self.write("stop", signer, 0, &(messages::STOP, id).encode()).await?;
        Ok((end(events).ok_or_else(|| untold("stop"))?, receipt))
    }

    /// Ends a session whose time is over, or whose vehicle's token is no longer good. For anybody. Says how it ended, if it did.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub async fn recheck(
        &self,
        signer: &dyn Signer,
        id: SessionId,
    ) -> Result<(Option<SessionEnded>, Receipt), StationError> {
        let (events, receipt) = self.write("recheck", signer, 0, &(messages::RECHECK, id).encode()).await?;
        Ok((end(events), receipt))
    }

    /// Has the station pay all that it owes to the signer, to an account of its choice, and close the signer's account there. Says how
    /// much was paid, in the chain's smallest unit.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub async fn withdraw(&self, signer: &dyn Signer, to: &AccountId) -> Result<(Balance, Receipt), StationError> {
        let (events, receipt) = self.write("withdraw", signer, 0, &(messages::WITHDRAW, to).encode()).await?;
        let amount = events.into_iter().find_map(|event| match event {
            Event::Withdrawn(withdrawn) => Some(withdrawn.amount),
            _ => None,
        });
        Ok((amount.ok_or_else(|| untold("withdraw"))?, receipt))
    }

    /// Sets the price of a Wh for sessions that begin later, in the chain's smallest unit. For the operator.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub async fn set_price(&self, operator: &dyn Signer, price_per_wh: Balance) -> Result<Receipt, StationError> {
        let (_, receipt) = self.write("set_price", operator, 0, &(messages::SET_PRICE, price_per_wh).encode()).await?;
        Ok(receipt)
    }

    async fn write(
        &self,
        message: &str,
        signer: &dyn Signer,
        deposit: Balance,
        call: &[u8],
    ) -> Result<(Vec<Event>, Receipt), StationError> {
        let called = self.chain.call_paying(signer, &self.contract, deposit, call).await;
        let receipt = called.map_err(|error| ink::refused::<Error, StationError>(message, error))?;
        Ok((events::told(&self.contract, &receipt)?, receipt))
    }
}

fn end(events: Vec<Event>) -> Option<SessionEnded> {
    events.into_iter().find_map(|event| match event {
        Event::Ended(ended) => Some(ended),
        _ => None,
    })
}

fn untold(message: &str) -> StationError {
    CallError::undecodable(message, "no event of the station says what came of it").into()
}
