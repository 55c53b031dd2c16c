//! Steps, written to PostgreSQL. What is the same for all steps of a batch goes in one statement.

use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::time::timeout;

use super::{
    super::{
        Outcome, Step, StoreError,
        batch::{Batch, Found, decide, read_used},
        signed, unsigned, writer,
    },
    ANSWER_MAX, answered, log,
};

/// How often a transaction is tried that did not come to its end because of another one.
const TRIES_MAX: usize = 4;
/// The most rows that are forgotten in one transaction, of each kind.
const FORGOTTEN_MAX: i64 = 10_000;
/// `serialization_failure` and `deadlock_detected`: nothing of it happened, and it may be tried again.
const LOST_TO_ANOTHER: [&str; 2] = ["40001", "40P01"];
/// `lock_not_available`: the others did not come to an end in time.
const LOCKED_TOO_LONG: &str = "55P03";
/// What a transaction that writes begins with. After it has the lock, each statement sees all that was committed before.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// Where steps are written.
pub(super) struct Database(pub(super) PgPool);

impl writer::Database for Database {
    fn write<'a>(
        &'a self,
        steps: &'a [Step],
        forget_ms: Option<TimestampMs>,
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>> {
        Box::pin(write(&self.0, steps, forget_ms))
    }
}

async fn write(pool: &PgPool, steps: &[Step], forget_ms: Option<TimestampMs>) -> Result<Vec<Outcome>, StoreError> {
    let mut connection = pool.acquire().await?;
    for _ in 1..TRIES_MAX {
        match timeout(ANSWER_MAX, try_write(&mut connection, steps, forget_ms)).await {
            Ok(Err(error)) if code(&error).is_some_and(|code| LOST_TO_ANOTHER.contains(&&*code)) => {}
            Ok(Err(error)) if code(&error).is_some_and(|code| code == LOCKED_TOO_LONG) => return Err(StoreError::Busy),
            answer => return answered(connection, answer),
        }
    }
    let answer = timeout(ANSWER_MAX, try_write(&mut connection, steps, forget_ms)).await;
    answered(connection, answer)
}

/// The database's own code of an error.
fn code(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Database(error) => error.as_database_error()?.code().map(Into::into),
        _ => None,
    }
}

async fn try_write(
    connection: &mut PgConnection,
    steps: &[Step],
    forget_ms: Option<TimestampMs>,
) -> Result<Vec<Outcome>, StoreError> {
    let mut transaction = connection.begin_with(BEGIN).await?;
    let revision = lock(&mut transaction).await?;
    if let Some(forget_ms) = forget_ms {
        forget(&mut transaction, forget_ms).await?;
    }
    let used = find_used(&mut transaction, steps).await?;
    let batch = decide(steps, Found { tail: log::tail(&mut transaction).await?, revision, used })?;
    keep(&mut transaction, &batch).await?;
    transaction.commit().await?;
    Ok(batch.outcomes)
}

/// Waits until no other replica writes, and keeps them from it until the transaction ends. How often the documents were changed.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<u64, StoreError> {
    unsigned(sqlx::query_scalar("SELECT number FROM revision FOR UPDATE").fetch_one(connection).await?)
}

async fn forget(connection: &mut PgConnection, at_ms: TimestampMs) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM used WHERE id IN (SELECT id FROM used WHERE expires_ms <= $1 LIMIT $2)",
        "DELETE FROM revoked_tokens WHERE id IN (SELECT id FROM revoked_tokens WHERE expires_ms <= $1 LIMIT $2)",
    ] {
        sqlx::query(statement).bind(signed(at_ms)?).bind(FORGOTTEN_MAX).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn find_used(
    connection: &mut PgConnection,
    steps: &[Step],
) -> Result<HashMap<[u8; 32], TimestampMs>, StoreError> {
    let ids: Vec<&[u8]> = steps.iter().flat_map(|step| &step.uses).map(|used| &used.id[..]).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let select = sqlx::query_as("SELECT id, expires_ms FROM used WHERE id = ANY ($1)").bind(ids);
    read_used(select.fetch_all(connection).await?)
}

async fn keep(connection: &mut PgConnection, batch: &Batch<'_>) -> Result<(), StoreError> {
    let uses = "INSERT INTO used (id, expires_ms) SELECT * FROM unnest($1::bytea[], $2::bigint[])
        ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms";
    remember(connection, uses, &batch.uses).await?;
    let revoked = "INSERT INTO revoked_tokens (id, expires_ms) SELECT * FROM unnest($1::bytea[], $2::bigint[])
        ON CONFLICT (id) DO UPDATE SET expires_ms = greatest(revoked_tokens.expires_ms, excluded.expires_ms)";
    remember(connection, revoked, &batch.revoked_tokens).await?;
    if let Some(revision) = batch.revision {
        change(connection, batch, revision).await?;
    }
    log::append(connection, &batch.entries).await
}

async fn remember(
    connection: &mut PgConnection,
    insert: &str,
    remembered: &BTreeMap<[u8; 32], TimestampMs>,
) -> Result<(), StoreError> {
    if !remembered.is_empty() {
        let ids: Vec<&[u8]> = remembered.keys().map(|id| &id[..]).collect();
        let times = remembered.values().map(|expires_ms| signed(*expires_ms)).collect::<Result<Vec<_>, _>>()?;
        sqlx::query(insert).bind(ids).bind(times).execute(connection).await?;
    }
    Ok(())
}

async fn change(connection: &mut PgConnection, batch: &Batch<'_>, revision: u64) -> Result<(), StoreError> {
    for ((kind, id), body) in &batch.documents {
        let statement = match body {
            Some(body) => {
                let put = "INSERT INTO documents (kind, id, body) VALUES ($1, $2, $3)
                    ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body";
                sqlx::query(put).bind(kind.name()).bind(*id).bind(*body)
            }
            None => sqlx::query("DELETE FROM documents WHERE kind = $1 AND id = $2").bind(kind.name()).bind(*id),
        };
        statement.execute(&mut *connection).await?;
    }
    sqlx::query("UPDATE revision SET number = $1").bind(signed(revision)?).execute(connection).await?;
    Ok(())
}
