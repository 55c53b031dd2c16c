//! The system log in SQLite.

use marque_sdk::primitives::TimestampMs;
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

use super::super::{LogRange, StoreError, signed, unsigned};
use crate::log::{self, Entry};

/// Entries that are checked at a time.
const PAGE: u32 = 1000;

/// What the next entry follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) number: u64,
    pub(super) hash: [u8; 32],
}

/// The last entry that is there, or that was dropped.
pub(super) async fn tail(connection: &mut SqliteConnection) -> Result<Tail, StoreError> {
    let last = sqlx::query("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1");
    match last.fetch_optional(&mut *connection).await? {
        Some(row) => read_tail(&row),
        None => start(connection).await,
    }
}

async fn start(connection: &mut SqliteConnection) -> Result<Tail, StoreError> {
    read_tail(&sqlx::query("SELECT number, hash FROM log_start").fetch_one(connection).await?)
}

fn read_tail(row: &SqliteRow) -> Result<Tail, StoreError> {
    Ok(Tail { number: unsigned(row.try_get("number")?)?, hash: hash(row)? })
}

fn hash(row: &SqliteRow) -> Result<[u8; 32], StoreError> {
    let hash: Vec<u8> = row.try_get("hash")?;
    hash.try_into().map_err(|_| StoreError::OutOfRange)
}

/// Writes an entry after the last one, and says what the next one follows.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    tail: Tail,
    published_ms: TimestampMs,
    body: &str,
) -> Result<Tail, StoreError> {
    let number = tail.number.checked_add(1).ok_or(StoreError::OutOfRange)?;
    let hash = log::hash(&tail.hash, number, published_ms, body);
    let insert = sqlx::query("INSERT INTO log (number, published_ms, body, hash) VALUES (?, ?, ?, ?)");
    let insert = insert.bind(signed(number)?).bind(signed(published_ms)?).bind(body).bind(&hash[..]);
    insert.execute(connection).await?;
    Ok(Tail { number, hash })
}

pub(super) async fn select(pool: &SqlitePool, range: LogRange) -> Result<Vec<Entry>, StoreError> {
    let select = if range.descending {
        "SELECT number, published_ms, body, hash FROM log
         WHERE number < ? AND published_ms >= ? AND published_ms < ? ORDER BY number DESC LIMIT ?"
    } else {
        "SELECT number, published_ms, body, hash FROM log
         WHERE number > ? AND published_ms >= ? AND published_ms < ? ORDER BY number LIMIT ?"
    };
    let past = range.past.map_or(Ok(if range.descending { i64::MAX } else { 0 }), signed)?;
    let select = sqlx::query(select).bind(past).bind(signed(range.since_ms)?).bind(signed(range.until_ms)?);
    let rows = select.bind(range.limit).fetch_all(pool).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    Ok(Entry {
        number: unsigned(row.try_get("number")?)?,
        published_ms: unsigned(row.try_get("published_ms")?)?,
        body: row.try_get("body")?,
        hash: hash(row)?,
    })
}

pub(super) async fn drop_before(pool: &SqlitePool, before_ms: TimestampMs) -> Result<u64, StoreError> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    // The first entry that stays, whatever comes after it: times may go backwards, the chain has no gaps.
    let last = sqlx::query(
        "SELECT number, hash FROM log WHERE number < coalesce(
             (SELECT min(number) FROM log WHERE published_ms >= ?1), (SELECT max(number) + 1 FROM log))
         ORDER BY number DESC LIMIT 1",
    );
    let last = last.bind(signed(before_ms)?).fetch_optional(&mut *transaction).await?;
    let Some(last) = last.as_ref().map(read_tail).transpose()? else { return Ok(0) };
    let number = signed(last.number)?;
    let dropped = sqlx::query("DELETE FROM log WHERE number <= ?").bind(number).execute(&mut *transaction).await?;
    let start = sqlx::query("UPDATE log_start SET number = ?, hash = ?").bind(number).bind(&last.hash[..]);
    start.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(dropped.rows_affected())
}

pub(super) async fn check(pool: &SqlitePool) -> Result<u64, StoreError> {
    let mut tail = start(&mut *pool.acquire().await?).await?;
    loop {
        let page = select(pool, LogRange::past(tail.number, PAGE)).await?;
        if page.is_empty() {
            return Ok(tail.number);
        }
        for entry in page {
            let number = tail.number.saturating_add(1);
            let expected = log::hash(&tail.hash, number, entry.published_ms, &entry.body);
            if entry.number != number || entry.hash != expected {
                return Err(StoreError::LogBroken { number });
            }
            tail = Tail { number, hash: entry.hash };
        }
    }
}
