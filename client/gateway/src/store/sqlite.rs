//! The state in one SQLite file.

use std::{path::Path, time::Duration};

use futures::future::BoxFuture;
use marque_sdk::primitives::{DeviceId, TimestampMs};
use sqlx::{
    Row, Sqlite, SqlitePool,
    error::BoxDynError,
    migrate::{Migration, MigrationSource, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::{Store, StoreError};
use crate::{
    client::ServiceClient,
    log::{self, Entry},
};

/// How long a write waits for another one to end.
const BUSY_MAX: Duration = Duration::from_secs(5);
const CONNECTIONS_MAX: u32 = 4;
/// Entries of the log that are checked at a time.
const PAGE: u32 = 1000;

/// The state in a SQLite file. One process has it; several replicas need another store.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pub(super) pool: SqlitePool,
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
        Migrator::new(Migrations).await?.run(&pool).await?;
        Ok(Self { pool })
    }

    /// Closes the file, once what is under way has ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Puts an id into a table until it expires, and forgets those that have. Whether it was not there.
    async fn remember(
        &self,
        table: Remembered,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> Result<bool, StoreError> {
        let (forget, insert) = match table {
            Remembered::Assertions => (
                "DELETE FROM used_assertions WHERE expires_ms <= ?",
                "INSERT INTO used_assertions (id, expires_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
            ),
            Remembered::RevokedTokens => (
                "DELETE FROM revoked_tokens WHERE expires_ms <= ?",
                "INSERT INTO revoked_tokens (id, expires_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
            ),
        };
        let mut transaction = self.begin().await?;
        sqlx::query(forget).bind(signed(now_ms)?).execute(&mut *transaction).await?;
        let insert = sqlx::query(insert).bind(&id[..]).bind(signed(expires_ms)?);
        let inserted = insert.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn insert_entry(&self, body: String, published_ms: TimestampMs) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let last = sqlx::query("SELECT number, published_ms, body, hash FROM log ORDER BY number DESC LIMIT 1");
        let last = last.fetch_optional(&mut *transaction).await?.map(|row| entry(&row)).transpose()?;
        let (number, previous) = last.map_or((0, log::GENESIS), |last| (last.number, last.hash));
        let number = number.checked_add(1).ok_or(StoreError::OutOfRange)?;
        let hash = log::hash(&previous, number, published_ms, &body);
        let insert = sqlx::query("INSERT INTO log (number, published_ms, body, hash) VALUES (?, ?, ?, ?)");
        let insert = insert.bind(signed(number)?).bind(signed(published_ms)?).bind(body).bind(&hash[..]);
        insert.execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn select_entries(&self, after: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let select =
            sqlx::query("SELECT number, published_ms, body, hash FROM log WHERE number > ? ORDER BY number LIMIT ?");
        let rows = select.bind(signed(after)?).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(entry).collect()
    }

    /// Begins as a writer, so that nothing changes between what is read and what is written.
    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }
}

impl Store for SqliteStore {
    fn use_assertion(
        &self,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.remember(Remembered::Assertions, id, expires_ms, now_ms))
    }

    fn revoke_token(
        &self,
        id: [u8; 32],
        expires_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.remember(Remembered::RevokedTokens, id, expires_ms, now_ms).await?;
            Ok(())
        })
    }

    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let select = sqlx::query("SELECT 1 FROM revoked_tokens WHERE id = ?").bind(&id[..]);
            Ok(select.fetch_optional(&self.pool).await?.is_some())
        })
    }

    fn client<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<ServiceClient>, StoreError>> {
        Box::pin(self.select_client(id))
    }

    fn add_client<'a>(&'a self, id: &'a str, device: DeviceId) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.insert_client(id, device))
    }

    fn add_secret<'a>(
        &'a self,
        client: &'a str,
        secret: &'a str,
        mac: [u8; 32],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.insert_secret(client, secret, mac))
    }

    fn deactivate_secret<'a>(&'a self, client: &'a str, secret: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.change_secret(
            "UPDATE client_secrets SET is_active = 0 WHERE client = ? AND id = ? AND is_active = 1",
            client,
            secret,
        ))
    }

    fn delete_secret<'a>(&'a self, client: &'a str, secret: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.change_secret(
            "DELETE FROM client_secrets WHERE client = ? AND id = ? AND is_active = 0",
            client,
            secret,
        ))
    }

    fn append(&self, body: String, published_ms: TimestampMs) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.insert_entry(body, published_ms))
    }

    fn entries(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        Box::pin(self.select_entries(after, limit))
    }

    fn check_log(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let (mut number, mut previous) = (0, log::GENESIS);
            loop {
                let page = self.select_entries(number, PAGE).await?;
                if page.is_empty() {
                    return Ok(number);
                }
                for entry in page {
                    number = number.saturating_add(1);
                    let expected = log::hash(&previous, number, entry.published_ms, &entry.body);
                    if entry.number != number || entry.hash != expected {
                        return Err(StoreError::LogBroken { number });
                    }
                    previous = entry.hash;
                }
            }
        })
    }

    fn ensure_ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            sqlx::query("SELECT number FROM log LIMIT 1").fetch_optional(&self.pool).await?;
            Ok(())
        })
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

