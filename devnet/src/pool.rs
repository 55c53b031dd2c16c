//! Transactions that wait for a block.
//!
//! A transaction *provides* tags and *requires* tags (of an account's nonces, in this runtime). It is ready when each
//! tag that it requires is provided by a ready transaction; one that requires none, by the chain itself. Others
//! wait as future ones. This is a pure state machine: who validates and who is told is the caller's business.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use sp_core::H256;
use sp_runtime::OpaqueExtrinsic;

/// Names what a transaction provides or requires.
pub(crate) type Tag = Vec<u8>;

/// A validated transaction.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) hash: H256,
    pub(crate) extrinsic: OpaqueExtrinsic,
    pub(crate) length_bytes: usize,
    pub(crate) priority: u64,
    pub(crate) requires: Vec<Tag>,
    pub(crate) provides: Vec<Tag>,
    /// The last height at which it is worth keeping.
    pub(crate) valid_till: u64,
}

/// A bound on one of the two queues.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    pub(crate) count_max: usize,
    pub(crate) bytes_max: usize,
}

/// The bounds of the pool: those of the node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) ready: Quota,
    pub(crate) future: Quota,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ready: Quota { count_max: 8192, bytes_max: 20 * 1024 * 1024 },
            future: Quota { count_max: 819, bytes_max: 2 * 1024 * 1024 },
        }
    }
}

/// What happened to a transaction in the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// It waits for another one.
    Future(H256),
    /// It may be included now.
    Ready(H256),
    /// Another one took its place.
    Usurped(H256, H256),
    /// It was put out for lack of room.
    Dropped(H256),
    /// It cannot be included any more.
    Invalid(H256),
}

/// Why a transaction was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is in the pool already.
    AlreadyImported(H256),
    /// It would replace one of the same or a higher priority.
    TooLowPriority {
        /// Priority of what it would replace.
        old: u64,
        /// Its own priority.
        new: u64,
    },
    /// The pool is full of better ones.
    ImmediatelyDropped,
    /// It provides nothing to know it by.
    NoTags,
}

#[derive(Debug)]
struct Entry {
    transaction: Transaction,
    /// Order of arrival.
    sequence: u64,
    /// Required tags that no ready transaction provides. Ready when empty.
    missing: BTreeSet<Tag>,
}

impl Entry {
    fn is_ready(&self) -> bool {
        self.missing.is_empty()
    }
}

/// The pool.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    limits: Limits,
    entries: HashMap<H256, Entry>,
    /// Who provides a tag. At most one: later ones replace or are refused.
    providers: HashMap<Tag, H256>,
    ready: Usage,
    future: Usage,
    arrivals: u64,
}

/// How much of a quota is taken.
#[derive(Debug, Clone, Copy, Default)]
struct Usage {
    count: usize,
    bytes: usize,
}

impl Usage {
    fn add(&mut self, entry: &Entry) {
        self.count += 1;
        self.bytes += entry.transaction.length_bytes;
    }

    fn remove(&mut self, entry: &Entry) {
        self.count -= 1;
        self.bytes -= entry.transaction.length_bytes;
    }

    fn exceeds(&self, quota: Quota) -> bool {
        self.count > quota.count_max || self.bytes > quota.bytes_max
    }
}

impl Pool {
    /// A pool with these bounds.
    #[cfg(test)]
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Whether the transaction waits here.
    pub(crate) fn contains(&self, hash: &H256) -> bool {
        self.entries.contains_key(hash)
    }

    /// Whether anything could go into a block now.
    pub(crate) fn has_ready(&self) -> bool {
        self.ready.count > 0
    }

    /// Whether a ready transaction provides `tag`.
    pub(crate) fn provides_ready(&self, tag: &Tag) -> bool {
        let provider = self.providers.get(tag).and_then(|hash| self.entries.get(hash));
        provider.is_some_and(Entry::is_ready)
    }

