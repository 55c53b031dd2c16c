//! Who may do what to an authorization server, and when: pure functions of the record, the entries, the actor and the time.

mod apply;
mod authority;
mod delegates;
mod entitlements;
mod grants;
mod keys;
mod lifecycle;
mod registration;
mod scopes;
mod tokens;
mod trust;

#[cfg(test)]
mod tests;

use marque_primitives::{
    access::{AccessChange, AccessError, AccessOperation, Issuer, IssuerId},
    AccountId, TimestampMs,
};

use crate::state::State;

pub use apply::{apply, is_of_record};
pub use entitlements::entitlements;
pub use registration::register;
pub use tokens::reclaim;

/// What an operation is decided by, beside the record, the entries and its own arguments.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The authorization server.
    pub issuer: IssuerId,
    /// The caller.
    pub actor: AccountId,
    /// The block's time.
    pub now_ms: TimestampMs,
}

/// Decides an operation: the change that it makes, or why it is refused. Nothing is changed here.
///
/// # Errors
/// With the precedence of [`AccessError`].
pub fn decide(
    state: &impl State,
    issuer: &Issuer,
    operation: AccessOperation,
    context: &Context,
) -> Result<AccessChange, AccessError> {
    authority::ensure_authorized(issuer, &operation, context)?;
    let now_ms = context.now_ms;
    match operation {
        AccessOperation::AddKey { key } => keys::add(issuer, key, now_ms),
        AccessOperation::RotateKey { id, key } => keys::rotate(issuer, id, key, now_ms),
        AccessOperation::RevokeKey { id } => keys::revoke(issuer, id),
        AccessOperation::Deactivate => lifecycle::deactivate(issuer),
        AccessOperation::Reactivate => lifecycle::reactivate(issuer),
        AccessOperation::OfferTransfer { to, expires_ms } => lifecycle::offer(issuer, to, expires_ms, now_ms),
        AccessOperation::CancelTransfer => lifecycle::cancel(issuer),
        AccessOperation::AcceptTransfer => lifecycle::accept(issuer, now_ms),
        AccessOperation::SetDelegate { account, role, expires_ms } => {
            delegates::set(issuer, account, role, expires_ms, now_ms)
        }
        AccessOperation::RemoveDelegate { account, role } => delegates::remove(issuer, account, role),
        AccessOperation::DefineScope { name, description, sensitivity } => {
            scopes::define(state, context, name, description, sensitivity)
        }
        AccessOperation::RetireScope { name } => scopes::retire(state, context, name),
        AccessOperation::SetRole { name, scopes } => scopes::set_role(state, context, name, scopes),
        AccessOperation::RemoveRole { name } => scopes::remove_role(state, context, name),
        AccessOperation::Grant { grantee, right, until_ms } => grants::grant(state, context, grantee, right, until_ms),
        AccessOperation::Withdraw { grantee, right } => grants::withdraw(state, context, grantee, right),
        AccessOperation::RevokeToken { token, expires_ms } => tokens::revoke(state, context, token, expires_ms),
        AccessOperation::RevokeTokensBefore { device, before_ms } => {
            tokens::revoke_before(state, context, device, before_ms)
        }
        AccessOperation::SetTrust { issuer: other, scopes, until_ms } => {
            trust::set(state, context, other, scopes, until_ms)
        }
        AccessOperation::RemoveTrust { issuer: other } => trust::remove(state, context, other),
    }
}

/// Checks that a time is ahead, and not further than `ahead_max_ms`.
///
/// # Errors
/// [`AccessError::InvalidExpiry`].
fn ensure_ahead(time_ms: TimestampMs, now_ms: TimestampMs, ahead_max_ms: TimestampMs) -> Result<(), AccessError> {
    if time_ms > now_ms && time_ms <= now_ms.saturating_add(ahead_max_ms) {
        Ok(())
    } else {
        Err(AccessError::InvalidExpiry)
    }
}
