//! Steps, written to SQLite.

use std::collections::HashMap;

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    super::{
        Outcome, Step, StoreError,
        batch::{Batch, Found, decide},
        signed, unsigned,
        writer::Database,
    },
    log,
};

/// Where steps are written.
pub(super) struct Sqlite(pub(super) SqlitePool);

impl Database for Sqlite {
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
    let mut used = HashMap::new();
    for new in steps.iter().flat_map(|step| &step.uses) {
        let select = sqlx::query_scalar("SELECT expires_ms FROM used WHERE id = ?").bind(&new.id[..]);
        if let Some(expires_ms) = select.fetch_optional(&mut *connection).await? {
            used.insert(new.id, unsigned(expires_ms)?);
        }
    }
    Ok(Found { tail: log::tail(connection).await?, revision: revision(connection).await?, used })
}

async fn keep(connection: &mut SqliteConnection, batch: &Batch<'_>) -> Result<(), StoreError> {
    for (id, expires_ms) in &batch.uses {
        let insert = "INSERT INTO used (id, expires_ms) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms";
        sqlx::query(insert).bind(&id[..]).bind(signed(*expires_ms)?).execute(&mut *connection).await?;
    }
    for (id, expires_ms) in &batch.revoked_tokens {
        let insert = "INSERT INTO revoked_tokens (id, expires_ms) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET expires_ms = max(expires_ms, excluded.expires_ms)";
        sqlx::query(insert).bind(&id[..]).bind(signed(*expires_ms)?).execute(&mut *connection).await?;
    }
    for entry in &batch.entries {
        log::append(connection, entry).await?;
    }
    change(connection, batch).await
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
