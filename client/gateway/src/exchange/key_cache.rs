//! When the keys of an issuer are fetched again, and how long those that were fetched count. Pure: the time is an argument.

use std::sync::Arc;

use marque_sdk::{token::JwkSet, verifier::Moment};

use super::KeySourceError;

/// How long keys count without another look.
const FRESH_MS: u64 = 5 * 60 * 1000;
/// How long keys count while no newer ones can be had.
pub(super) const STALE_MAX_MS: u64 = 60 * 60 * 1000;
/// How long after a fetch an unknown key is not looked for again: anybody can name one.
const UNKNOWN_KEY_PAUSE_MS: u64 = 60 * 1000;
/// How long after a fetch that failed the source is left alone.
const FAILURE_PAUSE_MS: u64 = 10 * 1000;

/// The keys of one source.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyCache {
    kept: Option<(Arc<JwkSet>, Moment)>,
    fetched: Option<Moment>,
    failure: Option<KeySourceError>,
}

impl KeyCache {
    /// Whether the source should be asked before this key is used.
    pub(super) fn must_fetch(&self, key_id: &str, now: &Moment) -> bool {
        let since_fetch = self.fetched.map_or(u64::MAX, |fetched| now.since(&fetched));
        match &self.kept {
            Some((keys, kept)) if now.since(kept) < FRESH_MS => {
                keys.key(key_id).is_none() && since_fetch >= UNKNOWN_KEY_PAUSE_MS
            }
            _ if self.failure.is_some() => since_fetch >= FAILURE_PAUSE_MS,
            _ => true,
        }
    }

    /// Notes what came of a fetch that began at this moment: what it brought is as old as that.
    pub(super) fn note(&mut self, fetched: Result<JwkSet, KeySourceError>, began: Moment) {
        self.fetched = Some(began);
        self.failure = fetched.as_ref().err().copied();
        if let Ok(keys) = fetched {
            self.kept = Some((Arc::new(keys), began));
        }
    }

    /// The keys, if they still count.
    ///
    /// # Errors
    /// Why there are no newer ones.
    pub(super) fn answer(&self, now: &Moment) -> Result<Arc<JwkSet>, KeySourceError> {
        match &self.kept {
            Some((keys, kept)) if now.since(kept) < STALE_MAX_MS => Ok(keys.clone()),
            _ => Err(self.failure.unwrap_or(KeySourceError::Unreachable)),
        }
    }

    /// Whether nothing in it counts any more.
    pub(super) fn is_spent(&self, now: &Moment) -> bool {
        self.answer(now).is_err() && self.fetched.is_none_or(|fetched| now.since(&fetched) >= STALE_MAX_MS)
    }
}

#[cfg(test)]
mod tests {
    use marque_sdk::{
        Account, Seed, Signer,
        token::{Jwk, PublishedKey, VerificationKey},
    };

    use super::*;

    const fn at(ms: u64) -> Moment {
        Moment { wall_ms: 1_800_000_000_000 + ms, uptime_ms: ms }
    }

    fn keys(key_id: &str) -> JwkSet {
        let key = Jwk::from_public_key(&Account::ed25519(&Seed::from_bytes(&[1; 32].into())).public_key()).unwrap();
        JwkSet { keys: vec![PublishedKey { key_id: key_id.into(), key: VerificationKey::new(key).unwrap() }] }
    }

    fn kept() -> KeyCache {
        let mut cache = KeyCache::default();
        cache.note(Ok(keys("a")), at(0));
        cache
    }

    #[test]
    fn keys_are_fetched_first_and_when_they_are_old() {
        assert!(KeyCache::default().must_fetch("a", &at(0)));
        assert!(!kept().must_fetch("a", &at(FRESH_MS - 1)));
        assert!(kept().must_fetch("a", &at(FRESH_MS)));
    }

    #[test]
    fn an_unknown_key_is_looked_for_once_a_minute() {
        let mut cache = kept();
        assert!(!cache.must_fetch("b", &at(UNKNOWN_KEY_PAUSE_MS - 1)));
        assert!(cache.must_fetch("b", &at(UNKNOWN_KEY_PAUSE_MS)));
        cache.note(Err(KeySourceError::Unreachable), at(UNKNOWN_KEY_PAUSE_MS));
        assert!(!cache.must_fetch("b", &at(2 * UNKNOWN_KEY_PAUSE_MS - 1)), "a failure counts as one look");
        assert!(cache.must_fetch("b", &at(2 * UNKNOWN_KEY_PAUSE_MS)));
    }

    #[test]
    fn keys_outlive_their_source_for_an_hour() {
        let mut cache = kept();
        cache.note(Err(KeySourceError::NotKeys), at(FRESH_MS));
        assert!(!cache.must_fetch("a", &at(FRESH_MS + FAILURE_PAUSE_MS - 1)), "the source is left alone");
        assert!(cache.must_fetch("a", &at(FRESH_MS + FAILURE_PAUSE_MS)));
        assert_eq!(cache.answer(&at(STALE_MAX_MS - 1)).as_deref(), Ok(&keys("a")));
        assert_eq!(cache.answer(&at(STALE_MAX_MS)), Err(KeySourceError::NotKeys));
        cache.note(Ok(keys("b")), at(STALE_MAX_MS));
        assert_eq!(cache.answer(&at(STALE_MAX_MS)).as_deref(), Ok(&keys("b")));
    }

    #[test]
    fn what_counts_or_was_just_tried_is_not_forgotten() {
        assert!(KeyCache::default().is_spent(&at(0)));
        assert!(!kept().is_spent(&at(STALE_MAX_MS - 1)));
        assert!(kept().is_spent(&at(STALE_MAX_MS)));
        let mut failed = KeyCache::default();
        failed.note(Err(KeySourceError::Unreachable), at(0));
        assert!(!failed.is_spent(&at(1)));
    }
}