    /// Takes a transaction in, or says why not. Either way `events` tells what became of it and of others.
    pub(crate) fn submit(&mut self, transaction: Transaction, events: &mut Vec<Event>) -> Result<(), Refusal> {
        let hash = transaction.hash;
        if self.contains(&hash) {
            return Err(Refusal::AlreadyImported(hash));
        }
        if transaction.provides.is_empty() {
            return Err(Refusal::NoTags);
        }
        self.replace(&transaction, events)?;
        let missing: BTreeSet<Tag> =
            transaction.requires.iter().filter(|tag| !self.provides_ready(tag)).cloned().collect();
        let ready = missing.is_empty();
        for tag in &transaction.provides {
            self.providers.insert(tag.clone(), hash);
        }
        self.arrivals += 1;
        let entry = Entry { transaction, sequence: self.arrivals, missing };
        if ready {
            self.ready.add(&entry)
        } else {
            self.future.add(&entry)
        }
        self.entries.insert(hash, entry);
        if ready {
            events.push(Event::Ready(hash));
            self.promote_after(hash, events);
        } else {
            events.push(Event::Future(hash));
        }
        self.enforce(events);
        if self.contains(&hash) { Ok(()) } else { Err(Refusal::ImmediatelyDropped) }
    }

    /// The ready transactions in the order in which a block should try them: what a transaction requires comes before
    /// it; otherwise the higher priority first, then the earlier arrival.
    pub(crate) fn ready(&self) -> Vec<&Transaction> {
        let mut unmet: HashMap<H256, usize> = HashMap::new();
        let mut unlocks: HashMap<&Tag, Vec<&Entry>> = HashMap::new();
        let mut heap = BinaryHeap::new();
        for entry in self.entries.values().filter(|entry| entry.is_ready()) {
            let waits_for: BTreeSet<&Tag> =
                entry.transaction.requires.iter().filter(|tag| self.providers.contains_key(*tag)).collect();
            for &tag in &waits_for {
                unlocks.entry(tag).or_default().push(entry);
            }
            if waits_for.is_empty() {
                heap.push(rank(entry));
            } else {
                unmet.insert(entry.transaction.hash, waits_for.len());
            }
        }
        let mut order = Vec::new();
        while let Some((_, _, hash)) = heap.pop() {
            let Some(entry) = self.entries.get(&hash) else {
                continue;
            };
            order.push(&entry.transaction);
            for tag in &entry.transaction.provides {
                for unlocked in unlocks.get(tag).into_iter().flatten() {
                    let Some(count) = unmet.get_mut(&unlocked.transaction.hash) else {
                        continue;
                    };
                    *count -= 1;
                    if *count == 0 {
                        heap.push(rank(unlocked));
                    }
                }
            }
        }
        order
    }

    /// Takes out what a block included. What depends on it stays, now provided by the chain.
    pub(crate) fn included(&mut self, hashes: &[H256]) {
        for hash in hashes {
            self.take(*hash);
        }
    }

    /// Takes out a transaction that proved invalid, and all that depends on it.
    pub(crate) fn invalid(&mut self, hash: H256, events: &mut Vec<Event>) {
        for removed in self.take_subtree(hash) {
            events.push(Event::Invalid(removed));
        }
    }

    /// Takes out what has outlived its era at `height`, and all that depends on it.
    pub(crate) fn expire(&mut self, height: u64, events: &mut Vec<Event>) {
        let expired: Vec<H256> = self
            .entries
            .values()
            .filter(|entry| entry.transaction.valid_till < height)
            .map(|entry| entry.transaction.hash)
            .collect();
        for hash in expired {
            self.invalid(hash, events);
        }
    }

