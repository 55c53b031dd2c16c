//! Requests, counted for all replicas. There are no more buckets than requests in two minutes or so: each is forgotten soon.

use std::sync::atomic::Ordering;

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use sqlx::PgConnection;
use tokio::time::timeout;

use super::{
    super::{StoreError, signed, writer::FORGET_AFTER_MS},
    ANSWER_MAX, PostgresStore, answered,
};
use crate::limit::Counters;

/// How often counters that have ended are forgotten, in milliseconds.
const FORGET_EVERY_MS: u64 = 10_000;
/// The most that are forgotten at once.
const FORGOTTEN_MAX: i64 = 100_000;

impl Counters for PostgresStore {
    fn add(
        &self,
        bucket: [u8; 32],
        ends_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<u32, StoreError>> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await?;
            let counted = timeout(ANSWER_MAX, self.count(&mut connection, bucket, ends_ms, now_ms)).await;
            answered(connection, counted)
        })
    }
}

impl PostgresStore {
    async fn count(
        &self,
        connection: &mut PgConnection,
        bucket: [u8; 32],
        ends_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> Result<u32, StoreError> {
        if self.is_forgetting_due(now_ms) {
            forget(connection, now_ms).await?;
        }
        let add = sqlx::query_scalar(
            "INSERT INTO counters AS known (bucket, count, ends_ms) VALUES ($1, 1, $2)
             ON CONFLICT (bucket) DO UPDATE SET ends_ms = excluded.ends_ms,
                 count = CASE WHEN known.ends_ms > $3 THEN known.count + 1 ELSE 1 END
             RETURNING count",
        );
        let count: i64 =
            add.bind(&bucket[..]).bind(signed(ends_ms)?).bind(signed(now_ms)?).fetch_one(connection).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Whether it is time to forget; who asks then does it.
    fn is_forgetting_due(&self, now_ms: TimestampMs) -> bool {
        let last_ms = self.forgotten_ms.load(Ordering::Relaxed);
        let is_due = last_ms.saturating_add(FORGET_EVERY_MS) <= now_ms;
        is_due && self.forgotten_ms.compare_exchange(last_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// Forgets counters that have ended, but for those that another replica is at.
async fn forget(connection: &mut PgConnection, now_ms: TimestampMs) -> Result<(), StoreError> {
    let forget = "DELETE FROM counters WHERE bucket IN (
        SELECT bucket FROM counters WHERE ends_ms <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let before_ms = signed(now_ms.saturating_sub(FORGET_AFTER_MS))?;
    sqlx::query(forget).bind(before_ms).bind(FORGOTTEN_MAX).execute(connection).await?;
    Ok(())
}
