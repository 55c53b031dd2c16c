//! Who may do what to a device, and when: pure functions of the record, the actor and the time.

mod authority;
mod delegates;
mod keys;
mod lifecycle;
mod registration;
mod services;
mod signed;
mod transfer;

#[cfg(test)]
mod tests;

use marque_primitives::{
    AccountId, Change, Device, DeviceId, Error, LogEntry, NonceUse, Operation, Status, TimestampMs,
};

pub use signed::{ensure_next_nonce, ensure_signs, ensure_submittable};

/// What an operation is decided by, beside the record and its own arguments.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The device that the operation is for.
    pub device: DeviceId,
    /// Who wants it: the caller, or the signer whose signature was verified.
    pub actor: AccountId,
    /// Whether the actor was proven by an Ed25519 signature that was checked here. A caller was not: the chain, which checked its
    /// signature, does not tell the scheme.
    pub is_ed25519_proven: bool,
    /// The block's time.
    pub now_ms: TimestampMs,
    /// The block of the registry's last registration.
    pub last_registration_block: u32,
}

/// Decides an operation: the change that it makes, or why it is refused. Nothing is changed here.
///
/// # Errors
/// With the precedence of [`Error`].
pub fn decide(
    record: Option<&Device>,
    operation: Operation,
    nonce: Option<NonceUse>,
    context: &Context,
) -> Result<LogEntry, Error> {
    let change = match (operation, record) {
        (Operation::Register { .. }, Some(_)) => return Err(Error::AlreadyExists),
        (Operation::Register { controller, metadata, keys, services }, None) => {
            registration::register(context, controller, metadata, keys, services)?
        }
        (_, None) => return Err(Error::NotFound),
        (operation, Some(device)) => {
            if device.status == Status::Revoked {
                return Err(Error::Revoked);
            }
            authority::ensure_authorized(device, &operation, context)?;
            decide_change(device, operation, context)?
        }
    };
    log_entry(record, change, nonce, context)
}

fn decide_change(device: &Device, operation: Operation, context: &Context) -> Result<Change, Error> {
    let now_ms = context.now_ms;
    match operation {
        Operation::Register { .. } => Err(Error::AlreadyExists),
        Operation::AddKey { key } => keys::add(device, key, now_ms),
        Operation::RotateKey { id, public_key } => keys::rotate(device, id, public_key, now_ms),
        Operation::RevokeKey { id } => keys::revoke(device, id),
        Operation::SetService { service } => services::set(device, service),
        Operation::RemoveService { id } => services::remove(device, id),
        Operation::SetMetadata { hash } => Ok(Change::MetadataSet { previous: device.metadata, hash }),
        Operation::SetDelegate { account, role, expires_ms } => {
            delegates::set(device, account, role, expires_ms, now_ms)
        }
        Operation::RemoveDelegate { account, role } => delegates::remove(device, account, role),
        Operation::Suspend => lifecycle::suspend(device),
        Operation::Resume => lifecycle::resume(device),
        Operation::BumpEpoch => Ok(Change::EpochBumped),
        Operation::OfferTransfer { to, expires_ms } => transfer::offer(device, to, expires_ms, now_ms),
        Operation::CancelTransfer => transfer::cancel(device),
        Operation::AcceptTransfer => transfer::accept(device, now_ms),
        Operation::Revoke => Ok(Change::Revoked),
    }
}

fn log_entry(
    record: Option<&Device>,
    change: Change,
    nonce: Option<NonceUse>,
    context: &Context,
) -> Result<LogEntry, Error> {
    let (version, epoch, previous_block) =
        record.map_or((0, 0, 0), |device| (device.version, device.epoch, device.changed_block));
    Ok(LogEntry {
        version: version.checked_add(1).ok_or(Error::Overflow)?,
        epoch: epoch.checked_add(u32::from(change.starts_epoch())).ok_or(Error::Overflow)?,
        at_ms: context.now_ms,
        actor: context.actor,
        previous_block,
        nonce,
        change,
    })
}

/// Checks that an expiry is ahead, and not further than `ahead_max_ms`.
fn ensure_expiry(expires_ms: TimestampMs, now_ms: TimestampMs, ahead_max_ms: TimestampMs) -> Result<(), Error> {
    if expires_ms > now_ms && expires_ms <= now_ms.saturating_add(ahead_max_ms) {
        Ok(())
    } else {
        Err(Error::InvalidExpiry)
    }
}
