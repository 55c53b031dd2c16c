//! Which tokens are revoked: one by one, or all that a device got before some time.

use std::collections::HashMap;

use marque_primitives::{DeviceId, Hash, TimestampMs, access::IssuerId, bounds};

use super::recent::{Entry, Recent};

/// What the chain says of revoked tokens, for as long as it matters.
///
/// A revocation matters for [`bounds::TOKEN_LIFETIME_MAX_MS`] and a little more: tokens that were issued before it have expired then. What was
/// revoked before this view began is not known from events, and has to be asked for, token by token, for so long.
#[derive(Debug)]
pub(super) struct Revocations {
    revoked: Recent<(IssuerId, Hash), ()>,
    /// Tokens of which the chain said that they are not revoked, and no event since said otherwise.
    cleared: Recent<(IssuerId, Hash), ()>,
    tokens_gap: Gap,
    before: Recent<(IssuerId, DeviceId), TimestampMs>,
    before_gap: Gap,
    /// How long a revocation matters.
    retention_ms: TimestampMs,
    entries_max: usize,
}

/// The time up to which what was revoked is not known.
#[derive(Debug)]
struct Gap {
    /// `None` when all since the contract's beginning is known.
    start_ms: Option<TimestampMs>,
    /// Of authorization servers whose revocations had to make room.
    forgotten_ms: HashMap<IssuerId, TimestampMs>,
}

impl Gap {
    fn new(start_ms: Option<TimestampMs>) -> Self {
        Self { start_ms, forgotten_ms: HashMap::new() }
    }

    fn until_ms(&self, issuer: IssuerId) -> Option<TimestampMs> {
        self.start_ms.max(self.forgotten_ms.get(&issuer).copied())
    }

    fn forget(&mut self, issuer: IssuerId, at_ms: TimestampMs) {
        let until_ms = self.forgotten_ms.entry(issuer).or_default();
        *until_ms = at_ms.max(*until_ms);
    }
}

impl Revocations {
    /// `unknown_until_ms`: the time up to which revocations are unknown; `None` when none are.
    /// `entries_max`: how many entries each of the three lists has at most.
    pub(super) fn new(unknown_until_ms: Option<TimestampMs>, skew_max_ms: TimestampMs, entries_max: usize) -> Self {
        Self {
            revoked: Recent::new(),
            cleared: Recent::new(),
            tokens_gap: Gap::new(unknown_until_ms),
            before: Recent::new(),
            before_gap: Gap::new(unknown_until_ms),
            // The chain takes revocations of tokens that were issued, and will be taken, by clocks that differ from its own; the
            // verifier takes tokens for a while after they expired, and its own clock may be behind.
            retention_ms: (bounds::TOKEN_LIFETIME_MAX_MS + 2 * bounds::CLOCK_SKEW_MAX_MS)
                .saturating_add(skew_max_ms.saturating_mul(2)),
            entries_max: entries_max.max(1),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Whether a token is revoked; `None` when that is not known. `now_ms` is the view's time.
    pub(super) fn is_revoked(&self, issuer: IssuerId, token: &Hash, now_ms: TimestampMs) -> Option<bool> {
        let key = (issuer, *token);
        if self.revoked.get(&key).is_some() {
            return Some(true);
        }
        let is_past = |until_ms: TimestampMs| until_ms.saturating_add(self.retention_ms) <= now_ms;
        let is_known = self.tokens_gap.until_ms(issuer).is_none_or(is_past) || self.cleared.get(&key).is_some();
        is_known.then_some(false)
    }

    /// Before which time the tokens of a device are revoked, as far as it matters for one issued at `issued_ms`; `None` when that
    /// is not known.
    pub(super) fn tokens_before_ms(
        &self,
        issuer: IssuerId,
        device: &DeviceId,
        issued_ms: TimestampMs,
    ) -> Option<TimestampMs> {
        // Such a time is hardly ahead of the block that it is set in: what is not known is hardly later than the gap.
        let is_past = |until_ms: TimestampMs| until_ms.saturating_add(bounds::CLOCK_SKEW_MAX_MS) <= issued_ms;
        let is_after_gap = || self.before_gap.until_ms(issuer).is_none_or(is_past);
        self.before.get(&(issuer, *device)).or_else(|| is_after_gap().then_some(0))
    }

    pub(super) fn revoke(&mut self, issuer: IssuerId, token: Hash, at_ms: TimestampMs) {
        self.cleared.remove(&(issuer, token));
        self.revoked.put(Entry { key: (issuer, token), value: (), at_ms });
        if self.revoked.len() > self.entries_max
            && let Some(entry) = self.revoked.pop()
        {
            self.tokens_gap.forget(entry.key.0, entry.at_ms);
        }
    }

    /// Notes that the chain says that a token is not revoked.
    pub(super) fn clear(&mut self, issuer: IssuerId, token: Hash, at_ms: TimestampMs) {
        self.cleared.put(Entry { key: (issuer, token), value: (), at_ms });
        if self.cleared.len() > self.entries_max {
            self.cleared.pop();
        }
    }

    pub(super) fn revoke_before(
        &mut self,
        issuer: IssuerId,
        device: DeviceId,
        before_ms: TimestampMs,
        at_ms: TimestampMs,
    ) {
        self.before.put(Entry { key: (issuer, device), value: before_ms, at_ms });
        if self.before.len() > self.entries_max
            && let Some(entry) = self.before.pop()
        {
            self.before_gap.forget(entry.key.0, entry.at_ms);
        }
    }

    /// Drops what no longer matters at the view's time.
    pub(super) fn expire(&mut self, now_ms: TimestampMs) {
        let retention_ms = self.retention_ms;
        let is_over = |at_ms: TimestampMs| at_ms.saturating_add(retention_ms) <= now_ms;
        while self.revoked.oldest().is_some_and(|entry| is_over(entry.at_ms)) {
            self.revoked.pop();
        }
        while self.cleared.oldest().is_some_and(|entry| is_over(entry.at_ms)) {
            self.cleared.pop();
        }
        while self.before.oldest().is_some_and(|entry| is_over(entry.at_ms)) {
            self.before.pop();
        }
        for gap in [&mut self.tokens_gap, &mut self.before_gap] {
            gap.forgotten_ms.retain(|_, until_ms| !is_over(*until_ms));
        }
    }
}
