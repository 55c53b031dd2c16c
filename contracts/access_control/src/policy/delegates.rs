//! Delegates.

use marque_primitives::{
    access::{AccessChange, AccessError, Issuer, IssuerDelegate, IssuerRole},
    bounds, AccountId, TimestampMs,
};

/// # Errors
/// [`AccessError::InvalidExpiry`], [`AccessError::MaxDelegatesExceeded`].
pub fn set(
    issuer: &Issuer,
    account: AccountId,
    role: IssuerRole,
    expires_ms: TimestampMs,
    now_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    super::ensure_ahead(expires_ms, now_ms, bounds::DELEGATION_MAX_MS)?;
    // The same delegate with a new expiry needs no room, and an expired one makes room.
    let unexpired = issuer.delegates.iter().filter(|delegate| now_ms < delegate.expires_ms).count();
    if !is_listed(issuer, account, role) && unexpired >= bounds::ISSUER_DELEGATES_MAX {
        return Err(AccessError::MaxDelegatesExceeded);
    }
    Ok(AccessChange::DelegateSet { delegate: IssuerDelegate { account, role, expires_ms } })
}

/// # Errors
/// [`AccessError::DelegateNotFound`].
pub fn remove(issuer: &Issuer, account: AccountId, role: IssuerRole) -> Result<AccessChange, AccessError> {
    if is_listed(issuer, account, role) {
        Ok(AccessChange::DelegateRemoved { account, role })
    } else {
        Err(AccessError::DelegateNotFound)
    }
}

fn is_listed(issuer: &Issuer, account: AccountId, role: IssuerRole) -> bool {
    issuer.delegates.iter().any(|delegate| delegate.account == account && delegate.role == role)
}
