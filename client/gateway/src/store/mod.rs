//! What the gateway keeps: what was used once, which tokens are revoked, its settings, and the system log.

mod batch;
mod chain;
mod migrations;
mod postgres;
mod sqlite;
mod step;
mod writer;

pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;
pub use step::{Change, Document, Kind, Outcome, Remembered, Step};

use std::sync::Arc;

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;

use crate::log::Entry;

/// Why something could not be kept or read. What the database says is for the operator alone.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database did not do what it was asked.
    #[error("the database failed: {0}")]
    Database(Arc<sqlx::Error>),
    /// The database could not be brought to the form that this version has.
    #[error("the database can't be brought up to date, perhaps as a newer version wrote it: {0}")]
    Migration(Arc<sqlx::migrate::MigrateError>),
    /// The log was changed by somebody else.
    #[error("entry {number} of the log does not follow the one before: the log was changed")]
    LogBroken {
        /// The first entry that does not.
        number: u64,
    },
    /// A number is too large for the database, or a text is not in a form that it takes; or what it has is out of range.
    #[error("a number or a text is out of the database's range")]
    OutOfRange,
    /// Too much waits to be written already.
    #[error("too much waits to be written: try again")]
    Busy,
    /// The URL of the database can't be read.
    #[error(
        "the database's URL is not as it should be: give `postgres://user:password@host/database`, and after it `sslmode`, \
         `sslrootcert`, `sslcert`, `sslkey`, `host` or `application_name` if need be"
    )]
    Url,
    /// It was closed.
    #[error("the store is closed")]
    Closed,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}

/// Which entries of the log to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogRange {
    /// Those past this number, in the order that is asked for; `None` from the start.
    pub past: Option<u64>,
    /// Those at or after this time, in milliseconds since the Unix epoch.
    pub since_ms: TimestampMs,
    /// Those before this time.
    pub until_ms: TimestampMs,
    /// Whether the last comes first.
    pub descending: bool,
    /// How many at most.
    pub limit: u32,
}

impl LogRange {
    /// Entries past a number, first to last, whenever they were written.
    pub const fn past(number: u64, limit: u32) -> Self {
        Self { past: Some(number), since_ms: 0, until_ms: i64::MAX as u64, descending: false, limit }
    }

    /// The number that those which are read are past, in the order that is asked for.
    const fn bound(&self) -> u64 {
        match self.past {
            Some(number) => number,
            None if self.descending => i64::MAX as u64,
            None => 0,
        }
    }
}

/// Whatever keeps the gateway's state.
pub trait Store: Send + Sync {
    /// Takes a step, and writes its event at the end of the log. When this returns [`Outcome::Done`], all of it is on disk; otherwise
    /// nothing of it happened.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`], [`StoreError::Busy`], [`StoreError::Closed`], [`StoreError::Database`]: what the event tells of must
    /// not happen then. After [`StoreError::Database`] it may have been kept all the same.
    fn commit(&self, step: Step) -> BoxFuture<'_, Result<Outcome, StoreError>>;

    /// All documents, and how often they were changed.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn documents(&self) -> BoxFuture<'_, Result<(u64, Vec<Document>), StoreError>>;

    /// How often the documents were changed.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn revision(&self) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Whether a token was revoked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Entries of the log, in order.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn entries(&self, range: LogRange) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>>;

    /// Drops entries of the log that are older than a time, the first ones only, and keeps the hash of the last of them: the chain of
    /// those that are left begins there. How many were dropped.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn drop_entries(&self, before_ms: TimestampMs) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Checks that each entry of the log follows the one before, and says the number of the last. What was cut off at the end does not
    /// show: compare the number, or keep the last hash elsewhere.
    ///
    /// # Errors
    /// [`StoreError::LogBroken`]; [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn check_log(&self) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Whether it answers.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn ensure_ready(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Kind, id and body, as the databases have them.
fn read_document((kind, id, body): (String, String, String)) -> Result<Document, StoreError> {
    Ok(Document { kind: Kind::from_name(&kind).ok_or(StoreError::OutOfRange)?, id, body })
}

/// The databases' integers have a sign.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange)
}

/// And what is read from them has none.
fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::OutOfRange)
}

#[cfg(test)]
mod conformance;
