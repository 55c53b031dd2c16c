//! One batch: which of its devices are to be registered, their signatures, and the transaction.

use marque_sdk::{
    Signer, did,
    primitives::{Controller, DeviceId, DeviceStatus, Envelope, Error, Operation, PublicKey, SignedOperation, Status},
    registry,
};

use super::{
    report::FailedRow,
    rows::{Named, Spec},
};
use crate::{
    failure::{Failure, Outcome},
    session::Session,
    shown,
};

/// What a batch works with.
pub struct Work {
    /// The registry and the keys.
    pub session: Session,
    /// Who submits and pays.
    pub sponsor: Box<dyn Signer>,
    /// Who controls devices whose row does not say it.
    pub controller: Controller,
    /// The last time at which the registrations are good.
    pub deadline_ms: u64,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Done {
    /// Registered now: line and device id.
    pub registered: Vec<(u64, String)>,
    /// Registered already: line and device id.
    pub already: Vec<(u64, String)>,
    /// Failed.
    pub failed: Vec<FailedRow>,
    /// The block of the last transaction, if there was one.
    pub block: Option<u32>,
    /// What all of it cost, if the chain says it, in its smallest unit.
    pub fee: Option<u128>,
}

/// A row whose registration is signed.
struct Ready {
    line: u64,
    signed: SignedOperation,
}

impl Work {
    /// The device of a row, if its key exists.
    ///
    /// # Errors
    /// When the keystore can't be read, or the row names a key of another type.
    pub fn device_of(&self, spec: &Spec) -> Result<Option<DeviceId>, Failure> {
        match spec {
            Spec::Signed(signed) => Ok(Some(signed.envelope.device)),
            Spec::Named(named) => match self.session.keys.find(&named.name)?.map(|info| info.public_key) {
                None => Ok(None),
                Some(PublicKey::Ed25519(bytes)) => Ok(Some(DeviceId(bytes))),
                Some(_) => Err(Failure::usage("the key is no Ed25519 key, so that it names no device")),
            },
        }
    }

    /// Registers the devices of a batch that are not registered yet.
    ///
    /// # Errors
    /// When the chain can't be read or a transaction as a whole fails. What of the batch was registered before that, or by a
    /// transaction whose outcome is unknown, the next run finds on the chain.
    pub async fn register(&self, rows: Vec<(u64, Spec)>) -> Outcome<Done> {
        let mut done = Done::default();
        let pending = self.drop_registered(rows, &mut done).await?;
        // Keys are sealed and opened with a function that is costly on purpose.
        let ready = tokio::task::block_in_place(|| self.sign(pending, &mut done))?;
        if ready.is_empty() {
            return Ok(done);
        }
        let signed = ready.iter().map(|row| row.signed.clone()).collect();
        let mut rows = ready.into_iter();
        // One transaction is bounded by its bytes too, so that large registrations may take several.
        for batch in registry::split_into_batches(signed) {
            let rows = rows.by_ref().take(batch.len()).collect();
            self.submit(rows, batch, &mut done).await?;
        }
        Ok(done)
    }

    async fn submit(&self, rows: Vec<Ready>, batch: Vec<SignedOperation>, done: &mut Done) -> Outcome {
        let outcome = self.session.registry.register_batch(&*self.sponsor, batch).await?;
        if let Some(receipt) = outcome.receipt {
            done.block = Some(receipt.block.number);
            done.fee = receipt.fee.map(|fee| fee.saturating_add(done.fee.unwrap_or(0)));
        }
        let mut refused = Vec::new();
        for (row, result) in rows.into_iter().zip(outcome.outcomes) {
            match result {
                Ok(()) => done.registered.push((row.line, did::format_device_id(&row.signed.envelope.device))),
                Err(error) => refused.push((row, error)),
            }
        }
        self.sort_refused(refused, done).await
    }

    /// A refused registration whose device is there is done: somebody else was faster, or an earlier run was.
    async fn sort_refused(&self, refused: Vec<(Ready, Error)>, done: &mut Done) -> Outcome {
        let devices: Vec<_> = refused.iter().map(|(row, _)| row.signed.envelope.device).collect();
        let statuses = if devices.is_empty() { Vec::new() } else { self.session.registry.statuses(&devices).await? };
        for ((row, error), status) in refused.into_iter().zip(statuses) {
            let id = did::format_device_id(&row.signed.envelope.device);
            if status.is_some_and(|status| status.status != Status::Revoked) {
                done.already.push((row.line, id));
            } else {
                let reason = registry::explain(&error).to_owned();
                done.failed.push(FailedRow { line: row.line, device: Some(id), reason });
            }
        }
        Ok(())
    }

    async fn drop_registered(&self, rows: Vec<(u64, Spec)>, done: &mut Done) -> Outcome<Vec<(u64, Spec)>> {
        let mut known = Vec::new();
        let mut pending = Vec::new();
        for (line, spec) in rows {
            match self.device_of(&spec) {
                Ok(Some(device)) => known.push((line, device, spec)),
                Ok(None) => pending.push((line, spec)),
                Err(failure) => done.failed.push(failed(line, &spec, failure)),
            }
        }
        let devices: Vec<_> = known.iter().map(|(_, device, _)| *device).collect();
        let statuses = if devices.is_empty() { Vec::new() } else { self.session.registry.statuses(&devices).await? };
        for ((line, device, spec), status) in known.into_iter().zip(statuses) {
            match status {
                None => pending.push((line, spec)),
                Some(DeviceStatus { status: Status::Revoked, .. }) => {
                    done.failed.push(failed(line, &spec, Failure::usage("the device is revoked and can't come back")));
                }
                Some(_) => done.already.push((line, did::format_device_id(&device))),
            }
        }
        Ok(pending)
    }

    fn sign(&self, rows: Vec<(u64, Spec)>, done: &mut Done) -> Outcome<Vec<Ready>> {
        let mut ready = Vec::with_capacity(rows.len());
        for (line, spec) in rows {
            match &spec {
                Spec::Signed(signed) => ready.push(Ready { line, signed: (**signed).clone() }),
                Spec::Named(named) => match self.sign_named(named) {
                    Ok(signed) => ready.push(Ready { line, signed }),
                    Err(failure) => done.failed.push(failed(line, &spec, failure)),
                },
            }
        }
        Ok(ready)
    }

    fn sign_named(&self, named: &Named) -> Outcome<SignedOperation> {
        let keys = &self.session.keys;
        let controller = match &named.controller {
            Some(text) => self.session.controller(text)?,
            None => self.controller,
        };
        let key: Box<dyn Signer> = match keys.find(&named.name)? {
            Some(info) => keys.open(&info)?,
            None => Box::new(keys.make_open(&named.name)?.1),
        };
        let account = key.account();
        let envelope = Envelope {
            device: DeviceId(account.0),
            operation: Operation::Register {
                controller,
                metadata: named.metadata,
                keys: Vec::new(),
                services: named.services.clone(),
            },
            signer: account,
            submitter: Some(self.sponsor.account()),
            lane: 0,
            nonce: 0,
            deadline_ms: self.deadline_ms,
        };
        key.sign_operation(&self.session.registry.domain(), envelope).map_err(|error| Failure::local(error.to_string()))
    }
}

/// A row that failed on this side.
fn failed(line: u64, spec: &Spec, failure: Failure) -> FailedRow {
    let device = match spec {
        Spec::Named(named) => shown::value(&named.name).to_owned(),
        Spec::Signed(signed) => did::format_device_id(&signed.envelope.device),
    };
    FailedRow { line, device: Some(device), reason: failure.message }
}
