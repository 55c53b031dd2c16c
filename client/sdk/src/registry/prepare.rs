//! Operations that are signed here and submitted by somebody else.

use marque_primitives::{AccountId, DeviceId, Envelope, Operation, SignedOperation, TimestampMs, bounds};

use super::Registry;
use crate::{
    chain::{At, CallError},
    signer::Signer,
};

/// How long a signed operation is good when nothing else is said: 10 minutes.
const DEADLINE_AHEAD_MS: TimestampMs = 10 * 60 * 1000;

/// An operation that is about to be signed. The nonce that is not given is read from the chain.
#[derive(Clone, Debug)]
#[must_use = "an operation has no effect before it is signed and submitted"]
pub struct Prepare<'registry> {
    registry: &'registry Registry,
    device: DeviceId,
    operation: Operation,
    submitter: Option<AccountId>,
    lane: u8,
    nonce: Option<u64>,
    deadline_ms: Option<TimestampMs>,
}

impl Registry {
    /// Begins an operation that will be signed: for any submitter, in lane 0, good for 10 minutes from now, as
    /// [`Chain::time_ahead_ms`](crate::Chain::time_ahead_ms) tells it.
    pub const fn prepare(&self, device: DeviceId, operation: Operation) -> Prepare<'_> {
        Prepare { registry: self, device, operation, submitter: None, lane: 0, nonce: None, deadline_ms: None }
    }
}

impl Prepare<'_> {
    /// Lets nobody but this account submit it.
    pub const fn only_by(mut self, submitter: AccountId) -> Self {
        self.submitter = Some(submitter);
        self
    }

    /// Takes its nonce from another lane (0 to 7). Operations in different lanes don't wait for each other.
    pub const fn lane(mut self, lane: u8) -> Self {
        self.lane = lane;
        self
    }

    /// Uses this nonce, for operations that are signed ahead of each other.
    pub const fn nonce(mut self, nonce: u64) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// Sets the last time at which it may be executed, in milliseconds since the Unix epoch; at most 24 hours ahead.
    /// [`Chain::time_ahead_ms`](crate::Chain::time_ahead_ms) gives one.
    pub const fn deadline_ms(mut self, deadline_ms: TimestampMs) -> Self {
        self.deadline_ms = Some(deadline_ms);
        self
    }

    /// The envelope for this signer's account.
    ///
    /// # Errors
    /// [`CallError`] when the nonce or the time can't be read.
    pub async fn envelope(self, signer: AccountId) -> Result<Envelope, CallError> {
        let Self { registry, device, operation, submitter, lane, nonce, deadline_ms } = self;
        let nonce = match (nonce, &operation) {
            (Some(nonce), _) => nonce,
            // A device that is not registered yet has used none.
            (None, Operation::Register { .. }) => 0,
            (None, _) => {
                let record = registry.device_at(device, At::Best).await?;
                record.map_or(0, |record| record.next_nonce(lane))
            }
        };
        let deadline_ms = match deadline_ms {
            Some(deadline_ms) => deadline_ms,
            None => registry.chain.time_ahead_ms(DEADLINE_AHEAD_MS, bounds::DEADLINE_AHEAD_MAX_MS).await?,
        };
        Ok(Envelope { device, operation, signer, submitter, lane, nonce, deadline_ms })
    }

    /// The operation signed by this key.
    ///
    /// # Errors
    /// [`CallError::Signer`]; others when the nonce or the time can't be read.
    pub async fn sign(self, signer: &dyn Signer) -> Result<SignedOperation, CallError> {
        let domain = self.registry.domain();
        let envelope = self.envelope(signer.account()).await?;
        Ok(signer.sign_operation(&domain, envelope)?)
    }
}
