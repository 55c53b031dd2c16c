//! Where keys are kept. Nothing that is kept can be taken out: a key store signs.

mod error;
mod file;
mod memory;
mod name;
mod passphrase;
mod sealed;

use marque_primitives::{AccountId, PublicKey, Signature};

use crate::signer::{Scheme, Seed, Signer};

pub use error::KeyStoreError;
pub use file::FileKeyStore;
pub use memory::MemoryKeyStore;
pub use name::{KEY_NAME_BYTES_MAX, KeyName};
pub use passphrase::{PASSPHRASE_FILE_BYTES_MAX, Passphrase};
pub use sealed::SealParams;

/// What may be known of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyInfo {
    /// Its name in the store.
    pub name: KeyName,
    /// Its scheme.
    pub scheme: Scheme,
    /// The public key, which is the account that it signs for.
    pub public_key: PublicKey,
}

impl KeyInfo {
    /// The account that the key signs for.
    pub const fn account(&self) -> AccountId {
        match self.public_key {
            PublicKey::Ed25519(bytes) | PublicKey::Sr25519(bytes) | PublicKey::X25519(bytes) => AccountId(bytes),
            // A store keeps keys that sign for accounts; this one can't be among them.
            PublicKey::P256(_) => AccountId([0; 32]),
        }
    }
}

/// A store of keys: files, memory, or hardware.
pub trait KeyStore: Send + Sync {
    /// The keys that are kept, by name.
    ///
    /// # Errors
    /// [`KeyStoreError`] when the store can't be read.
    fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError>;

    /// Makes a key.
    ///
    /// # Errors
    /// [`KeyStoreError::AlreadyExists`]; others when the store can't be written.
    fn generate(&self, name: &KeyName, scheme: Scheme, passphrase: &Passphrase) -> Result<KeyInfo, KeyStoreError>;

    /// What may be known of one key. Takes no passphrase.
    ///
    /// # Errors
    /// [`KeyStoreError::NotFound`]; others when the store can't be read.
    fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyStoreError>;

    /// Opens a key for signing, as often as wanted.
    ///
    /// # Errors
    /// [`KeyStoreError::NotFound`], [`KeyStoreError::WrongPassphrase`]; others when the store can't be read.
    fn unlock(&self, name: &KeyName, passphrase: &Passphrase) -> Result<Box<dyn Signer>, KeyStoreError>;

    /// Signs once.
    ///
    /// # Errors
    /// Those of [`unlock`](Self::unlock); [`KeyStoreError::Signer`].
    fn sign(&self, name: &KeyName, passphrase: &Passphrase, message: &[u8]) -> Result<Signature, KeyStoreError> {
        Ok(self.unlock(name, passphrase)?.sign(message)?)
    }
}

/// A store that takes keys from elsewhere.
pub trait KeyImport: KeyStore {
    /// Keeps the key of a seed.
    ///
    /// # Errors
    /// [`KeyStoreError::AlreadyExists`]; others when the store can't be written.
    fn import(
        &self,
        name: &KeyName,
        scheme: Scheme,
        seed: &Seed,
        passphrase: &Passphrase,
    ) -> Result<KeyInfo, KeyStoreError>;
}

#[cfg(test)]
mod tests;
