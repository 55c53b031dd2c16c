//! Authorization servers, with their keys decoded, and whom they trust.

use std::collections::HashMap;

use marque_primitives::{
    TimestampMs,
    access::{AccessChange, Issuer, IssuerId, IssuerKeyId, Trust},
};

use crate::verifier::signatures::SigningKey;

/// Authorization servers, and as many trusts, that are kept at most: some megabytes. When there are more, all are forgotten, and
/// those that are needed are read again.
const ISSUERS_MAX: usize = 1024;

/// What is known of authorization servers.
#[derive(Debug)]
pub(super) struct Issuers {
    /// The number that the next one gets: there is none from here on.
    next: IssuerId,
    known: HashMap<IssuerId, Option<KnownIssuer>>,
    trusts: HashMap<(IssuerId, IssuerId), Option<Trust>>,
}

/// An authorization server whose keys are decoded once.
#[derive(Debug)]
pub(super) struct KnownIssuer {
    pub(super) record: Issuer,
    keys: Vec<(IssuerKeyId, SigningKey)>,
}

impl KnownIssuer {
    fn new(record: Issuer) -> Self {
        let keys = record.keys.iter().map(|key| (key.id, SigningKey::of(&key.public_key))).collect();
        Self { record, keys }
    }

    pub(super) fn signing_key(&self, id: IssuerKeyId) -> &SigningKey {
        let found = self.keys.iter().find(|(other, _)| *other == id);
        found.map_or(&SigningKey::Unusable, |(_, key)| key)
    }
}

impl Issuers {
    pub(super) fn new(next: IssuerId) -> Self {
        Self { next, known: HashMap::new(), trusts: HashMap::new() }
    }

    /// `Some(None)` when there is none, `None` when that is not known.
    pub(super) fn get(&self, issuer: IssuerId) -> Option<Option<&KnownIssuer>> {
        if issuer >= self.next {
            return Some(None);
        }
        self.known.get(&issuer).map(Option::as_ref)
    }

    /// `Some(None)` when there is none, `None` when that is not known.
    pub(super) fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Option<&Trust>> {
        self.trusts.get(&(by, of)).map(Option::as_ref)
    }

    pub(super) fn put(&mut self, issuer: IssuerId, record: Option<Issuer>) {
        make_room(&mut self.known);
        self.known.insert(issuer, record.map(KnownIssuer::new));
    }

    pub(super) fn put_trust(&mut self, by: IssuerId, of: IssuerId, trust: Option<Trust>) {
        make_room(&mut self.trusts);
        self.trusts.insert((by, of), trust);
    }

    /// Changes what is known. What is not known stays so, unless the change says all of it.
    pub(super) fn change(&mut self, issuer: IssuerId, change: &AccessChange, at_ms: TimestampMs) {
        match change {
            AccessChange::Registered { .. } => {
                self.next = self.next.max(issuer.saturating_add(1));
                self.put(issuer, Issuer::evolve(None, change, at_ms));
            }
            AccessChange::TrustSet { issuer: of, trust } => self.put_trust(issuer, *of, Some(trust.clone())),
            AccessChange::TrustRemoved { issuer: of } => self.put_trust(issuer, *of, None),
            _ => {
                if let Some(known) = self.known.get_mut(&issuer) {
                    let record = known.take().map(|known| known.record);
                    *known = Issuer::evolve(record, change, at_ms).map(KnownIssuer::new);
                }
            }
        }
    }
}

fn make_room<K, V>(known: &mut HashMap<K, V>) {
    if known.len() >= ISSUERS_MAX {
        known.clear();
    }
}
