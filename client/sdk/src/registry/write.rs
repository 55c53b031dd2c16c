//! Writes.

use std::collections::HashSet;

use marque_primitives::{DeviceId, Error, Operation, SignedOperation, bounds};
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

/// Splits signed registrations, in order, into as few batches as one transaction each can carry: by their number
/// ([`bounds::BATCH_MAX`]) and by their size ([`bounds::CALL_BYTES_MAX`]).
///
/// A registration that is too large even alone gets a batch of its own, which [`Registry::register_batch`] refuses.
pub fn split_into_batches(registrations: Vec<SignedOperation>) -> Vec<Vec<SignedOperation>> {
    let mut batches: Vec<Vec<SignedOperation>> = Vec::new();
    let mut bytes = 0;
    for signed in registrations {
        let size = signed.encoded_size();
        match batches.last_mut() {
            Some(batch) if batch.len() < bounds::BATCH_MAX && bytes + size <= bounds::CALL_BYTES_MAX => {
                bytes += size;
                batch.push(signed);
            }
            _ => {
                bytes = BATCH_HEAD_BYTES + size;
                batches.push(vec![signed]);
            }
        }
    }
    batches
}

/// What comes before the registrations: the selector, and the length of the list, which takes one byte up to 63.
const BATCH_HEAD_BYTES: usize = messages::REGISTER_BATCH.len() + 1;

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
        ensure_fits(&data)?;
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
        ensure_fits(data)?;
        let called = self.chain.call(signer, &self.contract, data).await;
        called.map_err(|error| messages::refused(message, error))
    }
}

/// The contract would trap, and so could not say why.
const fn ensure_fits(data: &[u8]) -> Result<(), CallError> {
    if data.len() > bounds::CALL_BYTES_MAX { Err(CallError::Refused(Error::TooLarge)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use marque_primitives::{AccountId, Controller, Envelope, Service, Signature};

    use super::*;

    fn registration(endpoint_bytes: usize) -> SignedOperation {
        let endpoint = format!("a:{}", "x".repeat(endpoint_bytes));
        let service = Service { id: "s".into(), service_type: "S".into(), endpoint };
        let operation = Operation::Register {
            controller: Controller::Device,
            metadata: None,
            keys: vec![],
            services: vec![service; bounds::SERVICES_MAX],
        };
        let envelope = Envelope {
            device: DeviceId([1; 32]),
            operation,
            signer: AccountId([1; 32]),
            submitter: None,
            lane: 0,
            nonce: 0,
            deadline_ms: 0,
        };
        SignedOperation { envelope, signature: Signature::Ed25519([0; 64]) }
    }

    #[test]
    fn batches_are_bounded_by_number_and_by_size() {
        for (endpoint_bytes, all) in [(0, 100), (100, 100), (250, 100), (20_000, 3)] {
            let batches = split_into_batches(vec![registration(endpoint_bytes); all]);
            assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), all, "nothing is lost");
            for batch in &batches {
                let size = (messages::REGISTER_BATCH, batch).encoded_size();
                assert!(batch.len() <= bounds::BATCH_MAX);
                assert!(size <= bounds::CALL_BYTES_MAX || batch.len() == 1);
            }
            let one_more = (messages::REGISTER_BATCH, vec![registration(endpoint_bytes); batches[0].len() + 1]);
            let is_full = batches[0].len() == bounds::BATCH_MAX || one_more.encoded_size() > bounds::CALL_BYTES_MAX;
            assert!(is_full, "batches are as large as they may be");
        }
    }
}
