//! The chain of the log, whatever database has it.

use marque_sdk::primitives::TimestampMs;

use super::{StoreError, unsigned};
use crate::log::{self, Entry};

/// Entries that are checked at a time.
pub(super) const PAGE: u32 = 1000;

/// What the next entry follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tail {
    pub(super) number: u64,
    pub(super) hash: [u8; 32],
}

impl Tail {
    /// What the one after an entry follows, when that entry follows this.
    pub(super) fn after(self, published_ms: TimestampMs, body: &str) -> Result<Self, StoreError> {
        let number = self.number.checked_add(1).ok_or(StoreError::OutOfRange)?;
        Ok(Self { number, hash: log::hash(&self.hash, number, published_ms, body) })
    }

    /// Checks that entries follow this, each the one before, and says what the next one follows.
    pub(super) fn follow(self, entries: &[Entry]) -> Result<Self, StoreError> {
        entries.iter().try_fold(self, |tail, entry| {
            let next = tail.after(entry.published_ms, &entry.body)?;
            let is_next = (entry.number, entry.hash) == (next.number, next.hash);
            if is_next { Ok(next) } else { Err(StoreError::LogBroken { number: next.number }) }
        })
    }
}

/// Number and hash, as the databases have them.
pub(super) fn read_tail((number, hash): (i64, Vec<u8>)) -> Result<Tail, StoreError> {
    Ok(Tail { number: unsigned(number)?, hash: hash.try_into().map_err(|_| StoreError::OutOfRange)? })
}

/// Number, time, body and hash, as the databases have them.
pub(super) fn read_entry((number, published_ms, body, hash): (i64, i64, String, Vec<u8>)) -> Result<Entry, StoreError> {
    let Tail { number, hash } = read_tail((number, hash))?;
    Ok(Entry { number, published_ms: unsigned(published_ms)?, body, hash })
}
