//! What the gateway keeps: which assertions were used, which tokens are revoked, service clients, and the system log.

mod sqlite;
mod sqlite_clients;

pub use sqlite::SqliteStore;

use futures::future::BoxFuture;
use marque_sdk::primitives::{DeviceId, TimestampMs};

use crate::{client::ServiceClient, log::Entry};

/// Why something could not be kept or read. What the database says is for the operator alone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database did not do what it was asked.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database could not be brought to the form that this version has.
    #[error("the database can't be brought up to date, perhaps as a newer version wrote it: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The log was changed by somebody else.
    #[error("entry {number} of the log does not follow the one before: the log was changed")]
    LogBroken {
        /// The first entry that does not.
        number: u64,
    },
    /// There is no such client, or it has as many secrets that count as it may, or the secret still counts.
    #[error("there is no such client or secret, or it has two active secrets already, or the secret is still active")]
    NotAllowed,
    /// A number is too large for the database, or what it has is out of range.
    #[error("a number is out of the database's range")]
    OutOfRange,
}

/// Whatever keeps the gateway's state.
pub trait Store: Send + Sync {
    /// Notes that an assertion was used, until it would be refused anyway. Whether this was the first time. Those that need not be
    /// remembered any more are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`]: then it counts as used.
    fn use_assertion(
        &self,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Notes that a token is revoked, until it expires. Those that have expired are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn revoke_token(
        &self,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Whether a token was revoked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// A service client, with its secrets that count.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn client<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<ServiceClient>, StoreError>>;

    /// Puts in a service client that has no secrets yet.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    fn add_client<'a>(&'a self, id: &'a str, device: DeviceId) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Puts in a secret of a client, which counts from now on.
    ///
    /// # Errors
    /// [`StoreError::NotAllowed`] where there is no such client, or two of its secrets count already; [`StoreError::Database`].
    fn add_secret<'a>(
        &'a self,
        client: &'a str,
        secret: &'a str,
        mac: [u8; 32],
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Lets a secret of a client count no more.
    ///
    /// # Errors
    /// [`StoreError::NotAllowed`] where there is no such secret that counts; [`StoreError::Database`].
    fn deactivate_secret<'a>(&'a self, client: &'a str, secret: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Deletes a secret that counts no more.
    ///
    /// # Errors
    /// [`StoreError::NotAllowed`] where there is no such secret, or it still counts; [`StoreError::Database`].
    fn delete_secret<'a>(&'a self, client: &'a str, secret: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Writes an event at the end of the log. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`]: what the event tells of must not happen then.
    fn append(&self, body: String, published_ms: TimestampMs) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Up to `limit` entries of the log after number `after`, in order.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::OutOfRange`].
    fn entries(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>>;

    /// Checks that each entry of the log follows the one before, and says how many there are. What was cut off at the end does not show:
    /// compare the number, or keep the last hash elsewhere.
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
