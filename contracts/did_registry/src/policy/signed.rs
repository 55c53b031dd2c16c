//! Signed operations: what is checked of the envelope, and which keys may sign in a device's name.

use marque_primitives::{
    bounds, AccountId, Device, Envelope, Error, PublicKey, Relationships, Signature, Status, TimestampMs,
};

/// Checks that this submitter may submit the envelope now.
///
/// # Errors
/// [`Error::WrongSubmitter`], [`Error::DeadlinePassed`], [`Error::DeadlineTooFar`], [`Error::InvalidLane`].
pub fn ensure_submittable(envelope: &Envelope, submitter: AccountId, now_ms: TimestampMs) -> Result<(), Error> {
    if envelope.submitter.is_some_and(|only| only != submitter) {
        return Err(Error::WrongSubmitter);
    }
    if now_ms > envelope.deadline_ms {
        return Err(Error::DeadlinePassed);
    }
    if envelope.deadline_ms > now_ms.saturating_add(bounds::DEADLINE_AHEAD_MAX_MS) {
        return Err(Error::DeadlineTooFar);
    }
    if envelope.lane >= bounds::LANES_MAX {
        return Err(Error::InvalidLane);
    }
    Ok(())
}

/// Checks that the envelope's nonce is the next of its lane. The nonces are the device's own, so that whoever signs for many
/// devices never waits for one of them.
///
/// # Errors
/// [`Error::InvalidNonce`]; [`Error::Overflow`] for the last number, which is never used.
pub fn ensure_next_nonce(record: Option<&Device>, envelope: &Envelope) -> Result<(), Error> {
    if envelope.nonce != record.map_or(0, |device| device.next_nonce(envelope.lane)) {
        return Err(Error::InvalidNonce);
    }
    if envelope.nonce == u64::MAX {
        return Err(Error::Overflow);
    }
    Ok(())
}

/// Checks that `signer` is a current key of an active device with these relationships, of the signature's scheme.
///
/// # Errors
/// [`Error::Revoked`], [`Error::Suspended`], [`Error::KeyNotFound`].
pub fn ensure_signs(
    device: &Device,
    signer: &AccountId,
    relationships: Relationships,
    signature: &Signature,
) -> Result<(), Error> {
    match device.status {
        Status::Active => {}
        Status::Suspended => return Err(Error::Suspended),
        Status::Revoked => return Err(Error::Revoked),
    }
    let key = device.current_key_of(signer, relationships).ok_or(Error::KeyNotFound)?;
    match (key.public_key, signature) {
        (PublicKey::Ed25519(_), Signature::Ed25519(_)) | (PublicKey::Sr25519(_), Signature::Sr25519(_)) => Ok(()),
        _ => Err(Error::KeyNotFound),
    }
}