/// What is remembered until it expires.
#[derive(Clone, Copy, Debug)]
enum Remembered {
    Assertions,
    RevokedTokens,
}

/// The migrations, in the program itself.
#[derive(Debug)]
struct Migrations;

impl MigrationSource<'static> for Migrations {
    fn resolve(self) -> BoxFuture<'static, Result<Vec<Migration>, BoxDynError>> {
        let migrations = [
            (1, "state", include_str!("../../migrations/1_state.sql")),
            (2, "clients", include_str!("../../migrations/2_clients.sql")),
        ];
        let migrations = migrations.map(|(version, name, statements)| {
            Migration::new(version, name.into(), MigrationType::Simple, statements.into(), false)
        });
        Box::pin(async move { Ok(migrations.to_vec()) })
    }
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let number = |name| u64::try_from(row.try_get::<i64, _>(name)?).map_err(|_| StoreError::OutOfRange);
    let hash: Vec<u8> = row.try_get("hash")?;
    Ok(Entry {
        number: number("number")?,
        published_ms: number("published_ms")?,
        body: row.try_get("body")?,
        hash: hash.try_into().map_err(|_| StoreError::OutOfRange)?,
    })
}

/// SQLite's integers have a sign.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn store(folder: &tempfile::TempDir) -> SqliteStore {
        SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap()
    }

    #[tokio::test]
    async fn an_assertion_is_used_once_until_it_expires_across_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let first = store(&folder).await;
        assert!(first.use_assertion([1; 32], 1000, 0).await.unwrap());
        assert!(!first.use_assertion([1; 32], 1000, 0).await.unwrap());
        assert!(first.use_assertion([2; 32], 1000, 0).await.unwrap());
        first.close().await;
        let again = store(&folder).await;
        assert!(!again.use_assertion([1; 32], 1000, 999).await.unwrap());
        assert!(again.use_assertion([1; 32], 2000, 1000).await.unwrap(), "it was forgotten when it had expired");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn its_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        store.append("a".into(), 1).await.unwrap();
        let modes = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().metadata().unwrap().permissions().mode());
        let modes: Vec<u32> = modes.map(|mode| mode & 0o777).collect();
        assert!(modes.len() > 1 && modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
    }

    #[tokio::test]
    async fn of_many_at_once_one_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let uses = (0..16).map(|_| store.use_assertion([1; 32], 1000, 0));
        let firsts = futures::future::try_join_all(uses).await.unwrap();
        assert_eq!(firsts.iter().filter(|is_first| **is_first).count(), 1);
    }

    #[tokio::test]
    async fn the_log_goes_on_across_restarts_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let first = store(&folder).await;
        futures::future::try_join_all((0..8).map(|n| first.append(format!("{n}"), n))).await.unwrap();
        first.close().await;
        let again = store(&folder).await;
        again.append("last".into(), 9).await.unwrap();
        assert_eq!(again.check_log().await.unwrap(), 9);
        let entries = again.entries(7, 10).await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [8, 9]);
        assert_eq!(entries[1].body, "last");
    }

    #[tokio::test]
    async fn a_log_that_was_changed_shows() {
        for (change, first_bad) in [
            ("UPDATE log SET body = 'x' WHERE number = 2", 2),
            ("UPDATE log SET published_ms = 7 WHERE number = 3", 3),
            ("DELETE FROM log WHERE number = 1", 1),
            ("DELETE FROM log WHERE number = 2", 2),
            ("UPDATE log SET hash = (SELECT hash FROM log WHERE number = 1) WHERE number = 2", 2),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let store = store(&folder).await;
            for body in ["a", "b", "c"] {
                store.append(body.into(), 1).await.unwrap();
            }
            sqlx::query(change).execute(&store.pool).await.unwrap();
            let checked = store.check_log().await;
            assert!(
                matches!(checked, Err(StoreError::LogBroken { number }) if number == first_bad),
                "{change}: {checked:?}"
            );
        }
    }
}
