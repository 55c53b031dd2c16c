//! Transfer of control, in two steps: who is to have the device must want it.

use marque_primitives::{bounds, Change, Controller, Device, Error, Offer, TimestampMs};

/// # Errors
/// [`Error::SameController`], [`Error::InvalidExpiry`].
pub fn offer(device: &Device, to: Controller, expires_ms: TimestampMs, now_ms: TimestampMs) -> Result<Change, Error> {
    if to == device.controller {
        return Err(Error::SameController);
    }
    super::ensure_expiry(expires_ms, now_ms, bounds::OFFER_MAX_MS)?;
    Ok(Change::TransferOffered { offer: Offer { to, expires_ms } })
}

/// # Errors
/// [`Error::NoOffer`].
pub fn cancel(device: &Device) -> Result<Change, Error> {
    device.offer.map(|_| Change::TransferCancelled).ok_or(Error::NoOffer)
}

/// # Errors
/// [`Error::NoOffer`], [`Error::OfferExpired`].
pub fn accept(device: &Device, now_ms: TimestampMs) -> Result<Change, Error> {
    let offer = device.offer.ok_or(Error::NoOffer)?;
    if now_ms >= offer.expires_ms {
        return Err(Error::OfferExpired);
    }
    Ok(Change::Transferred { previous: device.controller, controller: offer.to })
}
