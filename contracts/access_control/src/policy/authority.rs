//! The rights of each actor.
//!
//! | actor | may |
//! |---|---|
//! | owner | everything but accept a transfer |
//! | operator | grant, withdraw, revoke tokens |
//! | key manager | add, rotate and revoke keys |
//! | who it is offered to | accept it |
//!
//! Nobody else may do anything, the contract's deployer included. Anyone may register an authorization server of its own, and take
//! away the entry of a revoked token that has expired.

use marque_primitives::access::{AccessError, AccessOperation, Issuer, IssuerRole};

use super::Context;

/// Checks that the actor may do this to the authorization server.
///
/// # Errors
/// [`AccessError::NotAuthorized`]; for an [`AccessOperation::AcceptTransfer`], [`AccessError::NoOffer`] first.
pub fn ensure_authorized(issuer: &Issuer, operation: &AccessOperation, context: &Context) -> Result<(), AccessError> {
    let actor = &context.actor;
    let is_allowed = if matches!(operation, AccessOperation::AcceptTransfer) {
        issuer.offer.as_ref().ok_or(AccessError::NoOffer)?.to == *actor
    } else {
        issuer.owner == *actor
            || delegate_role(operation).is_some_and(|role| issuer.is_delegate(actor, role, context.now_ms))
    };
    if is_allowed {
        Ok(())
    } else {
        Err(AccessError::NotAuthorized)
    }
}

const fn delegate_role(operation: &AccessOperation) -> Option<IssuerRole> {
    match operation {
        AccessOperation::Grant { .. }
        | AccessOperation::Withdraw { .. }
        | AccessOperation::RevokeToken { .. }
        | AccessOperation::RevokeTokensBefore { .. } => Some(IssuerRole::Operator),
        AccessOperation::AddKey { .. } | AccessOperation::RotateKey { .. } | AccessOperation::RevokeKey { .. } => {
            Some(IssuerRole::KeyManager)
        }
        _ => None,
    }
}
