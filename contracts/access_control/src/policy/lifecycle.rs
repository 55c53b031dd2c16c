//! Deactivating, and the transfer to another owner in two steps.

use marque_primitives::{
    access::{AccessChange, AccessError, Issuer, IssuerOffer, IssuerStatus},
    bounds, AccountId, TimestampMs,
};

/// # Errors
/// [`AccessError::AlreadyDeactivated`].
pub fn deactivate(issuer: &Issuer) -> Result<AccessChange, AccessError> {
    match issuer.status {
        IssuerStatus::Active => Ok(AccessChange::Deactivated),
        IssuerStatus::Deactivated => Err(AccessError::AlreadyDeactivated),
    }
}

/// # Errors
/// [`AccessError::NotDeactivated`].
pub fn reactivate(issuer: &Issuer) -> Result<AccessChange, AccessError> {
    match issuer.status {
        IssuerStatus::Active => Err(AccessError::NotDeactivated),
        IssuerStatus::Deactivated => Ok(AccessChange::Reactivated),
    }
}

/// # Errors
/// [`AccessError::SameOwner`], [`AccessError::InvalidExpiry`].
pub fn offer(
    issuer: &Issuer,
    to: AccountId,
    expires_ms: TimestampMs,
    now_ms: TimestampMs,
) -> Result<AccessChange, AccessError> {
    if to == issuer.owner {
        return Err(AccessError::SameOwner);
    }
    super::ensure_ahead(expires_ms, now_ms, bounds::OFFER_MAX_MS)?;
    Ok(AccessChange::TransferOffered { offer: IssuerOffer { to, expires_ms } })
}

/// # Errors
/// [`AccessError::NoOffer`].
pub fn cancel(issuer: &Issuer) -> Result<AccessChange, AccessError> {
    issuer.offer.map(|_| AccessChange::TransferCancelled).ok_or(AccessError::NoOffer)
}

/// # Errors
/// [`AccessError::NoOffer`], [`AccessError::OfferExpired`].
pub fn accept(issuer: &Issuer, now_ms: TimestampMs) -> Result<AccessChange, AccessError> {
    let offer = issuer.offer.ok_or(AccessError::NoOffer)?;
    if now_ms >= offer.expires_ms {
        return Err(AccessError::OfferExpired);
    }
    Ok(AccessChange::Transferred { previous: issuer.owner, owner: offer.to })
}
