//! The keystore of this machine, and its passphrase.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Mutex,
};

use marque_sdk::{
    Account, FileKeyStore, KeyName, KeyStore, KeyStoreError, Passphrase, Scheme, Seed, Signer,
    keystore::{KeyImport, KeyInfo, PASSPHRASE_FILE_BYTES_MAX},
    primitives::AccountId,
};
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, Kind, Outcome},
    shown,
};

/// The environment variable with the passphrase.
const PASSPHRASE_VARIABLE: &str = "MARQUE_PASSPHRASE";

/// The keystore. One passphrase opens all its keys; it is asked for once.
pub struct Keys {
    store: FileKeyStore,
    passphrase_file: Option<PathBuf>,
    passphrase: Mutex<Option<Passphrase>>,
}

/// What the passphrase is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Open,
    Make,
}

impl Keys {
    /// The keystore in a folder.
    pub fn new(folder: &Path, passphrase_file: Option<PathBuf>) -> Self {
        Self { store: FileKeyStore::new(folder), passphrase_file, passphrase: Mutex::new(None) }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.store.directory()
    }

    /// All keys, by name.
    ///
    /// # Errors
    /// When the keystore can't be read.
    pub fn list(&self) -> Outcome<Vec<KeyInfo>> {
        self.store.list().map_err(failure)
    }

    /// The key of this name, if there is one.
    ///
    /// # Errors
    /// When the name can't be one, or the keystore can't be read.
    pub fn find(&self, name: &str) -> Outcome<Option<KeyInfo>> {
        match self.store.info(&parse_name(name)?) {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// The key of this account, if it is here.
    ///
    /// # Errors
    /// When the keystore can't be read.
    pub fn of_account(&self, account: &AccountId) -> Outcome<Option<KeyInfo>> {
        Ok(self.list()?.into_iter().find(|info| info.account() == *account))
    }

    /// Makes an Ed25519 key.
    ///
    /// # Errors
    /// When there is one of this name, the name looks like a secret, there is no passphrase, or the keystore can't be written.
    pub fn make(&self, name: &str) -> Outcome<KeyInfo> {
        self.make_of(name, Scheme::Ed25519)
    }

    /// Makes an Ed25519 key and opens it, at the cost of sealing it once.
    ///
    /// # Errors
    /// Those of [`make`](Self::make).
    pub fn make_open(&self, name: &str) -> Outcome<(KeyInfo, Account)> {
        let seed = Seed::random();
        Ok((self.seal(name, Scheme::Ed25519, &seed)?, Account::ed25519(&seed)))
    }

    /// Makes a key of either scheme.
    ///
    /// # Errors
    /// Those of [`make`](Self::make).
    pub fn make_of(&self, name: &str, scheme: Scheme) -> Outcome<KeyInfo> {
        self.seal(name, scheme, &Seed::random())
    }

    fn seal(&self, name: &str, scheme: Scheme, seed: &Seed) -> Outcome<KeyInfo> {
        let name = parse_name(name)?;
        if shown::looks_like_secret(name.as_str()) {
            return Err(Failure::usage("what is given as the name of a key looks like a secret").hint(
                "names are written to disk in the clear: choose a shorter one, or one with fewer letters in a row",
            ));
        }
        if self.find(name.as_str())?.is_some() {
            return Err(failure(KeyStoreError::AlreadyExists { name: name.to_string() }));
        }
        let passphrase = self.passphrase(Purpose::Make)?;
        self.store.import(&name, scheme, seed, &passphrase).map_err(failure)
    }

    /// Opens a key for signing.
    ///
    /// # Errors
    /// When the passphrase is wrong or not to be had, or the keystore can't be read.
    pub fn open(&self, info: &KeyInfo) -> Outcome<Box<dyn Signer>> {
        let passphrase = self.passphrase(Purpose::Open)?;
        self.store.unlock(&info.name, &passphrase).map_err(failure)
    }

    fn passphrase(&self, purpose: Purpose) -> Outcome<Passphrase> {
        let mut kept = self.passphrase.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(passphrase) = &*kept {
            return Ok(passphrase.clone());
        }
        let passphrase = match (&self.passphrase_file, std::env::var(PASSPHRASE_VARIABLE)) {
            (Some(path), _) => read_passphrase(path)?,
            (None, Ok(text)) => Passphrase::new(text),
            (None, Err(_)) => prompt(purpose, self.list()?.is_empty())?,
        };
        if passphrase.is_empty() {
            return Err(Failure::local("the passphrase is empty")
                .hint("keys are sealed with it: choose one that cannot be guessed"));
        }
        Ok(kept.insert(passphrase).clone())
    }
}

/// Parses a key's name.
///
/// # Errors
/// When it can't name a key.
pub fn parse_name(text: &str) -> Outcome<KeyName> {
    text.parse().map_err(|_| {
        let name = shown::value(text);
        Failure::usage(format!("`{name}` can't name a key: use 1 to 64 of A–Z a–z 0–9 . _ - and no leading dot"))
    })
}

fn read_passphrase(path: &Path) -> Outcome<Passphrase> {
    // Its name is not repeated: it may be the passphrase itself.
    Passphrase::from_file(path).map_err(|error| {
        let reason = match error {
            KeyStoreError::Io { source, .. } => format!("cannot read the passphrase file: {source}"),
            _ => format!("the passphrase file is longer than {PASSPHRASE_FILE_BYTES_MAX} bytes, and so none"),
        };
        Failure::local(reason)
            .hint("see what --passphrase-file or MARQUE_PASSPHRASE_FILE says: it is the name of a file that has the passphrase")
    })
}

fn prompt(purpose: Purpose, is_first: bool) -> Outcome<Passphrase> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::local("the keystore's passphrase is needed, and there is no terminal to ask on")
            .hint("set MARQUE_PASSPHRASE, or name a file that holds it with --passphrase-file"));
    }
    let ask = |text: &str| {
        rpassword::prompt_password(text).map_err(|error| Failure::local(format!("cannot read the passphrase: {error}")))
    };
    if purpose == Purpose::Open {
        return ask("Passphrase of the keystore: ").map(Passphrase::new);
    }
    let which = if is_first { "Choose a passphrase for the keystore: " } else { "Passphrase for the new key: " };
    let first = Zeroizing::new(ask(which)?);
    let again = Zeroizing::new(ask("The same again: ")?);
    if first != again {
        return Err(Failure::usage("the two passphrases differ; nothing was made"));
    }
    Ok(Passphrase::from(first.as_str()))
}

/// A keystore error as a failure.
pub fn failure(error: KeyStoreError) -> Failure {
    let kind = if error.is_not_found() { Kind::NotFound } else { Kind::Local };
    let failure = Failure::new(kind, error.to_string());
    if error.is_wrong_passphrase() {
        return failure.hint("see MARQUE_PASSPHRASE or --passphrase-file, or type it again");
    }
    failure
}
