//! Writes.

use std::collections::HashSet;

use marque_primitives::{DeviceId, Error, Operation, SignedOperation};
use parity_scale_codec::Encode;

use super::{Registry, follow, messages};
use crate::{
    chain::{At, CallError, Receipt},
    signer::Signer,
};

/// What became of a batch of registrations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchReceipt {
    /// For each registration, in order, whether it was accepted.
    pub outcomes: Vec<Result<(), Error>>,
    /// The transaction; `None` when none was submitted, as each registration would have been refused.
    pub receipt: Option<Receipt>,
}

impl Registry {
    /// Carries out an operation in the signer's own name.
    ///
    /// # Errors
    /// [`CallError::Refused`] with what the registry says, mostly before anything was submitted or paid;
    /// [`CallError::CannotPay`]; others when the transaction did not get through.
    pub async fn execute(
        &self,
        signer: &dyn Signer,
        device: DeviceId,
        operation: Operation,
    ) -> Result<Receipt, CallError> {
        self.write("execute", signer, &(messages::EXECUTE, device, operation).encode()).await
    }

    /// Submits an operation that somebody else signed, and pays for it.
    ///
    /// # Errors
    /// Those of [`execute`](Self::execute).
    pub async fn submit(&self, submitter: &dyn Signer, signed: SignedOperation) -> Result<Receipt, CallError> {
        self.write("execute_signed", submitter, &(messages::EXECUTE_SIGNED, signed).encode()).await
    }

    /// Registers up to [`BATCH_MAX`](marque_primitives::bounds::BATCH_MAX) devices by their signed registrations, and pays
    /// for it. Each stands for itself.
    ///
    /// The dry run says why one is refused; the events of the transaction say which were accepted. One that was accepted in the dry
    /// run and not in the block is `AlreadyExists`: nothing else can have come in between but another registration (or the
    /// deadline, which a dry run at that block then shows).
    ///
    /// # Errors
    /// [`CallError::Refused`] with `BatchEmpty` or `TooLarge`; else those of [`execute`](Self::execute).
    pub async fn register_batch(
        &self,
        submitter: &dyn Signer,
        batch: Vec<SignedOperation>,
    ) -> Result<BatchReceipt, CallError> {
        const MESSAGE: &str = "register_batch";
        let data = (messages::REGISTER_BATCH, &batch).encode();
        let run = self.chain.dry_run_call(&submitter.account(), &self.contract, &data, At::Best).await?;
        let mut outcomes: Vec<Result<(), Error>> = messages::accepted(MESSAGE, &run.data)?;
        if outcomes.len() != batch.len() {
            return Err(CallError::undecodable(MESSAGE, "there is not one outcome for each registration"));
        }
        if outcomes.iter().all(Result::is_err) {
            return Ok(BatchReceipt { outcomes, receipt: None });
        }
        let receipt = self.chain.call_with(submitter, &self.contract, &data, &run).await;
        let receipt = receipt.map_err(|error| messages::refused(MESSAGE, error))?;
        let mut registered: HashSet<DeviceId> = HashSet::new();
        for event in &receipt.events {
            let changed = follow::device_changed(&self.contract, event);
            registered.extend(
                changed.transpose().map_err(|error| CallError::undecodable(MESSAGE, error))?.map(|(device, _)| device),
            );
        }
        for (outcome, signed) in outcomes.iter_mut().zip(&batch) {
            let is_registered = registered.remove(&signed.envelope.device);
            if is_registered {
                *outcome = Ok(());
            } else if outcome.is_ok() {
                *outcome = Err(self.refusal_after(submitter, signed, &receipt).await?);
            }
        }
        Ok(BatchReceipt { outcomes, receipt: Some(receipt) })
    }

    async fn refusal_after(
        &self,
        submitter: &dyn Signer,
        signed: &SignedOperation,
        receipt: &Receipt,
    ) -> Result<Error, CallError> {
        let data = (messages::EXECUTE_SIGNED, signed).encode();
        let at = At::Block(receipt.block.hash);
        let run = self.chain.dry_run_call(&submitter.account(), &self.contract, &data, at).await?;
        match messages::accepted::<()>("execute_signed", &run.data) {
            Err(CallError::Refused(error)) => Ok(error),
            Err(other) => Err(other),
            Ok(()) => Err(CallError::undecodable("register_batch", "a registration was neither accepted nor refused")),
        }
    }

    async fn write(&self, message: &str, signer: &dyn Signer, data: &[u8]) -> Result<Receipt, CallError> {
        let called = self.chain.call(signer, &self.contract, data).await;
        called.map_err(|error| messages::refused(message, error))
    }
}
