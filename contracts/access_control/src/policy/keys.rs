//! Signing keys: adding, rotating, revoking.

use marque_primitives::{
    access::{AccessChange, AccessError, Issuer, IssuerKey, IssuerKeyId, NewIssuerKey},
    bounds, PublicKey, TimestampMs,
};

/// # Errors
/// [`AccessError::InvalidWindow`], [`AccessError::InvalidKey`], [`AccessError::KeyAlreadyExists`],
/// [`AccessError::MaxKeysExceeded`], [`AccessError::Overflow`].
pub fn add(issuer: &Issuer, new_key: NewIssuerKey, now_ms: TimestampMs) -> Result<AccessChange, AccessError> {
    Ok(AccessChange::KeyAdded { key: next(issuer, new_key, now_ms)? })
}

/// # Errors
/// [`AccessError::KeyNotFound`], [`AccessError::KeyRevoked`]; then those of [`add`].
pub fn rotate(
    issuer: &Issuer,
    id: IssuerKeyId,
    new_key: NewIssuerKey,
    now_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    unrevoked(issuer, id)?;
    Ok(AccessChange::KeyRotated { ended: id, key: next(issuer, new_key, now_ms)? })
}

/// # Errors
/// [`AccessError::KeyNotFound`], [`AccessError::KeyRevoked`].
pub fn revoke(issuer: &Issuer, id: IssuerKeyId) -> Result<AccessChange, AccessError> {
    unrevoked(issuer, id)?;
    Ok(AccessChange::KeyRevoked { id })
}

/// Checks that the key and its window are usable, and that it is not among `keys`.
///
/// # Errors
/// [`AccessError::InvalidWindow`], [`AccessError::InvalidKey`], [`AccessError::KeyAlreadyExists`].
pub fn ensure_new(keys: &[IssuerKey], new_key: &NewIssuerKey, now_ms: TimestampMs) -> Result<(), AccessError> {
    let NewIssuerKey { public_key, not_before_ms, not_after_ms } = *new_key;
    let is_window = not_before_ms < not_after_ms
        && not_after_ms > now_ms
        && not_before_ms <= now_ms.saturating_add(bounds::ISSUER_KEY_AHEAD_MAX_MS)
        && not_after_ms <= not_before_ms.saturating_add(bounds::ISSUER_KEY_LIFETIME_MAX_MS);
    if !is_window {
        return Err(AccessError::InvalidWindow);
    }
    // Whether the bytes are a usable point is found out when a token is verified: who registers others harms its own tokens alone, and
    // decoding a point here would be dear for all.
    if !matches!(public_key, PublicKey::Ed25519(_) | PublicKey::Sr25519(_)) {
        return Err(AccessError::InvalidKey);
    }
    if keys.iter().any(|key| key.public_key.account() == public_key.account()) {
        return Err(AccessError::KeyAlreadyExists);
    }
    Ok(())
}

/// The new key as the record keeps it.
pub const fn numbered(new_key: NewIssuerKey, id: IssuerKeyId) -> IssuerKey {
    let NewIssuerKey { public_key, not_before_ms, not_after_ms } = new_key;
    IssuerKey { id, public_key, not_before_ms, not_after_ms, revoked_ms: None }
}

fn next(issuer: &Issuer, new_key: NewIssuerKey, now_ms: TimestampMs) -> Result<IssuerKey, AccessError> {
    ensure_new(&issuer.keys, &new_key, now_ms)?;
    // A spent key makes room for a new one, so that only the others count.
    if issuer.keys.iter().filter(|key| !key.is_spent(now_ms)).count() >= bounds::ISSUER_KEYS_MAX {
        return Err(AccessError::MaxKeysExceeded);
    }
    // The last number is never given, so that the record's counter never stands still.
    if issuer.next_key_id == IssuerKeyId::MAX {
        return Err(AccessError::Overflow);
    }
    Ok(numbered(new_key, issuer.next_key_id))
}

fn unrevoked(issuer: &Issuer, id: IssuerKeyId) -> Result<(), AccessError> {
    match issuer.key(id) {
        None => Err(AccessError::KeyNotFound),
        Some(key) if key.revoked_ms.is_some() => Err(AccessError::KeyRevoked),
        Some(_) => Ok(()),
    }
}
