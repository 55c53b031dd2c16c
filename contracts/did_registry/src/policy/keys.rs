//! Keys: adding, rotating, revoking.

use marque_primitives::{
    bounds, Change, Controller, Device, Error, Key, KeyId, NewKey, PublicKey, Relationships, TimestampMs,
};

/// # Errors
/// [`Error::InvalidRelationships`], [`Error::InvalidKey`], [`Error::KeyAlreadyExists`], [`Error::MaxKeysExceeded`],
/// [`Error::Overflow`].
pub fn add(device: &Device, new_key: NewKey, now_ms: TimestampMs) -> Result<Change, Error> {
    ensure_new(&device.keys, &new_key)?;
    // A revoked key makes room for a new one, so that only current keys count.
    if device.keys.iter().filter(|key| key.is_current()).count() >= bounds::KEYS_MAX {
        return Err(Error::MaxKeysExceeded);
    }
    Ok(Change::KeyAdded { key: numbered(new_key, next_id(device)?, now_ms) })
}

/// # Errors
/// [`Error::KeyNotFound`], [`Error::KeyRevoked`], [`Error::InvalidRelationships`], [`Error::InvalidKey`],
/// [`Error::KeyAlreadyExists`], [`Error::LastKey`], [`Error::Overflow`].
pub fn rotate(device: &Device, id: KeyId, public_key: PublicKey, now_ms: TimestampMs) -> Result<Change, Error> {
    let old = current(device, id)?;
    let new_key = NewKey { public_key, relationships: old.relationships };
    ensure_new(&device.keys, &new_key)?;
    if public_key.account().is_none() {
        ensure_not_last(device, old)?;
    }
    Ok(Change::KeyRotated { revoked: id, key: numbered(new_key, next_id(device)?, now_ms) })
}

/// # Errors
/// [`Error::KeyNotFound`], [`Error::KeyRevoked`], [`Error::LastKey`].
pub fn revoke(device: &Device, id: KeyId) -> Result<Change, Error> {
    ensure_not_last(device, current(device, id)?)?;
    Ok(Change::KeyRevoked { id })
}

/// Checks that the key is usable and not among `keys`, revoked ones included: a revoked key does not come back. An account
/// does not say the scheme of its key, so that the same bytes under another scheme are the same key.
///
/// # Errors
/// [`Error::InvalidRelationships`], [`Error::InvalidKey`], [`Error::KeyAlreadyExists`].
pub fn ensure_new(keys: &[Key], new_key: &NewKey) -> Result<(), Error> {
    new_key.validate()?;
    let account = new_key.public_key.account();
    let is_same = |key: &PublicKey| *key == new_key.public_key || (account.is_some() && key.account() == account);
    if keys.iter().any(|key| is_same(&key.public_key)) {
        return Err(Error::KeyAlreadyExists);
    }
    Ok(())
}

/// The new key as the record keeps it.
pub const fn numbered(new_key: NewKey, id: KeyId, now_ms: TimestampMs) -> Key {
    Key { id, public_key: new_key.public_key, relationships: new_key.relationships, added_ms: now_ms, revoked_ms: None }
}

fn next_id(device: &Device) -> Result<KeyId, Error> {
    // The last number is never given, so that the record's counter never stands still.
    if device.next_key_id == KeyId::MAX {
        return Err(Error::Overflow);
    }
    Ok(device.next_key_id)
}

fn current(device: &Device, id: KeyId) -> Result<&Key, Error> {
    let key = device.keys.iter().find(|key| key.id == id).ok_or(Error::KeyNotFound)?;
    if key.is_current() {
        Ok(key)
    } else {
        Err(Error::KeyRevoked)
    }
}

/// A device that is its own controller must keep one key by which it can sign operations; without it nobody could ever
/// suspend or revoke the device.
fn ensure_not_last(device: &Device, leaving: &Key) -> Result<(), Error> {
    let controls = |key: &Key| {
        key.is_current()
            && key.public_key.account().is_some()
            && key.relationships.contains(Relationships::CAPABILITY_INVOCATION)
    };
    let others = device.keys.iter().any(|key| key.id != leaving.id && controls(key));
    if device.controller == Controller::Device && controls(leaving) && !others {
        return Err(Error::LastKey);
    }
    Ok(())
}
