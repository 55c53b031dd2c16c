//! A station on a chain, with every message typed.

use marque_primitives::{
    AccountId,
    access::IssuerId,
    token::{Requirement, VerifyError},
};
use marque_sdk::{
    Access, At, CallError, Chain, Receipt, Signer,
    bundle::CHARGING,
    chain::{ContractEvent, Deployed},
};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use rand::Rng;

use crate::{
    Balance, EndReason, Error, Guard, SCOPE, Session, SessionEnded, SessionId, SessionStarted, StationAttachError,
    StationError, StationInfo, Terms, Withdrawn,
    messages::{self, Selector},
};

/// What a call has to say, or that the contract did not understand it (`ink::LangError`).
type Said<T> = Result<T, u8>;

/// A station on a chain.
#[derive(Clone, Debug)]
pub struct Station {
    access: Access,
    contract: AccountId,
}

impl Station {
    /// Deploys a station that demands tokens of this authorization server, for this audience. Waits as the chain is configured to.
    ///
    /// # Errors
    /// [`StationError`]; with [`Error::InvalidTerms`] when the terms make no sense.
    pub async fn deploy(
        access: &Access,
        signer: &dyn Signer,
        issuer: IssuerId,
        audience: &str,
        terms: &Terms,
    ) -> Result<(Self, Receipt), StationError> {
        let guard = Guard { access_control: access.contract(), issuer, audience: audience.into() };
        let data = (messages::NEW, guard, terms).encode();
        let salt: [u8; 16] = rand::thread_rng().r#gen();
        let deployed = access.chain().deploy(signer, CHARGING.wasm(), &data, &salt).await;
        let Deployed { contract, receipt } = deployed.map_err(refused)?;
        Ok((Self { access: access.clone(), contract }, receipt))
    }

