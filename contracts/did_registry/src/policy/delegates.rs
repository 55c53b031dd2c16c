//! Delegates.

use marque_primitives::{bounds, AccountId, Change, Delegate, Device, Error, Role, TimestampMs};

/// # Errors
/// [`Error::InvalidExpiry`], [`Error::MaxDelegatesExceeded`].
pub fn set(
    device: &Device,
    account: AccountId,
    role: Role,
    expires_ms: TimestampMs,
    now_ms: TimestampMs,
) -> Result<Change, Error> {
    super::ensure_expiry(expires_ms, now_ms, bounds::DELEGATION_MAX_MS)?;
    // The same delegate with a new expiry needs no room, and an expired one makes room.
    let replaces = is_listed(device, account, role);
    let unexpired = device.delegates.iter().filter(|delegate| now_ms < delegate.expires_ms).count();
    if !replaces && unexpired >= bounds::DELEGATES_MAX {
        return Err(Error::MaxDelegatesExceeded);
    }
    Ok(Change::DelegateSet { delegate: Delegate { account, role, expires_ms } })
}

/// # Errors
/// [`Error::DelegateNotFound`].
pub fn remove(device: &Device, account: AccountId, role: Role) -> Result<Change, Error> {
    if is_listed(device, account, role) {
        Ok(Change::DelegateRemoved { account, role })
    } else {
        Err(Error::DelegateNotFound)
    }
}

fn is_listed(device: &Device, account: AccountId, role: Role) -> bool {
    device.delegates.iter().any(|delegate| delegate.account == account && delegate.role == role)
}
