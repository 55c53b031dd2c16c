//! What can go wrong around the chain: each says what to do next.

use std::net::SocketAddr;
use std::path::PathBuf;

use sp_core::H256;

/// Why the chain did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another process has the data directory open.
    #[error(
        "{} is in use by another process: stop that one, or choose another data directory", .0.display()
    )]
    InUse(PathBuf),
    /// The data directory holds a chain with another genesis.
    #[error(
        "{} holds another chain (genesis {found:?}, expected {expected:?}): move it away, or choose another data \
         directory", .dir.display()
    )]
    GenesisMismatch {
        /// The data directory.
        dir: PathBuf,
        /// The genesis hash in it.
        found: H256,
        /// The genesis hash of this version.
        expected: H256,
    },
    /// The data directory was written in another format.
    #[error(
        "{} was written by another version (format {found}, expected {expected}): use that version, or choose another \
         data directory", .dir.display()
    )]
    FormatMismatch {
        /// The data directory.
        dir: PathBuf,
        /// The format in it.
        found: u32,
        /// The format of this version.
        expected: u32,
    },
    /// The data directory cannot be read or written, or what is in it is damaged.
    #[error("cannot open the chain in {}: {reason}; check the directory, or choose another", .dir.display())]
    Storage {
        /// The data directory; empty for a chain in memory.
        dir: PathBuf,
        /// What the database says.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The sealing interval is zero.
    #[error("the sealing interval is zero: choose a positive one, or seal instantly")]
    ZeroInterval,
    /// A thread could not be started, or the runtime did not build its genesis.
    #[error("cannot start: {0}; this is a defect or the machine is out of resources")]
    Internal(String),
}

/// Why the chain did not stop cleanly. What it had finalized is stored all the same.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// A thread of the chain had ended by a panic.
    #[error(
        "a thread of the chain had panicked before it was stopped; finalized blocks are stored: please report this"
    )]
    Panicked,
}

/// What the archive answers when it cannot serve.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the chain has been stopped")]
    Closed,
    #[error("another process has the database open")]
    InUse,
    #[error("the database has format {found}, expected {expected}")]
    Format { found: u32, expected: u32 },
    #[error("the database has genesis {found:?}, expected {expected:?}")]
    Genesis { found: H256, expected: H256 },
    #[error("the database is damaged: {0}")]
    Corrupt(&'static str),
    #[error(transparent)]
    Database(Box<redb::Error>),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<redb::DatabaseError> for StoreError {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            other => Self::Database(Box::new(other.into())),
        }
    }
}

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}

from_redb!(TransactionError, TableError, StorageError, CommitError);

impl StoreError {
    /// The same, as the reason why the chain in `dir` did not start.
    pub(crate) fn at_start(self, dir: Option<PathBuf>) -> StartError {
        let dir = dir.unwrap_or_default();
        match self {
            Self::InUse => StartError::InUse(dir),
            Self::Format { found, expected } => StartError::FormatMismatch { dir, found, expected },
            Self::Genesis { found, expected } => StartError::GenesisMismatch { dir, found, expected },
            other => StartError::Storage { dir, reason: other.to_string() },
        }
    }
}
