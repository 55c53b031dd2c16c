//! Who acts: an account with its key.

use ed25519_dalek::SigningKey;
use marque_primitives::{AccountId, DeviceId, NewKey, PublicKey, Relationships, blake2b_256};

/// Somebody with an Ed25519 key, which is the same in every run: it is derived from the name.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What the tests call them.
    pub name: String,
    /// Their key.
    pub key: SigningKey,
}

impl Actor {
    /// The actor of this name.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let key = SigningKey::from_bytes(&blake2b_256(name.as_bytes()));
        Self { name, key }
    }

    /// The public key's bytes.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The account that the key signs extrinsics for.
    pub fn account(&self) -> AccountId {
        AccountId(self.public_bytes())
    }

    /// The device whose initial key this is.
    pub fn device(&self) -> DeviceId {
        DeviceId(self.public_bytes())
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::Ed25519(self.public_bytes())
    }

    /// The public key, to be added to a device.
    pub fn new_key(&self, relationships: Relationships) -> NewKey {
        NewKey { public_key: self.public_key(), relationships }
    }
}
