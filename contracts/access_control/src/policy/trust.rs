//! Federation: one authorization server lets another's tokens count, for named scopes and a while.

use ink::prelude::{string::String, vec::Vec};
use marque_primitives::{
    access::{AccessChange, AccessError, IssuerId, Trust},
    bounds, TimestampMs,
};

use super::{scopes, Context};
use crate::state::State;

/// # Errors
/// [`AccessError::SameIssuer`], [`AccessError::IssuerNotFound`] for the other one, [`AccessError::InvalidExpiry`], then what is wrong
/// with the scopes.
pub fn set(
    state: &impl State,
    context: &Context,
    issuer: IssuerId,
    scopes: Vec<String>,
    until_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    if issuer == context.issuer {
        return Err(AccessError::SameIssuer);
    }
    if !state.is_issuer(issuer) {
        return Err(AccessError::IssuerNotFound);
    }
    super::ensure_ahead(until_ms, context.now_ms, bounds::TRUST_MAX_MS)?;
    scopes::ensure_all_current(state, context, &scopes)?;
    Ok(AccessChange::TrustSet { issuer, trust: Trust { scopes, until_ms } })
}

/// # Errors
/// [`AccessError::TrustNotFound`].
pub fn remove(state: &impl State, context: &Context, issuer: IssuerId) -> Result<AccessChange, AccessError> {
    match state.trust(context.issuer, issuer) {
        Some(_) => Ok(AccessChange::TrustRemoved { issuer }),
        None => Err(AccessError::TrustNotFound),
    }
}
