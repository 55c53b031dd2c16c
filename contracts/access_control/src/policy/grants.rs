//! Grants.

use ink::prelude::vec::Vec;
use marque_primitives::{
    access::{AccessChange, AccessError, Grant, Grantee, Right},
    bounds, TimestampMs,
};

use super::{scopes, Context};
use crate::state::State;

/// # Errors
/// [`AccessError::InvalidExpiry`]; [`AccessError::ScopeNotFound`], [`AccessError::ScopeRetired`] or
/// [`AccessError::RoleNotFound`]; [`AccessError::MaxGrantsExceeded`].
pub fn grant(
    state: &impl State,
    context: &Context,
    grantee: Grantee,
    right: Right,
    until_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    super::ensure_ahead(until_ms, context.now_ms, bounds::GRANT_MAX_MS)?;
    match &right {
        Right::Scope(name) => scopes::current(state, context, name).map(|_| ())?,
        Right::Role(name) => state.role(context.issuer, name).map(|_| ()).ok_or(AccessError::RoleNotFound)?,
    }
    let grants = state.grants(context.issuer, &grantee);
    let replaces = grants.iter().any(|grant| grant.right == right);
    // One that is over makes room.
    let current = grants.iter().filter(|grant| context.now_ms < grant.until_ms).count();
    if !replaces && current >= bounds::GRANTS_MAX {
        return Err(AccessError::MaxGrantsExceeded);
    }
    Ok(AccessChange::Granted { grantee, grant: Grant { right, until_ms } })
}

/// # Errors
/// [`AccessError::GrantNotFound`].
pub fn withdraw(
    state: &impl State,
    context: &Context,
    grantee: Grantee,
    right: Right,
) -> Result<AccessChange, AccessError> {
    if state.grants(context.issuer, &grantee).iter().any(|grant| grant.right == right) {
        Ok(AccessChange::Withdrawn { grantee, right })
    } else {
        Err(AccessError::GrantNotFound)
    }
}

/// The grants with one more, or one of another end; those that are over go.
pub fn with(grants: Vec<Grant>, new: &Grant, now_ms: TimestampMs) -> Vec<Grant> {
    let mut kept: Vec<Grant> =
        grants.into_iter().filter(|grant| grant.right != new.right && now_ms < grant.until_ms).collect();
    kept.push(new.clone());
    kept
}

/// The grants without this right.
pub fn without(grants: Vec<Grant>, right: &Right) -> Vec<Grant> {
    grants.into_iter().filter(|grant| grant.right != *right).collect()
}
