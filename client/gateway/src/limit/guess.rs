//! A brake on guessing secrets. Those who prove who they are with a key are never slowed: a signature can't be guessed.
//!
//! Failures are counted for a client's name at an address, and for the address. From the fifth in a row on, that client's name must wait
//! at that address: 1 s, 2 s, 4 s … up to 5 minutes, until a secret is right or an hour has passed without a failure. An address that fails
//! with many names waits likewise from the fiftieth failure on, one of which is forgiven every ten seconds. What others do at other
//! addresses never counts.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use marque_sdk::primitives::TimestampMs;
use sha2::{Digest, Sha256};

use super::{Wait, address::counted};

/// Most that is remembered of client's names at addresses, and of addresses.
const ENTRIES_MAX: usize = 50_000;
const FIRST_WAIT_MS: u64 = 1000;
const WAIT_MAX_MS: u64 = 5 * 60 * 1000;
const OF_PAIR: Patience = Patience { failures_max: 5, forgets: Forgets::AllAfter(60 * 60 * 1000) };
const OF_ADDRESS: Patience = Patience { failures_max: 50, forgets: Forgets::OneEach(10 * 1000) };

/// How many failures are borne.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// From how many on there is a wait.
    failures_max: u32,
    forgets: Forgets,
}

/// How failures are forgotten that are not followed by others, in milliseconds.
#[derive(Clone, Copy, Debug)]
enum Forgets {
    /// All of them, after that long.
    AllAfter(u64),
    /// One of them, each time that long has passed.
    OneEach(u64),
}

/// Failures that were not followed by a success.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Failures {
    count: u32,
    last_ms: TimestampMs,
}

/// Failures that this gateway has seen lately: at most 50 000 client's names at addresses, and as many addresses. Where there is no room,
/// the older half is forgotten. Several requests at once may each be tried before the first of them has failed.
#[derive(Debug, Default)]
pub struct Guesses {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pairs: Entries,
    addresses: Entries,
}

type Entries = HashMap<[u8; 32], Failures>;

impl Guesses {
    /// Whether a secret may be tried: ask before it is compared, and don't compare it if not.
    ///
    /// # Errors
    /// [`Wait`] where there were too many failures. The try does not count then.
    pub fn check(&self, client_id: &str, address: Option<IpAddr>, now_ms: TimestampMs) -> Result<(), Wait> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let [pair, address] = keys(client_id, address);
        let of_pair = state.pairs.get(&pair).map(|failures| failures.next_ms(OF_PAIR));
        let of_address = state.addresses.get(&address).map(|failures| failures.next_ms(OF_ADDRESS));
        match of_pair.max(of_address) {
            // No wait is longer: otherwise the clock was put back.
            Some(next_ms) if next_ms > now_ms && next_ms - now_ms <= WAIT_MAX_MS => Err(Wait::until(next_ms, now_ms)),
            _ => Ok(()),
        }
    }

    /// A secret was wrong, or there is no such client.
    pub fn failed(&self, client_id: &str, address: Option<IpAddr>, now_ms: TimestampMs) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let [pair, address] = keys(client_id, address);
        add(&mut state.pairs, pair, OF_PAIR, now_ms);
        add(&mut state.addresses, address, OF_ADDRESS, now_ms);
    }

    /// A secret was right. What the address failed with under other names is not forgotten.
    pub fn succeeded(&self, client_id: &str, address: Option<IpAddr>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let [pair, _] = keys(client_id, address);
        state.pairs.remove(&pair);
    }
}

impl Failures {
    /// How many still count.
    fn count_at(&self, patience: Patience, now_ms: TimestampMs) -> u32 {
        let passed_ms = now_ms.saturating_sub(self.last_ms);
        match patience.forgets {
            Forgets::AllAfter(after_ms) if passed_ms >= after_ms => 0,
            Forgets::AllAfter(_) => self.count,
            Forgets::OneEach(each_ms) => {
                self.count.saturating_sub(u32::try_from(passed_ms / each_ms).unwrap_or(u32::MAX))
            }
        }
    }

    /// With one more.
    fn and_one(&self, patience: Patience, now_ms: TimestampMs) -> Self {
        Self { count: self.count_at(patience, now_ms).saturating_add(1), last_ms: now_ms }
    }

    /// From when on there may be another try.
    fn next_ms(&self, patience: Patience) -> TimestampMs {
        let Some(over) = self.count.checked_sub(patience.failures_max) else { return 0 };
        let wait_ms = 2_u64.saturating_pow(over).saturating_mul(FIRST_WAIT_MS).min(WAIT_MAX_MS);
        self.last_ms.saturating_add(wait_ms)
    }
}

/// The keys of a client's name at an address, and of the address.
fn keys(client_id: &str, address: Option<IpAddr>) -> [[u8; 32]; 2] {
    let address = counted(address);
    // No address has more than 16 bytes: one is enough for the length.
    let of_address = Sha256::new().chain_update([address.len() as u8]).chain_update(&address);
    let of_pair = of_address.clone().chain_update(client_id);
    [of_pair.finalize().into(), of_address.finalize().into()]
}

fn add(entries: &mut Entries, key: [u8; 32], patience: Patience, now_ms: TimestampMs) {
    if entries.len() >= ENTRIES_MAX && !entries.contains_key(&key) {
        make_room(entries, patience, now_ms);
    }
    let failures = entries.entry(key).or_default();
    *failures = failures.and_one(patience, now_ms);
}

/// Forgets what does not count any more, and if that is less than half, the older half.
fn make_room(entries: &mut Entries, patience: Patience, now_ms: TimestampMs) {
    entries.retain(|_, failures| failures.count_at(patience, now_ms) > 0);
    let mut times: Vec<(TimestampMs, [u8; 32])> = entries.iter().map(|(key, one)| (one.last_ms, *key)).collect();
    if times.len() > ENTRIES_MAX / 2 {
        let excess = times.len() - ENTRIES_MAX / 2;
        times.select_nth_unstable(excess - 1);
        for (_, key) in &times[..excess] {
            entries.remove(key);
        }
    }
}

#[cfg(test)]
mod tests;
