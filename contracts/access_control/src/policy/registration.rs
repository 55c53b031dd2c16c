//! Registration.

use ink::prelude::{string::String, vec::Vec};
use marque_primitives::{
    access::{is_issuer_url, AccessChange, AccessError, IssuerKey, IssuerKeyId, NewIssuerKey},
    bounds,
};

use super::{keys, Context};

/// Decides a registration: anyone may register an authorization server, which is then the caller's.
///
/// # Errors
/// [`AccessError::InvalidUrl`], [`AccessError::MaxKeysExceeded`], then for each key in turn as when it is added alone.
pub fn register(url: String, new_keys: Vec<NewIssuerKey>, context: &Context) -> Result<AccessChange, AccessError> {
    if !is_issuer_url(&url) {
        return Err(AccessError::InvalidUrl);
    }
    if new_keys.len() > bounds::ISSUER_KEYS_MAX {
        return Err(AccessError::MaxKeysExceeded);
    }
    let mut all: Vec<IssuerKey> = Vec::new();
    for (id, new_key) in (0..IssuerKeyId::MAX).zip(new_keys) {
        keys::ensure_new(&all, &new_key, context.now_ms)?;
        all.push(keys::numbered(new_key, id));
    }
    Ok(AccessChange::Registered { owner: context.actor, url, keys: all })
}
