//! The system log in PostgreSQL.

use marque_sdk::primitives::TimestampMs;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::time::timeout;

use super::{
    super::{
        LogRange, StoreError,
        batch::NewEntry,
        chain::{PAGE, Tail, read_entry, read_tail},
        signed,
    },
    ANSWER_MAX, SNAPSHOT, answered, write,
};
use crate::log::Entry;

/// The most entries that are dropped in one transaction: others wait for it.
const DROPPED_MAX: i64 = 10_000;

/// The last entry that is there, or that was dropped.
pub(super) async fn tail(connection: &mut PgConnection) -> Result<Tail, StoreError> {
    let last = sqlx::query_as(
        "(SELECT number, hash FROM log ORDER BY number DESC LIMIT 1) UNION ALL SELECT number, hash FROM log_start
         ORDER BY number DESC LIMIT 1",
    );
    read_tail(last.fetch_one(connection).await?)
}

async fn start(connection: &mut PgConnection) -> Result<Tail, StoreError> {
    read_tail(sqlx::query_as("SELECT number, hash FROM log_start").fetch_one(connection).await?)
}

/// Writes entries at the end.
pub(super) async fn append(connection: &mut PgConnection, entries: &[NewEntry<'_>]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let numbers = entries.iter().map(|entry| signed(entry.number)).collect::<Result<Vec<_>, _>>()?;
    let times = entries.iter().map(|entry| signed(entry.published_ms)).collect::<Result<Vec<_>, _>>()?;
    let bodies: Vec<&str> = entries.iter().map(|entry| entry.body).collect();
    let hashes: Vec<&[u8]> = entries.iter().map(|entry| &entry.hash[..]).collect();
    let insert = "INSERT INTO log (number, published_ms, body, hash)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[])";
    sqlx::query(insert).bind(numbers).bind(times).bind(bodies).bind(hashes).execute(connection).await?;
    Ok(())
}

pub(super) async fn select(connection: &mut PgConnection, range: LogRange) -> Result<Vec<Entry>, StoreError> {
    let select = if range.descending {
        "SELECT number, published_ms, body, hash FROM log
         WHERE number < $1 AND published_ms >= $2 AND published_ms < $3 ORDER BY number DESC LIMIT $4"
    } else {
        "SELECT number, published_ms, body, hash FROM log
         WHERE number > $1 AND published_ms >= $2 AND published_ms < $3 ORDER BY number LIMIT $4"
    };
    let select = sqlx::query_as(select).bind(signed(range.bound())?);
    let select = select.bind(signed(range.since_ms)?).bind(signed(range.until_ms)?).bind(i64::from(range.limit));
    select.fetch_all(connection).await?.into_iter().map(read_entry).collect()
}

pub(super) async fn drop_before(pool: &PgPool, before_ms: TimestampMs) -> Result<u64, StoreError> {
    let before_ms = signed(before_ms)?;
    let mut all = 0;
    loop {
        let mut connection = pool.acquire().await?;
        let answer = timeout(ANSWER_MAX, drop_some(&mut connection, before_ms)).await;
        let dropped = answered(connection, answer)?;
        if dropped == 0 {
            return Ok(all);
        }
        all += dropped;
    }
}

async fn drop_some(connection: &mut PgConnection, before_ms: i64) -> Result<u64, StoreError> {
    let mut transaction = connection.begin_with(write::BEGIN).await?;
    write::lock(&mut transaction).await?;
    // The first entry that stays, whatever comes after it: times may go backwards, the chain has no gaps.
    let last = sqlx::query_as(
        "SELECT number, hash FROM log WHERE number < (SELECT min(number) + $2 FROM log) AND number < coalesce(
             (SELECT min(number) FROM log WHERE published_ms >= $1), (SELECT max(number) + 1 FROM log))
         ORDER BY number DESC LIMIT 1",
    );
    let last = last.bind(before_ms).bind(DROPPED_MAX).fetch_optional(&mut *transaction).await?;
    let Some(last) = last.map(read_tail).transpose()? else { return Ok(0) };
    let number = signed(last.number)?;
    let dropped = sqlx::query("DELETE FROM log WHERE number <= $1").bind(number).execute(&mut *transaction).await?;
    let start = sqlx::query("UPDATE log_start SET number = $1, hash = $2").bind(number).bind(&last.hash[..]);
    start.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(dropped.rows_affected())
}

pub(super) async fn check(connection: &mut PgConnection) -> Result<u64, StoreError> {
    // In one snapshot, so that what is dropped meanwhile is not missed.
    let mut transaction = connection.begin_with(SNAPSHOT).await?;
    let mut tail = start(&mut transaction).await?;
    loop {
        let page = select(&mut transaction, LogRange::past(tail.number, PAGE)).await?;
        if page.is_empty() {
            return Ok(tail.number);
        }
        tail = tail.follow(&page)?;
    }
}
