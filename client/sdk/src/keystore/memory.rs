//! Keys in memory, for tests and for processes that make theirs anew.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{KeyImport, KeyInfo, KeyName, KeyStore, KeyStoreError, Passphrase};
use crate::signer::{Account, Scheme, Seed, Signer};

/// Keys in memory. They end with the process.
#[derive(Debug, Default)]
pub struct MemoryKeyStore {
    keys: Mutex<BTreeMap<KeyName, (Account, Passphrase)>>,
}

impl MemoryKeyStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn keys(&self) -> MutexGuard<'_, BTreeMap<KeyName, (Account, Passphrase)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyStore for MemoryKeyStore {
    fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        Ok(self.keys().iter().map(|(name, (account, _))| info(name, account)).collect())
    }

    fn generate(&self, name: &KeyName, scheme: Scheme, passphrase: &Passphrase) -> Result<KeyInfo, KeyStoreError> {
        self.import(name, scheme, &Seed::random(), passphrase)
    }

    fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyStoreError> {
        self.keys().get(name).map(|(account, _)| info(name, account)).ok_or_else(|| not_found(name))
    }

    fn unlock(&self, name: &KeyName, passphrase: &Passphrase) -> Result<Box<dyn Signer>, KeyStoreError> {
        let keys = self.keys();
        let (account, kept) = keys.get(name).ok_or_else(|| not_found(name))?;
        if kept.as_bytes() != passphrase.as_bytes() {
            return Err(KeyStoreError::WrongPassphrase { name: name.to_string() });
        }
        Ok(Box::new(account.clone()))
    }
}

impl KeyImport for MemoryKeyStore {
    fn import(
        &self,
        name: &KeyName,
        scheme: Scheme,
        seed: &Seed,
        passphrase: &Passphrase,
    ) -> Result<KeyInfo, KeyStoreError> {
        let account = Account::from_seed(scheme, seed)?;
        let mut keys = self.keys();
        if keys.contains_key(name) {
            return Err(KeyStoreError::AlreadyExists { name: name.to_string() });
        }
        let info = info(name, &account);
        keys.insert(name.clone(), (account, passphrase.clone()));
        Ok(info)
    }
}

fn info(name: &KeyName, account: &Account) -> KeyInfo {
    KeyInfo { name: name.clone(), scheme: account.scheme(), public_key: account.public_key() }
}

fn not_found(name: &KeyName) -> KeyStoreError {
    KeyStoreError::NotFound { name: name.to_string() }
}
