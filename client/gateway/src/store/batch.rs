//! What becomes of steps that are taken together, and what is to be written then: decided without the database.

use std::collections::{BTreeMap, HashMap};

use marque_sdk::primitives::TimestampMs;

use super::{Change, Kind, Outcome, Step, StoreError, chain::Tail, unsigned};

/// What the first of the steps finds.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) tail: Tail,
    pub(super) revision: u64,
    /// Of the ids that the steps use, those that were used before, and until when that is to be remembered.
    pub(super) used: HashMap<[u8; 32], TimestampMs>,
}

/// Ids and until when they are to be remembered, as the databases have them.
pub(super) fn read_used(rows: Vec<(Vec<u8>, i64)>) -> Result<HashMap<[u8; 32], TimestampMs>, StoreError> {
    let used = |(id, expires_ms): (Vec<u8>, i64)| {
        Ok((id.try_into().map_err(|_| StoreError::OutOfRange)?, unsigned(expires_ms)?))
    };
    rows.into_iter().map(used).collect()
}

/// What is to be written, all of it or nothing. Every key is there once.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) uses: BTreeMap<[u8; 32], TimestampMs>,
    pub(super) revoked_tokens: BTreeMap<[u8; 32], TimestampMs>,
    /// What documents say from now on; `None` of one that goes.
    pub(super) documents: BTreeMap<(Kind, &'a str), Option<&'a str>>,
    /// The entries of the log, in order.
    pub(super) entries: Vec<NewEntry<'a>>,
    /// How often the documents were changed, if these steps change them.
    pub(super) revision: Option<u64>,
}

/// An entry that is to be written at the end of the log.
#[derive(Debug)]
pub(super) struct NewEntry<'a> {
    pub(super) number: u64,
    pub(super) published_ms: TimestampMs,
    pub(super) body: &'a str,
    pub(super) hash: [u8; 32],
}

/// Takes steps one after the other.
pub(super) fn decide(steps: &[Step], mut found: Found) -> Result<Batch<'_>, StoreError> {
    let mut batch = Batch::default();
    for step in steps {
        let outcome = batch.take(step, &mut found)?;
        batch.outcomes.push(outcome);
    }
    Ok(batch)
}

impl<'a> Batch<'a> {
    fn take(&mut self, step: &'a Step, found: &mut Found) -> Result<Outcome, StoreError> {
        if step.revision.is_some_and(|revision| revision != found.revision) {
            return Ok(Outcome::Outdated);
        }
        if let Some(place) = used_before(step, &found.used) {
            return Ok(Outcome::UsedBefore { place });
        }
        for used in &step.uses {
            found.used.insert(used.id, used.expires_ms);
            self.uses.insert(used.id, used.expires_ms);
        }
        for token in &step.revoked_tokens {
            let expires_ms = self.revoked_tokens.entry(token.id).or_default();
            *expires_ms = token.expires_ms.max(*expires_ms);
        }
        if !step.changes.is_empty() {
            self.change(&step.changes);
            found.revision = found.revision.checked_add(1).ok_or(StoreError::OutOfRange)?;
            self.revision = Some(found.revision);
        }
        found.tail = found.tail.after(step.now_ms, &step.event)?;
        let Tail { number, hash } = found.tail;
        self.entries.push(NewEntry { number, published_ms: step.now_ms, body: &step.event, hash });
        Ok(Outcome::Done { revision: found.revision })
    }

    fn change(&mut self, changes: &'a [Change]) {
        for change in changes {
            match change {
                Change::Put(document) => {
                    self.documents.insert((document.kind, &document.id), Some(&document.body));
                }
                Change::Remove { kind, id } => {
                    self.documents.insert((*kind, id), None);
                }
            }
        }
    }
}

/// The first place of what was used before, and not so long ago that it may be forgotten.
fn used_before(step: &Step, used: &HashMap<[u8; 32], TimestampMs>) -> Option<usize> {
    step.uses.iter().enumerate().position(|(place, new)| {
        let is_known = used.get(&new.id).is_some_and(|expires_ms| *expires_ms > step.now_ms);
        is_known || step.uses[..place].iter().any(|earlier| earlier.id == new.id)
    })
}
