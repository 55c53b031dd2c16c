//! The state in one SQLite file.

mod log;
mod write;

use std::{path::Path, time::Duration};

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Document, LogRange, Outcome, Step, Store, StoreError, migrations::Migrations, read_document, unsigned,
    writer::Writer,
};
use crate::log::Entry;

/// How long a write waits for another one to end.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// One that writes, and some that read.
const CONNECTIONS_MAX: u32 = 4;
const MIGRATIONS: Migrations = Migrations(&[include_str!("../../../migrations/sqlite/1_state.sql")]);

/// The state in a SQLite file. One process has it; several replicas need another store.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file, or makes it for its owner alone, and brings it up to date.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Migration`].
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A used assertion must be known after a power cut too.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_MAX);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).connect_with(options).await?;
        Migrator::new(MIGRATIONS).await?.run(&pool).await?;
        Ok(Self { writer: Writer::start(write::Database(pool.clone())), pool })
    }

    /// Closes the file, once what is under way has ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn select_documents(&self) -> Result<(u64, Vec<Document>), StoreError> {
        // In one transaction, so that the number is that of what is read.
        let mut transaction = self.pool.begin().await?;
        let revision = write::revision(&mut transaction).await?;
        let rows = sqlx::query_as("SELECT kind, id, body FROM documents ORDER BY kind, id");
        let rows = rows.fetch_all(&mut *transaction).await?;
        Ok((revision, rows.into_iter().map(read_document).collect::<Result<_, _>>()?))
    }
}

impl Store for SqliteStore {
    fn commit(&self, step: Step) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        Box::pin(self.writer.commit(step))
    }

    fn documents(&self) -> BoxFuture<'_, Result<(u64, Vec<Document>), StoreError>> {
        Box::pin(self.select_documents())
    }

    fn revision(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let number: i64 = sqlx::query_scalar("SELECT number FROM revision").fetch_one(&self.pool).await?;
            unsigned(number)
        })
    }

    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let select = sqlx::query("SELECT 1 FROM revoked_tokens WHERE id = ?").bind(&id[..]);
            Ok(select.fetch_optional(&self.pool).await?.is_some())
        })
    }

    fn entries(&self, range: LogRange) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        Box::pin(async move { log::select(&mut *self.pool.acquire().await?, range).await })
    }

    fn drop_entries(&self, before_ms: TimestampMs) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(log::drop_before(&self.pool, before_ms))
    }

    fn check_log(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(log::check(&self.pool))
    }

    fn ensure_ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { self.revision().await.map(drop) })
    }
}

/// Makes the file, if it is not there, with mode 0600; what SQLite keeps beside it gets the same.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests;
