//! The charging station of `contracts/examples/charging`, with every message typed: the client of an example, and an example of a client for a
//! contract of one's own that is guarded by `marque-guard`.

mod error;
mod events;
mod messages;
mod read;
mod write;

use std::fmt;

use marque_primitives::{AccountId, access::IssuerId};
use parity_scale_codec::Encode;

use crate::{
    access::Access,
    bundle::CHARGING,
    chain::{At, Chain, Receipt},
    ink,
    registry::random_salt,
    signer::Signer,
};

pub use error::{StationAttachError, StationError, explain};
pub use marque_charging_interface::{
    Balance, EndReason, EnergyMetered, Error, Event, Guard, GuardError, PriceSet, SCOPE, Session, SessionEnded,
    SessionId, SessionStarted, Settlement, StationInfo, Terms, Withdrawn,
};

/// A charging station on a chain.
#[derive(Clone)]
pub struct Station {
    chain: Chain,
    contract: AccountId,
}

impl fmt::Debug for Station {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Station({} on {:?})", crate::account::format(&self.contract), self.chain)
    }
}

impl Station {
    /// Deploys a station, with a random salt, that serves vehicles with tokens for `audience` from this authorization server or one that
    /// it trusts. Give each station an audience of its own, or what was issued for one is good for the other.
    ///
    /// # Errors
    /// [`StationError::Refused`] with [`Error::InvalidTerms`]; [`StationError::Call`] when the transaction did not get through.
    pub async fn deploy(
        access: &Access,
        signer: &dyn Signer,
        issuer: IssuerId,
        audience: &str,
        terms: &Terms,
    ) -> Result<(Self, Receipt), StationError> {
        let chain = access.chain();
        let guard = Guard { access_control: access.contract(), issuer, audience: audience.to_owned() };
        let data = (messages::NEW, guard, terms).encode();
        let deployed = chain.deploy(signer, CHARGING.wasm(), &data, &random_salt()).await;
        let deployed = deployed.map_err(|error| ink::refused::<Error, StationError>("new", error))?;
        Ok((Self { chain: chain.clone(), contract: deployed.contract }, deployed.receipt))
    }

    /// The station at this account, after it was checked: there is a contract, it has the code that this client has, and has tokens
    /// verified by this access contract.
    ///
    /// # Errors
    /// [`StationAttachError::NoContract`], [`StationAttachError::WrongCode`], [`StationAttachError::WrongAccess`], in this order;
    /// [`StationAttachError::Chain`] and [`StationAttachError::Station`] when that can't be found out.
    pub async fn attach(access: &Access, contract: AccountId) -> Result<Self, StationAttachError> {
        let chain = access.chain();
        let found = chain.code_hash(&contract, At::Finalized).await?;
        let found = found.ok_or(StationAttachError::NoContract { contract })?;
        if found != CHARGING.code_hash() {
            return Err(StationAttachError::WrongCode { contract, expected: CHARGING.code_hash(), found });
        }
        let station = Self { chain: chain.clone(), contract };
        let found = station.info().await?.guard.access_control;
        if found != access.contract() {
            return Err(StationAttachError::WrongAccess { contract, expected: access.contract(), found });
        }
        Ok(station)
    }

    /// The contract's account.
    pub const fn contract(&self) -> AccountId {
        self.contract
    }

    /// The chain that it is on.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }
}
