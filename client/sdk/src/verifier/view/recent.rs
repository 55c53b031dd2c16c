//! A map that remembers what came last, and no more than so many.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, Hash, RandomState},
};

use hashbrown::HashTable;
use marque_primitives::TimestampMs;

/// An entry, with the time that it came at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) value: V,
    pub(super) at_ms: TimestampMs,
}

/// Entries in the order in which they came, found by their keys. 4 to 9 bytes for each beyond the entry itself.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    /// The oldest first. One whose key came again or was removed stays until its turn, and is not in the index.
    entries: VecDeque<Entry<K, V>>,
    /// Numbers of entries, counted since the beginning, modulo 2^32.
    index: HashTable<u32>,
    /// The number of the first entry in the list.
    first: u32,
    hasher: RandomState,
}

impl<K: Copy + Eq + Hash, V: Copy> Recent<K, V> {
    pub(super) fn new() -> Self {
        Self { entries: VecDeque::new(), index: HashTable::new(), first: 0, hasher: RandomState::new() }
    }

    /// How many there are, the replaced and the removed ones that wait for their turn included.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        let number = self.index.find(self.hasher.hash_one(key), |number| self.at(*number).key == *key)?;
        Some(self.at(*number).value)
    }

    /// Puts an entry in, as the newest one. It replaces the one with the same key.
    pub(super) fn put(&mut self, entry: Entry<K, V>) {
        self.remove(&entry.key);
        let number = self.first.wrapping_add(self.entries.len() as u32);
        self.entries.push_back(entry);
        let (entries, first, hasher) = (&self.entries, self.first, &self.hasher);
        self.index.insert_unique(hasher.hash_one(entry.key), number, |number| {
            hasher.hash_one(entries[number.wrapping_sub(first) as usize].key)
        });
    }

    pub(super) fn remove(&mut self, key: &K) {
        let (entries, first) = (&self.entries, self.first);
        let is_it = |number: &u32| entries[number.wrapping_sub(first) as usize].key == *key;
        if let Ok(found) = self.index.find_entry(self.hasher.hash_one(key), is_it) {
            found.remove();
        }
    }

    /// The oldest entry, replaced and removed ones included.
    pub(super) fn oldest(&self) -> Option<&Entry<K, V>> {
        self.entries.front()
    }

    /// Takes the oldest entry out. `None` if there is none, or if it was replaced or removed before.
    pub(super) fn pop(&mut self) -> Option<Entry<K, V>> {
        let entry = *self.entries.front()?;
        let (hash, oldest) = (self.hasher.hash_one(entry.key), self.first);
        let is_known = self.index.find_entry(hash, |number| *number == oldest).map(|found| found.remove()).is_ok();
        self.entries.pop_front();
        self.first = self.first.wrapping_add(1);
        is_known.then_some(entry)
    }

    fn at(&self, number: u32) -> &Entry<K, V> {
        &self.entries[number.wrapping_sub(self.first) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Put(u8, u8),
        Remove(u8),
        Pop,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0u8..8, any::<u8>()).prop_map(|(key, value)| Step::Put(key, value)),
            (0u8..8).prop_map(Step::Remove),
            Just(Step::Pop),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_map_whose_oldest_entries_go(steps in proptest::collection::vec(step(), 0..200), first: u32) {
            let mut recent = Recent::new();
            recent.first = first;
            let mut model: Vec<(u8, u8)> = Vec::new();
            for (at_ms, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Put(key, value) => {
                        model.retain(|(other, _)| *other != key);
                        model.push((key, value));
                        recent.put(Entry { key, value, at_ms: at_ms as u64 });
                    }
                    Step::Remove(key) => {
                        model.retain(|(other, _)| *other != key);
                        recent.remove(&key);
                    }
                    Step::Pop => {
                        if let Some(popped) = recent.pop() {
                            prop_assert_eq!((popped.key, popped.value), model.remove(0));
                        }
                    }
                }
                let expected: HashMap<u8, u8> = model.iter().copied().collect();
                for key in 0..8 {
                    prop_assert_eq!(recent.get(&key), expected.get(&key).copied());
                }
            }
        }
    }
}
