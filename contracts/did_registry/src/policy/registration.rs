//! Registration.

use ink::prelude::{vec, vec::Vec};
use marque_primitives::{
    bounds, Change, Controller, Error, Hash, Key, KeyId, NewKey, PublicKey, Relationships, Service,
};

use super::{keys, services, Context};

/// Decides a registration: the actor must be the device's initial key.
///
/// # Errors
/// [`Error::NotAuthorized`]; [`Error::InvalidKey`] for a device id that is no usable Ed25519 key;
/// [`Error::MaxKeysExceeded`], then for each key in turn as when it is added alone; [`Error::MaxServicesExceeded`], then for each
/// service in turn [`Error::InvalidService`], [`Error::ServiceAlreadyExists`].
pub fn register(
    context: &Context,
    controller: Controller,
    metadata: Option<Hash>,
    new_keys: Vec<NewKey>,
    new_services: Vec<Service>,
) -> Result<Change, Error> {
    if context.actor != context.device.account() {
        return Err(Error::NotAuthorized);
    }
    let initial = NewKey { public_key: PublicKey::Ed25519(context.device.0), relationships: Relationships::INITIAL };
    Ok(Change::Registered {
        controller,
        metadata,
        keys: initial_keys(initial, new_keys, context)?,
        services: services::initial(new_services)?,
        previous_registration_block: context.last_registration_block,
    })
}

fn initial_keys(initial: NewKey, new_keys: Vec<NewKey>, context: &Context) -> Result<Vec<Key>, Error> {
    // A key that a signature was checked with is a usable one; to decode its point again would be dear.
    if !context.is_ed25519_proven {
        initial.validate()?;
    }
    if new_keys.len() >= bounds::KEYS_MAX {
        return Err(Error::MaxKeysExceeded);
    }
    let mut all = vec![keys::numbered(initial, 0, context.now_ms)];
    for (id, new_key) in (1..KeyId::MAX).zip(new_keys) {
        keys::ensure_new(&all, &new_key)?;
        all.push(keys::numbered(new_key, id, context.now_ms));
    }
    Ok(all)
}