    /// Makes room among equals: puts out what provides the same tags, if the newcomer outranks it.
    fn replace(&mut self, newcomer: &Transaction, events: &mut Vec<Event>) -> Result<(), Refusal> {
        let rivals: BTreeSet<H256> =
            newcomer.provides.iter().filter_map(|tag| self.providers.get(tag)).copied().collect();
        if rivals.is_empty() {
            return Ok(());
        }
        let old = rivals
            .iter()
            .filter_map(|hash| self.entries.get(hash))
            .fold(0u64, |sum, entry| sum.saturating_add(entry.transaction.priority));
        if newcomer.priority <= old {
            return Err(Refusal::TooLowPriority { old, new: newcomer.priority });
        }
        let kept: HashSet<&Tag> = newcomer.provides.iter().collect();
        for rival in rivals {
            let Some(entry) = self.take(rival) else {
                continue;
            };
            events.push(Event::Usurped(rival, newcomer.hash));
            for tag in entry.transaction.provides.iter().filter(|tag| !kept.contains(tag)) {
                for orphan in self.dependents(tag) {
                    for removed in self.take_subtree(orphan) {
                        events.push(Event::Dropped(removed));
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes ready what waited for `hash`, and what waited for that, and so on.
    fn promote_after(&mut self, hash: H256, events: &mut Vec<Event>) {
        if self.future.count == 0 {
            return;
        }
        let mut waiting: HashMap<Tag, Vec<H256>> = HashMap::new();
        for entry in self.entries.values() {
            for tag in &entry.missing {
                waiting.entry(tag.clone()).or_default().push(entry.transaction.hash);
            }
        }
        let mut fresh = vec![hash];
        while let Some(hash) = fresh.pop() {
            let provides = self.entries.get(&hash).map_or(Vec::new(), |e| e.transaction.provides.clone());
            for tag in &provides {
                for waiter in waiting.remove(tag).into_iter().flatten() {
                    let Some(entry) = self.entries.get_mut(&waiter) else {
                        continue;
                    };
                    entry.missing.remove(tag);
                    if entry.is_ready() {
                        self.future.remove(entry);
                        self.ready.add(entry);
                        events.push(Event::Ready(waiter));
                        fresh.push(waiter);
                    }
                }
            }
        }
    }

    /// Puts out the least wanted until both queues are within their bounds.
    fn enforce(&mut self, events: &mut Vec<Event>) {
        loop {
            let ready = if self.ready.exceeds(self.limits.ready) {
                true
            } else if self.future.exceeds(self.limits.future) {
                false
            } else {
                return;
            };
            let queue = self.entries.values().filter(|entry| entry.is_ready() == ready);
            let Some((_, _, worst)) = queue.map(rank).min() else {
                return;
            };
            for removed in self.take_subtree(worst) {
                events.push(Event::Dropped(removed));
            }
        }
    }

    fn dependents(&self, tag: &Tag) -> Vec<H256> {
        let entries = self.entries.values().map(|entry| &entry.transaction);
        entries.filter(|t| t.requires.contains(tag)).map(|t| t.hash).collect()
    }

    fn take(&mut self, hash: H256) -> Option<Entry> {
        let entry = self.entries.remove(&hash)?;
        if entry.is_ready() {
            self.ready.remove(&entry)
        } else {
            self.future.remove(&entry)
        }
        for tag in &entry.transaction.provides {
            if self.providers.get(tag) == Some(&hash) {
                self.providers.remove(tag);
            }
        }
        Some(entry)
    }

    /// Takes out a transaction and all that requires what it provides.
    fn take_subtree(&mut self, hash: H256) -> Vec<H256> {
        let mut by_requirement: HashMap<Tag, Vec<H256>> = HashMap::new();
        for entry in self.entries.values() {
            for tag in &entry.transaction.requires {
                by_requirement.entry(tag.clone()).or_default().push(entry.transaction.hash);
            }
        }
        let mut removed = Vec::new();
        let mut doomed = vec![hash];
        while let Some(hash) = doomed.pop() {
            let Some(entry) = self.take(hash) else {
                continue;
            };
            removed.push(hash);
            for tag in &entry.transaction.provides {
                doomed.extend(by_requirement.remove(tag).into_iter().flatten());
            }
        }
        removed
    }
}

/// Greater is more wanted.
fn rank(entry: &Entry) -> (u64, Reverse<u64>, H256) {
    (entry.transaction.priority, Reverse(entry.sequence), entry.transaction.hash)
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
