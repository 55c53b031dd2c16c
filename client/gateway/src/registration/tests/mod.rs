//! What the tests of this module share.

mod access;
mod answer;
mod keys;
mod metadata;
mod update;

use marque_sdk::{
    Account, Seed, Signer,
    did::Did,
    primitives::{DeviceId, RegistryId},
    token::{Jwk, JwkSet, PublishedKey, VerificationKey},
};
use serde_json::{Value, json};

use super::*;

const REGISTRY: RegistryId = RegistryId(*b"foobarfoob");

fn account(number: u8) -> Account {
    Account::ed25519(&Seed::from_bytes(&[number; 32].into()))
}

fn device(number: u8) -> Did {
    Did::new(REGISTRY, DeviceId(account(number).account().0))
}

fn keys(count: u8) -> Value {
    let key = |number| {
        let key = Jwk::from_public_key(&account(number).public_key()).unwrap();
        PublishedKey { key_id: format!("k{number}"), key: VerificationKey::new(key).unwrap() }
    };
    JwkSet { keys: (0..count).map(key).collect() }.to_json()
}

/// A request of a client with these members beside its device.
fn request(members: Value) -> Value {
    let mut request = json!({ "marque_device": device(1).to_string() });
    for (name, value) in members.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

fn read(members: Value) -> Result<ClientMetadata, RegistrationError> {
    ClientMetadata::read(request(members).to_string().as_bytes(), REGISTRY)
}

/// Whether it is refused, and the refusal speaks of this.
fn is_refused(members: Value, about: &str) -> bool {
    match read(members) {
        Err(error @ RegistrationError::InvalidClientMetadata(_)) => error.to_string().contains(about),
        _ => false,
    }
}
