//! Counters: where it is kept how many requests there were.

use std::{
    collections::HashMap,
    future,
    sync::{Mutex, PoisonError},
};

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;

use super::Kind;
use crate::StoreError;

/// Whatever counts. Gateways that share one share their limits.
pub trait Counters: Send + Sync {
    /// Counts one more in a bucket, and says how many there are with it. A bucket is forgotten when it has ended; its first byte says of
    /// which [`Kind`] it is.
    ///
    /// # Errors
    /// [`StoreError`] where it can't be counted.
    fn add(
        &self,
        bucket: [u8; 32],
        ends_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<u32, StoreError>>;
}

/// Counters of one gateway alone. There are at most 100 000 buckets: 1000 for authorization servers, 49 000 for clients and 50 000 for
/// addresses. Where a kind has no room left, further ones of it share one bucket until others have ended: they are limited together, and
/// never unlimited.
#[derive(Debug, Default)]
pub struct MemoryCounters {
    kinds: Mutex<[Buckets; Kind::ALL.len()]>,
}

/// The buckets of one kind.
#[derive(Debug, Default)]
struct Buckets {
    counts: HashMap<[u8; 32], Count>,
    /// When the first of them ends.
    first_ends_ms: TimestampMs,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    count: u32,
    ends_ms: TimestampMs,
}

impl Counters for MemoryCounters {
    fn add(
        &self,
        bucket: [u8; 32],
        ends_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<u32, StoreError>> {
        let kind = Kind::of(&bucket);
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let count = kinds[usize::from(kind.byte())].add(kind, bucket, ends_ms, now_ms);
        Box::pin(future::ready(Ok(count)))
    }
}

impl Buckets {
    fn add(&mut self, kind: Kind, bucket: [u8; 32], ends_ms: TimestampMs, now_ms: TimestampMs) -> u32 {
        if self.first_ends_ms <= now_ms {
            self.counts.retain(|_, count| count.ends_ms > now_ms);
            self.first_ends_ms = self.counts.values().map(|count| count.ends_ms).min().unwrap_or(u64::MAX);
        }
        let has_room = self.counts.len() < buckets_max(kind) - 1;
        let bucket = if has_room || self.counts.contains_key(&bucket) { bucket } else { shared(kind) };
        self.first_ends_ms = self.first_ends_ms.min(ends_ms);
        let count = self.counts.entry(bucket).or_insert(Count { count: 0, ends_ms });
        count.count = count.count.saturating_add(1);
        count.count
    }
}

/// How many buckets of a kind there may be, with the one that is shared.
const fn buckets_max(kind: Kind) -> usize {
    match kind {
        Kind::Server => 1_000,
        Kind::Client => 49_000,
        Kind::Address => 50_000,
    }
}

/// The bucket for those of a kind that have no room. No hash is all ones.
const fn shared(kind: Kind) -> [u8; 32] {
    let mut id = [0xff; 32];
    id[0] = kind.byte();
    id
}

#[cfg(test)]
mod tests {
    use std::thread;

    use futures::FutureExt;

    use super::*;

    fn id(kind: Kind, number: usize) -> [u8; 32] {
        let mut id = [0; 32];
        id[0] = kind.byte();
        id[1..9].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn add(counters: &MemoryCounters, bucket: [u8; 32], ends_ms: u64, now_ms: u64) -> u32 {
        counters.add(bucket, ends_ms, now_ms).now_or_never().unwrap().unwrap()
    }

    #[test]
    fn each_bucket_is_counted_for_itself_until_it_ends() {
        let counters = MemoryCounters::default();
        let (a, b) = (id(Kind::Client, 1), id(Kind::Address, 1));
        assert_eq!([0, 1, 59_999].map(|now_ms| add(&counters, a, 60_000, now_ms)), [1, 2, 3]);
        assert_eq!(add(&counters, b, 60_000, 1), 1);
        assert_eq!(add(&counters, a, 120_000, 60_000), 1, "it has ended");
        assert_eq!(add(&counters, b, 60_000, 59_999), 2, "the other has not");
    }

    #[test]
    fn where_there_is_no_room_addresses_are_limited_together() {
        let counters = MemoryCounters::default();
        let address = |number| id(Kind::Address, number);
        for number in 0..49_999 {
            assert_eq!(add(&counters, address(number), 60_000, 0), 1);
        }
        assert_eq!(add(&counters, address(50_000), 60_000, 0), 1);
        assert_eq!(add(&counters, address(50_001), 60_000, 0), 2, "shared");
        assert_eq!(add(&counters, address(50_002), 60_000, 0), 3, "shared");
        assert_eq!(add(&counters, address(7), 60_000, 0), 2, "has its own");
        assert_eq!(add(&counters, id(Kind::Client, 7), 60_000, 0), 1, "clients have room of their own");
        let held = || counters.kinds.lock().unwrap().iter().map(|buckets| buckets.counts.len()).sum::<usize>();
        assert_eq!(held(), 50_001);
        assert_eq!(add(&counters, address(50_001), 120_000, 60_000), 1, "the others have ended");
        assert_eq!(held(), 2);
        let most: usize = Kind::ALL.map(buckets_max).iter().sum();
        assert_eq!(most, 100_000);
    }

    #[test]
    fn nothing_is_lost_when_many_count_at_once() {
        let counters = MemoryCounters::default();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).map(|_| add(&counters, id(Kind::Server, 0), 60_000, 0)).max());
            }
        });
        assert_eq!(add(&counters, id(Kind::Server, 0), 60_000, 0), 4001);
    }
}
