//! The system log in SQLite.

use marque_sdk::primitives::TimestampMs;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool};

use super::{
    super::{
        LogRange, StoreError,
        batch::NewEntry,
        chain::{PAGE, Tail, read_entry, read_tail},
        signed,
    },
    write::ROWS_MAX,
};
use crate::log::Entry;

/// The last entry that is there, or that was dropped.
pub(super) async fn tail(connection: &mut SqliteConnection) -> Result<Tail, StoreError> {
    let last = sqlx::query_as("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1");
    match last.fetch_optional(&mut *connection).await? {
        Some(row) => read_tail(row),
        None => start(connection).await,
    }
}

async fn start(connection: &mut SqliteConnection) -> Result<Tail, StoreError> {
    read_tail(sqlx::query_as("SELECT number, hash FROM log_start").fetch_one(connection).await?)
}

/// Writes entries at the end.
pub(super) async fn append(connection: &mut SqliteConnection, entries: &[NewEntry<'_>]) -> Result<(), StoreError> {
    let row = |entry: &NewEntry<'_>| Ok((signed(entry.number)?, signed(entry.published_ms)?));
    let numbers = entries.iter().map(row).collect::<Result<Vec<_>, StoreError>>()?;
    let rows: Vec<_> = entries.iter().zip(numbers).collect();
    for rows in rows.chunks(ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO log (number, published_ms, body, hash) ");
        insert.push_values(rows, |mut row, (entry, (number, published_ms))| {
            row.push_bind(*number).push_bind(*published_ms).push_bind(entry.body).push_bind(&entry.hash[..]);
        });
        insert.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn select(connection: &mut SqliteConnection, range: LogRange) -> Result<Vec<Entry>, StoreError> {
    let select = if range.descending {
        "SELECT number, published_ms, body, hash FROM log
         WHERE number < ? AND published_ms >= ? AND published_ms < ? ORDER BY number DESC LIMIT ?"
    } else {
        "SELECT number, published_ms, body, hash FROM log
         WHERE number > ? AND published_ms >= ? AND published_ms < ? ORDER BY number LIMIT ?"
    };
    let select = sqlx::query_as(select).bind(signed(range.bound())?);
    let select = select.bind(signed(range.since_ms)?).bind(signed(range.until_ms)?).bind(range.limit);
    select.fetch_all(connection).await?.into_iter().map(read_entry).collect()
}

pub(super) async fn drop_before(pool: &SqlitePool, before_ms: TimestampMs) -> Result<u64, StoreError> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    // The first entry that stays, whatever comes after it: times may go backwards, the chain has no gaps.
    let last = sqlx::query_as(
        "SELECT number, hash FROM log WHERE number < coalesce(
             (SELECT min(number) FROM log WHERE published_ms >= ?1), (SELECT max(number) + 1 FROM log))
         ORDER BY number DESC LIMIT 1",
    );
    let last = last.bind(signed(before_ms)?).fetch_optional(&mut *transaction).await?;
    let Some(last) = last.map(read_tail).transpose()? else { return Ok(0) };
    let number = signed(last.number)?;
    let dropped = sqlx::query("DELETE FROM log WHERE number <= ?").bind(number).execute(&mut *transaction).await?;
    let start = sqlx::query("UPDATE log_start SET number = ?, hash = ?").bind(number).bind(&last.hash[..]);
    start.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(dropped.rows_affected())
}

pub(super) async fn check(pool: &SqlitePool) -> Result<u64, StoreError> {
    // In one transaction, so that what is dropped meanwhile is not missed.
    let mut transaction = pool.begin().await?;
    let mut tail = start(&mut transaction).await?;
    loop {
        let page = select(&mut transaction, LogRange::past(tail.number, PAGE)).await?;
        if page.is_empty() {
            return Ok(tail.number);
        }
        tail = tail.follow(&page)?;
    }
}
