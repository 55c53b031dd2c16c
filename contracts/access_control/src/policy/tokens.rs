//! Revoking tokens, and taking away the entries of those that have expired.

use marque_primitives::{
    access::{AccessChange, AccessError},
    bounds, DeviceId, Hash, TimestampMs,
};

use super::Context;
use crate::state::{Revocation, State};

/// The longest that an entry can be needed: a token that is issued now, by a clock that is ahead, and is still taken by one that is behind.
const NEEDED_MAX_MS: TimestampMs = bounds::TOKEN_LIFETIME_MAX_MS + 2 * bounds::CLOCK_SKEW_MAX_MS;

/// # Errors
/// [`AccessError::InvalidExpiry`], [`AccessError::TokenAlreadyRevoked`].
pub fn revoke(
    state: &impl State,
    context: &Context,
    token: Hash,
    expires_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    super::ensure_ahead(expires_ms, context.now_ms, NEEDED_MAX_MS)?;
    if state.revocation(context.issuer, &token).is_some() {
        return Err(AccessError::TokenAlreadyRevoked);
    }
    Ok(AccessChange::TokenRevoked { token, expires_ms })
}

/// # Errors
/// [`AccessError::InvalidTime`].
pub fn revoke_before(
    state: &impl State,
    context: &Context,
    device: DeviceId,
    before_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    // A clock that is a little ahead has issued tokens of the near future: they can be revoked too.
    let is_good = before_ms <= context.now_ms.saturating_add(bounds::CLOCK_SKEW_MAX_MS)
        && before_ms > state.tokens_before_ms(context.issuer, &device);
    if is_good {
        Ok(AccessChange::TokensRevokedBefore { device, before_ms })
    } else {
        Err(AccessError::InvalidTime)
    }
}

/// Decides that the entry of a revoked token goes: whoever asks, once the token has expired for every clock, and the deposit is
/// given back to who paid it.
///
/// # Errors
/// [`AccessError::TokenNotRevoked`], [`AccessError::TokenNotExpired`].
pub fn reclaim(revocation: Option<Revocation>, token: Hash, now_ms: TimestampMs) -> Result<AccessChange, AccessError> {
    let Revocation { expires_ms, payer } = revocation.ok_or(AccessError::TokenNotRevoked)?;
    if now_ms < expires_ms.saturating_add(bounds::CLOCK_SKEW_MAX_MS) {
        return Err(AccessError::TokenNotExpired);
    }
    Ok(AccessChange::TokenReclaimed { token, payer })
}
