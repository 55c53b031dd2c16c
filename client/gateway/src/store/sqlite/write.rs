//! Steps, written to SQLite. What is the same for all steps of a batch goes in few statements: each takes a way to SQLite's thread.

use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool};

use super::{
    super::{
        Outcome, Step, StoreError,
        batch::{Batch, Found, decide, read_used},
        signed, unsigned, writer,
    },
    log,
};

/// The most rows of a statement: SQLite takes no more than 32 766 values.
pub(super) const ROWS_MAX: usize = 1000;

/// Where steps are written.
pub(super) struct Database(pub(super) SqlitePool);

impl writer::Database for Database {
    fn write<'a>(
        &'a self,
        steps: &'a [Step],
        forget_ms: Option<TimestampMs>,
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>> {
        Box::pin(write(&self.0, steps, forget_ms))
    }
}

async fn write(pool: &SqlitePool, steps: &[Step], forget_ms: Option<TimestampMs>) -> Result<Vec<Outcome>, StoreError> {
    // Begins as a writer, so that nothing changes between what is read and what is written.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(forget_ms) = forget_ms {
        forget(&mut transaction, forget_ms).await?;
    }
    let batch = decide(steps, find(&mut transaction, steps).await?)?;
    keep(&mut transaction, &batch).await?;
    transaction.commit().await?;
    Ok(batch.outcomes)
}

pub(super) async fn revision(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    unsigned(sqlx::query_scalar("SELECT number FROM revision").fetch_one(connection).await?)
}

async fn forget(connection: &mut SqliteConnection, at_ms: TimestampMs) -> Result<(), StoreError> {
    for statement in ["DELETE FROM used WHERE expires_ms <= ?", "DELETE FROM revoked_tokens WHERE expires_ms <= ?"] {
        sqlx::query(statement).bind(signed(at_ms)?).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn find(connection: &mut SqliteConnection, steps: &[Step]) -> Result<Found, StoreError> {
    let ids: Vec<&[u8]> = steps.iter().flat_map(|step| &step.uses).map(|used| &used.id[..]).collect();
    let mut used = HashMap::new();
    for ids in ids.chunks(ROWS_MAX) {
        let mut select = QueryBuilder::<Sqlite>::new("SELECT id, expires_ms FROM used WHERE id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(")");
        used.extend(read_used(select.build_query_as().persistent(false).fetch_all(&mut *connection).await?)?);
    }
    Ok(Found { tail: log::tail(connection).await?, revision: revision(connection).await?, used })
}

async fn keep(connection: &mut SqliteConnection, batch: &Batch<'_>) -> Result<(), StoreError> {
    let later = " ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms";
    remember(connection, "INSERT INTO used (id, expires_ms) ", &batch.uses, later).await?;
    let latest = " ON CONFLICT (id) DO UPDATE SET expires_ms = max(expires_ms, excluded.expires_ms)";
    remember(connection, "INSERT INTO revoked_tokens (id, expires_ms) ", &batch.revoked_tokens, latest).await?;
    log::append(connection, &batch.entries).await?;
    change(connection, batch).await
}

async fn remember(
    connection: &mut SqliteConnection,
    insert: &str,
    remembered: &BTreeMap<[u8; 32], TimestampMs>,
    or_else: &str,
) -> Result<(), StoreError> {
    let row = |(id, expires_ms): (_, &TimestampMs)| Ok((id, signed(*expires_ms)?));
    let rows = remembered.iter().map(row).collect::<Result<Vec<(&[u8; 32], i64)>, StoreError>>()?;
    for rows in rows.chunks(ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(insert);
        insert.push_values(rows, |mut row, (id, expires_ms)| {
            row.push_bind(&id[..]).push_bind(*expires_ms);
        });
        insert.push(or_else).build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn change(connection: &mut SqliteConnection, batch: &Batch<'_>) -> Result<(), StoreError> {
    for ((kind, id), body) in &batch.documents {
        let statement = match body {
            Some(body) => {
                let put = "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)
                    ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body";
                sqlx::query(put).bind(kind.name()).bind(*id).bind(*body)
            }
            None => sqlx::query("DELETE FROM documents WHERE kind = ? AND id = ?").bind(kind.name()).bind(*id),
        };
        statement.execute(&mut *connection).await?;
    }
    if let Some(revision) = batch.revision {
        sqlx::query("UPDATE revision SET number = ?").bind(signed(revision)?).execute(connection).await?;
    }
    Ok(())
}
