//! The rights of each actor.
//!
//! | actor | may |
//! |---|---|
//! | controller | everything but accept a transfer |
//! | the device's own keys (capability invocation), while it is active | keys, services, metadata, epoch, suspend |
//! | operator | suspend, resume |
//! | rotator | keys, suspended or not |
//! | who a transfer is offered to | accept it; the device itself, only while it is active |
//!
//! Where the device is its own controller, its keys have the controller's rights: by capability delegation for delegates, by
//! capability invocation for all else, suspended or not. Nobody else may do anything, the contract's deployer included.
//!
//! Of such a device a rotator can put in a key of its own and so have those rights: it is who the device trusts with its
//! recovery. So is, by naming itself a rotator, a key that has capability delegation alone. Where an account is the
//! controller, the keys that a rotator puts in have the rights of own keys, and the account can take them away.

use marque_primitives::{Controller, Device, Error, Operation, Relationships, Role, Status};

use super::Context;

/// Checks that the actor may do this to the device.
///
/// # Errors
/// [`Error::Suspended`] when the actor is a key that could do it if the device were active; [`Error::NotAuthorized`]. For an
/// [`Operation::AcceptTransfer`], [`Error::NoOffer`] first.
pub fn ensure_authorized(device: &Device, operation: &Operation, context: &Context) -> Result<(), Error> {
    let actor = &context.actor;
    if matches!(operation, Operation::AcceptTransfer) {
        return ensure_offered(device, context);
    }
    if device.is_controlled_by(actor, operation.relationship()) {
        return Ok(());
    }
    let delegated = |role| device.is_delegate(actor, role, context.now_ms);
    if delegate_role(operation).is_some_and(delegated) {
        return Ok(());
    }
    let is_own_key = device.current_key_of(actor, Relationships::CAPABILITY_INVOCATION).is_some();
    if !is_own_key || !is_open_to_own_keys(operation) {
        return Err(Error::NotAuthorized);
    }
    if device.status == Status::Suspended {
        return Err(Error::Suspended);
    }
    Ok(())
}

fn ensure_offered(device: &Device, context: &Context) -> Result<(), Error> {
    let offer = device.offer.as_ref().ok_or(Error::NoOffer)?;
    if !device.is_principal(&offer.to, &context.actor, Relationships::CAPABILITY_INVOCATION) {
        return Err(Error::NotAuthorized);
    }
    // A device that was suspended after it was offered to itself must not free itself by accepting.
    if offer.to == Controller::Device && device.status == Status::Suspended {
        return Err(Error::Suspended);
    }
    Ok(())
}

const fn delegate_role(operation: &Operation) -> Option<Role> {
    match operation {
        Operation::Suspend | Operation::Resume => Some(Role::Operator),
        Operation::AddKey { .. } | Operation::RotateKey { .. } | Operation::RevokeKey { .. } => Some(Role::Rotator),
        _ => None,
    }
}

/// What the keys of a device may do that somebody else controls: nothing that would undo a suspension, give the device
/// away, or end it. A thief of the device's key can be turned out by the controller.
const fn is_open_to_own_keys(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::AddKey { .. }
            | Operation::RotateKey { .. }
            | Operation::RevokeKey { .. }
            | Operation::SetService { .. }
            | Operation::RemoveService { .. }
            | Operation::SetMetadata { .. }
            | Operation::BumpEpoch
            | Operation::Suspend
    )
}