    /// The station at this account, after it was checked: there is a contract, it has the code that this client has, and has tokens
    /// verified by this access contract.
    ///
    /// # Errors
    /// [`StationAttachError::NoContract`], [`StationAttachError::WrongCode`], [`StationAttachError::WrongAccess`], in this order;
    /// [`StationAttachError::Chain`] and [`StationAttachError::Station`] when that can't be found out.
    pub async fn attach(access: &Access, contract: AccountId) -> Result<Self, StationAttachError> {
        let found = access.chain().code_hash(&contract, At::Finalized).await?;
        let found = found.ok_or(StationAttachError::NoContract { contract })?;
        if found != CHARGING.code_hash() {
            return Err(StationAttachError::WrongCode { contract, expected: CHARGING.code_hash(), found });
        }
        let station = Self { access: access.clone(), contract };
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

    /// Starts a session for the vehicle that signs, with a deposit, in the chain's smallest unit.
    ///
    /// # Errors
    /// [`StationError`], mostly before anything was submitted or paid.
    pub async fn start(
        &self,
        vehicle: &dyn Signer,
        connector: u8,
        price_max_per_wh: Balance,
        deposit: Balance,
        token: &[u8],
    ) -> Result<(SessionId, Receipt), StationError> {
        let data = (messages::START, connector, price_max_per_wh, token).encode();
        let receipt = self.write(vehicle, deposit, &data).await?;
        let started: Option<SessionStarted> = self.event(&receipt, &messages::SESSION_STARTED)?;
        let SessionStarted { id, .. } = started.ok_or_else(|| unreadable("the receipt", "no session was started"))?;
        Ok((id, receipt))
    }

    /// Reports the energy that has flowed since the session began, in Wh: how the session ended, if that ends it.
    ///
    /// # Errors
    /// [`StationError`].
    pub async fn meter(
        &self,
        meter: &dyn Signer,
        id: SessionId,
        energy_wh: u64,
    ) -> Result<(Option<SessionEnded>, Receipt), StationError> {
        self.write_to(meter, messages::METER, (id, energy_wh)).await
    }

    /// Stops a session, for its vehicle and the operator: how it was settled.
    ///
    /// # Errors
    /// [`StationError`].
    pub async fn stop(&self, signer: &dyn Signer, id: SessionId) -> Result<(SessionEnded, Receipt), StationError> {
        let (ended, receipt) = self.write_to(signer, messages::STOP, id).await?;
        Ok((ended.ok_or_else(|| unreadable("the receipt", "no session ended"))?, receipt))
    }

    /// Ends a session that is over, for anybody: how it ended, if it did.
    ///
    /// # Errors
    /// [`StationError`].
    pub async fn recheck(
        &self,
        signer: &dyn Signer,
        id: SessionId,
    ) -> Result<(Option<SessionEnded>, Receipt), StationError> {
        self.write_to(signer, messages::RECHECK, id).await
    }

    /// Pays out to `to` what the station owes to the signer, and closes the signer's account there: how much it was, in the chain's
    /// smallest unit.
    ///
    /// # Errors
    /// [`StationError`].
    pub async fn withdraw(&self, signer: &dyn Signer, to: &AccountId) -> Result<(Balance, Receipt), StationError> {
        let receipt = self.write(signer, 0, &(messages::WITHDRAW, to).encode()).await?;
        let withdrawn: Option<Withdrawn> = self.event(&receipt, &messages::WITHDRAWN)?;
        let Withdrawn { amount, .. } = withdrawn.ok_or_else(|| unreadable("the receipt", "nothing was paid"))?;
        Ok((amount, receipt))
    }

    /// Sets the price of a Wh for sessions that begin later, for the operator.
    ///
    /// # Errors
    /// [`StationError`].
    pub async fn set_price(&self, operator: &dyn Signer, price_per_wh: Balance) -> Result<Receipt, StationError> {
        self.write(operator, 0, &(messages::SET_PRICE, price_per_wh).encode()).await
    }

    /// What the station says of itself, at the last finalized block.
    ///
    /// # Errors
    /// [`StationError::Call`].
    pub async fn info(&self) -> Result<StationInfo, StationError> {
        self.read(&messages::INFO.encode()).await
    }

    /// The session that is open at a connector, at the last finalized block.
    ///
    /// # Errors
    /// [`StationError::Call`].
    pub async fn session(&self, connector: u8) -> Result<Option<Session>, StationError> {
        self.read(&(messages::SESSION, connector).encode()).await
    }

    /// What the station owes to an account, at the last finalized block.
    ///
    /// # Errors
    /// [`StationError::Call`].
    pub async fn owed(&self, owner: &AccountId) -> Result<Balance, StationError> {
        self.read(&(messages::OWED, owner).encode()).await
    }

    /// What the station asks of tokens.
    ///
    /// # Errors
    /// [`StationError::Call`].
    pub async fn requirement(&self) -> Result<Requirement, StationError> {
        let Guard { issuer, audience, .. } = self.info().await?.guard;
        Ok(Requirement { issuer, audience, scopes: vec![SCOPE.into()] })
    }

    async fn write_to(
        &self,
        signer: &dyn Signer,
        message: Selector,
        arguments: impl Encode,
    ) -> Result<(Option<SessionEnded>, Receipt), StationError> {
        let receipt = self.write(signer, 0, &(message, arguments).encode()).await?;
        Ok((self.event(&receipt, &messages::SESSION_ENDED)?, receipt))
    }

    async fn write(&self, signer: &dyn Signer, value: Balance, data: &[u8]) -> Result<Receipt, StationError> {
        self.chain().call_paying(signer, &self.contract, value, data).await.map_err(refused)
    }

    async fn read<T: Decode>(&self, data: &[u8]) -> Result<T, StationError> {
        let answer = self.chain().read(&self.contract, data, At::Finalized).await?;
        let said = Said::<T>::decode_all(&mut &answer[..]).map_err(|error| unreadable("the answer", error))?;
        said.map_err(|_| unreadable("the answer", "the contract can't read the call"))
    }

    /// The event of this station with this topic.
    fn event<T: Decode>(&self, receipt: &Receipt, topic: &[u8; 32]) -> Result<Option<T>, StationError> {
        let is_it = |event: &&ContractEvent| event.contract == self.contract && event.topics.first() == Some(topic);
        let event = receipt.events.iter().find(is_it);
        let decoded = event.map(|event| T::decode_all(&mut &event.data[..])).transpose();
        decoded.map_err(|error| unreadable("an event", error))
    }

    const fn chain(&self) -> &Chain {
        self.access.chain()
    }
}

/// Makes of a revert the reason that the station gives by it.
fn refused(error: CallError) -> StationError {
    if let CallError::Reverted { data } = &error
        && let Ok(Ok(Err(reason))) = Said::<Result<(), Error>>::decode_all(&mut &data[..])
    {
        return StationError::Refused(reason);
    }
    StationError::Call(error)
}

fn unreadable(what: &str, reason: impl ToString) -> StationError {
    StationError::Call(CallError::Undecodable { what: what.into(), reason: reason.to_string() })
}

impl SessionEnded {
    /// Why the vehicle's token was no longer good, if that ended the session.
    pub const fn token_refusal(&self) -> Option<VerifyError> {
        match self.reason {
            EndReason::TokenRefused(reason) => Some(reason),
            _ => None,
        }
    }
}
