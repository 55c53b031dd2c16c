//! The state in a PostgreSQL database, for several replicas.

mod address;
mod counters;
mod log;
mod write;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use sqlx::{
    Connection, PgConnection, PgPool, Postgres, migrate::Migrator, pool::PoolConnection, postgres::PgPoolOptions,
};
use tokio::time::{error::Elapsed, timeout};

use super::{
    Document, LogRange, Outcome, Step, Store, StoreError, migrations::Migrations, read_document, unsigned,
    writer::Writer,
};
use crate::log::Entry;

/// Connections of a replica, beside the one that writes steps, which must not wait for those that read and count. All replicas together
/// must stay below `max_connections` of the database.
const CONNECTIONS_MAX: u32 = 7;
/// How long a connection is waited for, while others have it, or the database is not there.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long an answer is waited for: longer than the database itself waits, for when it is not there any more.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// How long checking the whole log may take.
const CHECK_MAX: Duration = Duration::from_secs(10 * 60);
const MIGRATIONS: Migrations = Migrations(&[include_str!("../../../migrations/postgres/1_state.sql")]);
/// What holds for each connection. Who stands still while it writes must not hold up the other replicas; and what is written is on disk,
/// whatever is usual in this database.
const SESSION: &str = "SELECT set_config('statement_timeout', '10s', false), set_config('lock_timeout', '5s', false),
    set_config('idle_in_transaction_session_timeout', '10s', false), set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)";
/// All that is read in it is of one moment.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The state in a PostgreSQL database. Any number of replicas may have it, and share their limits by it.
///
/// While the database is not there, whatever would be written fails; once it is there again, so are the connections. A pooler between
/// must keep sessions apart.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    /// The one connection of the writer.
    writing: PgPool,
    writer: Writer,
    /// When counters that have ended were last forgotten, in milliseconds since the Unix epoch.
    forgotten_ms: Arc<AtomicU64>,
}

impl PostgresStore {
    /// Connects, and brings the database up to date. The URL is a secret, as it has a password. If it names another machine and does not
    /// say `sslmode`, that is `verify-full`: the database shows a certificate for its name.
    ///
    /// # Errors
    /// [`StoreError::Url`]; [`StoreError::Database`], [`StoreError::Migration`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options = address::read(url)?;
        let writing = pool(1).connect_with(options.clone()).await?;
        Migrator::new(MIGRATIONS).await?.run(&writing).await?;
        let writer = Writer::start(write::Database(writing.clone()));
        let pool = pool(CONNECTIONS_MAX).connect_lazy_with(options);
        Ok(Self { pool, writing, writer, forgotten_ms: Arc::default() })
    }

    /// Closes the connections, once what is under way has ended.
    pub async fn close(&self) {
        tokio::join!(self.pool.close(), self.writing.close());
    }
}

fn pool(connections_max: u32) -> PgPoolOptions {
    let options = PgPoolOptions::new().max_connections(connections_max).acquire_timeout(CONNECT_MAX);
    options.after_connect(|connection, _| {
        Box::pin(async move { sqlx::query(SESSION).execute(connection).await.map(drop) })
    })
}

/// Gives back what was asked of a connection. One that did not answer in time is not used again.
fn answered<T>(
    mut connection: PoolConnection<Postgres>,
    answer: Result<Result<T, StoreError>, Elapsed>,
) -> Result<T, StoreError> {
    answer.unwrap_or_else(|_| {
        connection.close_on_drop();
        Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into())
    })
}

async fn select_documents(connection: &mut PgConnection) -> Result<(u64, Vec<Document>), StoreError> {
    let mut transaction = connection.begin_with(SNAPSHOT).await?;
    let revision = select_revision(&mut transaction).await?;
    let rows = sqlx::query_as("SELECT kind, id, body FROM documents ORDER BY kind, id");
    let rows = rows.fetch_all(&mut *transaction).await?;
    Ok((revision, rows.into_iter().map(read_document).collect::<Result<_, _>>()?))
}

/// The revision, where it can be changed: a database that only follows another one has no row.
async fn select_revision(connection: &mut PgConnection) -> Result<u64, StoreError> {
    let select = "SELECT number FROM revision WHERE NOT pg_is_in_recovery()";
    unsigned(sqlx::query_scalar(select).fetch_one(connection).await?)
}

async fn select_revoked(connection: &mut PgConnection, id: [u8; 32]) -> Result<bool, StoreError> {
    let select = sqlx::query_scalar("SELECT EXISTS (SELECT FROM revoked_tokens WHERE id = $1)").bind(&id[..]);
    Ok(select.fetch_one(connection).await?)
}

impl Store for PostgresStore {
    fn commit(&self, step: Step) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        Box::pin(self.writer.commit(step))
    }

    fn documents(&self) -> BoxFuture<'_, Result<(u64, Vec<Document>), StoreError>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await?;
            let answer = timeout(ANSWER_MAX, select_documents(&mut connection)).await;
            answered(connection, answer)
        })
    }

    fn revision(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await?;
            let answer = timeout(ANSWER_MAX, select_revision(&mut connection)).await;
            answered(connection, answer)
        })
    }

    fn is_token_revoked(&self, id: [u8; 32]) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await?;
            let answer = timeout(ANSWER_MAX, select_revoked(&mut connection, id)).await;
            answered(connection, answer)
        })
    }

    fn entries(&self, range: LogRange) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await?;
            let answer = timeout(ANSWER_MAX, log::select(&mut connection, range)).await;
            answered(connection, answer)
        })
    }

    fn drop_entries(&self, before_ms: TimestampMs) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(log::drop_before(&self.pool, before_ms))
    }

    fn check_log(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await?;
            let answer = timeout(CHECK_MAX, log::check(&mut connection)).await;
            answered(connection, answer)
        })
    }

    fn ensure_ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { self.revision().await.map(drop) })
    }
}

#[cfg(test)]
mod tests;
