//! What can go wrong with a key store.

use std::path::PathBuf;

use super::PASSPHRASE_FILE_BYTES_MAX;
use crate::signer::SignerError;

/// Why a key store refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// The text can't name a key.
    #[error("`{name}` can't name a key: use 1 to 64 of A–Z a–z 0–9 . _ - and no leading dot")]
    InvalidName {
        /// What was given, shortened.
        name: String,
    },
    /// There is no such key.
    #[error("there is no key named `{name}`: list the keys, or make one")]
    NotFound {
        /// Its name.
        name: String,
    },
    /// There is a key of this name. Keys are never overwritten.
    #[error("there is a key named `{name}` already: keys are never overwritten, choose another name")]
    AlreadyExists {
        /// Its name.
        name: String,
    },
    /// The passphrase is wrong, or the file was changed: the seal does not tell which.
    #[error("the passphrase of `{name}` is wrong, or its file was changed")]
    WrongPassphrase {
        /// The key's name.
        name: String,
    },
    /// The passphrase file is too long to be one.
    #[error(
        "the passphrase file {} is longer than {PASSPHRASE_FILE_BYTES_MAX} bytes: see whether it is the right file, or take a shorter \
         passphrase",
        path.display()
    )]
    PassphraseTooLong {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what this store writes.
    #[error("{} is no key file of this store: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Others may read the file or its directory.
    #[error("others may read {0}: run `chmod {mode:o} {0}`", path.display())]
    TooOpen {
        /// The file or directory.
        path: PathBuf,
        /// The permissions that it should have.
        mode: u32,
    },
    /// The seal's parameters are out of bounds.
    #[error("the seal's parameters are out of bounds: {reason}")]
    InvalidParams {
        /// Which.
        reason: String,
    },
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The key could not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl KeyStoreError {
    /// Whether there is no such key.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether another passphrase may help.
    pub const fn is_wrong_passphrase(&self) -> bool {
        matches!(self, Self::WrongPassphrase { .. })
    }
}
