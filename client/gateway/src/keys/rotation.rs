//! When which key signs: what is to be done with the keys of an authorization server now. Pure.
//!
//! There is a next key at all times: it is made as soon as the one before begins to sign, so that whoever keeps the published keys knows
//! it long before, even when the one that signs is given up at once. Nothing but its own end stops a key before the next one can follow:
//! where the chain can't be written for a while, keys sign longer.

use marque_sdk::primitives::{TimestampMs, access::Issuer, bounds};

use super::document::{KeyDocument, KeyStatus};

/// How long the published keys may be kept by who reads them, in milliseconds: 5 minutes.
pub const JWKS_CACHE_MS: u64 = 5 * 60 * 1000;
/// The least time for which a key is published before it signs, unless another was compromised.
pub const PUBLISH_AHEAD_MIN_MS: u64 = 2 * JWKS_CACHE_MS;
/// The most by which clocks may differ, in milliseconds: 10 minutes. Keys are on the chain for as much longer on both sides.
pub(crate) const SKEW_MAX_MS: u64 = 10 * 60 * 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How often keys follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// For how long a key signs, in milliseconds. 90 days is usual.
    pub period_ms: u64,
    /// For how long it is published before, at least. 14 days is usual. A key may sign for as much longer when the next one is late.
    pub publish_ahead_ms: u64,
    /// How far clocks may differ. A gateway whose clients' clocks may differ by more takes that.
    pub skew_max_ms: u64,
}

/// Why keys can't follow each other so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The windows on the chain would not cover what keys sign.
    #[error("clocks may differ by {SKEW_MAX_MS} ms at most: set them")]
    SkewTooLarge,
    /// Those who keep the published keys would not know a key when it begins to sign.
    #[error("a key must be published at least {PUBLISH_AHEAD_MIN_MS} ms before it signs")]
    PublishedTooLate,
    /// More than two keys would be published at once, beside the next one.
    #[error("a key must sign for longer than it is published ahead, and than a token lives")]
    PeriodTooShort,
    /// The chain does not take windows of this length.
    #[error("twice the period and the time that keys are published ahead must not exceed 730 days")]
    PeriodTooLong,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { period_ms: 90 * DAY_MS, publish_ahead_ms: 14 * DAY_MS, skew_max_ms: bounds::CLOCK_SKEW_MAX_MS }
    }
}

impl Schedule {
    /// Whether keys can follow each other so.
    ///
    /// # Errors
    /// [`ScheduleError::SkewTooLarge`], [`ScheduleError::PublishedTooLate`], [`ScheduleError::PeriodTooShort`],
    /// [`ScheduleError::PeriodTooLong`], in this order.
    pub fn validate(&self) -> Result<(), ScheduleError> {
        if self.skew_max_ms > SKEW_MAX_MS {
            return Err(ScheduleError::SkewTooLarge);
        }
        if self.publish_ahead_ms < PUBLISH_AHEAD_MIN_MS {
            return Err(ScheduleError::PublishedTooLate);
        }
        if self.period_ms <= self.publish_ahead_ms || self.period_ms <= self.retirement_ms(0) {
            return Err(ScheduleError::PeriodTooShort);
        }
        // A key waits for up to a period and the time ahead, and signs for up to as long.
        let window_ms = self.latest_end_ms(self.latest_end_ms(0)).saturating_add(2 * SKEW_MAX_MS);
        if window_ms > bounds::ISSUER_KEY_LIFETIME_MAX_MS {
            return Err(ScheduleError::PeriodTooLong);
        }
        Ok(())
    }

    /// When a key that begins to sign at a time must have stopped. It does so earlier, unless the next one is late.
    pub(crate) const fn latest_end_ms(&self, activates_ms: TimestampMs) -> TimestampMs {
        activates_ms.saturating_add(self.period_ms).saturating_add(self.publish_ahead_ms)
    }

    /// From when on no token is good that was signed before a time. Tokens may be dated ahead, and taken after they have expired, both as
    /// far as clocks differ.
    pub(crate) const fn retirement_ms(&self, expires_ms: TimestampMs) -> TimestampMs {
        let skew_ms = self.skew_max_ms.saturating_mul(2);
        expires_ms.saturating_add(bounds::TOKEN_LIFETIME_MAX_MS).saturating_add(skew_ms)
    }

    /// When the next key is to follow one that signs.
    fn succession_ms(&self, active: &KeyDocument) -> TimestampMs {
        let planned_ms = active.activates_ms.saturating_add(self.period_ms);
        planned_ms.min(active.expires_ms.saturating_sub(self.publish_ahead_ms))
    }
}

/// What is to be done with a key. Keys are named by their thumbprints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Make a key that is to sign from a time on.
    Create {
        /// The time.
        activates_ms: TimestampMs,
    },
    /// Put a new key on the chain, if it belongs there, and then publish it.
    Publish(String),
    /// Let a key sign no more.
    Expire(String),
    /// Let a key sign.
    Activate(String),
    /// Revoke a key on the chain, if it is there, and then forget it.
    Remove(String),
}

/// What is to be done now with the keys of an authorization server, in this order. When it is done there may be more to do. What expires
/// and what is activated belongs together: it must be done at once.
pub fn plan(keys: &[KeyDocument], schedule: &Schedule, now_ms: TimestampMs) -> Vec<Action> {
    let usable = |status| keys.iter().filter(move |key| key.status == status && now_ms < key.expires_ms);
    let active = usable(KeyStatus::Active).max_by_key(|key| (key.activates_ms, &key.thumbprint));
    let next = usable(KeyStatus::Next).min_by_key(|key| (key.created_ms, &key.thumbprint));
    let begins = next.filter(|next| active.is_none() || next.activates_ms <= now_ms);
    let signs = begins.or(active);
    let is_over = |key: &KeyDocument| match key.status {
        KeyStatus::Expired => false,
        KeyStatus::Active => signs.is_none_or(|signs| signs.thumbprint != key.thumbprint) || key.expires_ms <= now_ms,
        KeyStatus::Next | KeyStatus::Pending => key.expires_ms <= now_ms,
    };
    let mut actions: Vec<Action> = named(keys.iter().filter(|key| is_over(key)), Action::Expire).collect();
    actions.extend(named(begins.into_iter(), Action::Activate));
    actions.extend(named(usable(KeyStatus::Pending), Action::Publish));
    if next.is_none() && usable(KeyStatus::Pending).next().is_none() {
        let earliest_ms = now_ms.saturating_add(schedule.publish_ahead_ms);
        let activates_ms = active.map_or(now_ms, |active| schedule.succession_ms(active).max(earliest_ms));
        actions.push(Action::Create { activates_ms });
    }
    let retired = keys.iter().filter(|key| key.status == KeyStatus::Expired && key.retires_ms <= now_ms);
    actions.extend(named(retired, Action::Remove));
    actions
}

fn named<'a>(
    keys: impl Iterator<Item = &'a KeyDocument>,
    action: fn(String) -> Action,
) -> impl Iterator<Item = Action> {
    keys.map(move |key| action(key.thumbprint.clone()))
}

/// The keys that some actions change, as they are afterwards: what expires, and what is activated.
pub(crate) fn roll_over(
    keys: &[KeyDocument],
    actions: &[Action],
    schedule: &Schedule,
    now_ms: TimestampMs,
) -> Vec<KeyDocument> {
    let find = |thumbprint: &str| keys.iter().find(|key| key.thumbprint == thumbprint).cloned();
    let after = |action: &Action| match action {
        Action::Expire(key) => Some(find(key)?.expire(schedule, now_ms)),
        Action::Activate(key) => Some(find(key)?.activate(schedule, now_ms)),
        Action::Create { .. } | Action::Publish(_) | Action::Remove(_) => None,
    };
    actions.iter().filter_map(after).collect()
}

/// The keys that somebody else revoked on the chain, as they are from now on: no token of theirs is good any more.
pub(crate) fn revoked_on_chain(
    keys: &[KeyDocument],
    record: &Issuer,
    schedule: &Schedule,
    now_ms: TimestampMs,
) -> Vec<KeyDocument> {
    let is_revoked = |key: &&KeyDocument| {
        let public_key = key.for_chain().map(|key| key.public_key);
        let on_chain = record.keys.iter().find(|known| Some(known.public_key) == public_key);
        key.status != KeyStatus::Expired && on_chain.is_some_and(|known| known.revoked_ms.is_some())
    };
    keys.iter().filter(is_revoked).map(|key| key.clone().compromise(schedule, now_ms)).collect()
}

/// Why keys are not rotated on demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotateError {
    /// There is no next key.
    #[error("there is no next key: see in the log why none could be published")]
    NoNext,
    /// Who keeps the published keys may not know the next one yet.
    #[error("the next key is not published for ten minutes yet: wait, or say that the key is compromised")]
    TooEarly,
}

/// The keys that change when the next one is to sign at once, as they are afterwards. A compromised one leaves the published keys at once
/// too, even where none can follow.
///
/// # Errors
/// Unless the key is compromised: [`RotateError::NoNext`], [`RotateError::TooEarly`].
pub fn rotate(
    keys: &[KeyDocument],
    schedule: &Schedule,
    is_compromised: bool,
    now_ms: TimestampMs,
) -> Result<Vec<KeyDocument>, RotateError> {
    let of_status = |status| keys.iter().filter(move |key| key.status == status).cloned();
    let next = of_status(KeyStatus::Next).filter(|key| now_ms < key.expires_ms).min_by_key(|key| key.created_ms);
    if !is_compromised {
        let published_ms = next.as_ref().and_then(|next| next.published_ms).ok_or(RotateError::NoNext)?;
        if now_ms < published_ms.saturating_add(PUBLISH_AHEAD_MIN_MS) {
            return Err(RotateError::TooEarly);
        }
    }
    let end = |key: KeyDocument| {
        if is_compromised { key.compromise(schedule, now_ms) } else { key.expire(schedule, now_ms) }
    };
    let ended = of_status(KeyStatus::Active).map(end);
    Ok(ended.chain(next.map(|next| next.activate(schedule, now_ms))).collect())
}

#[cfg(test)]
mod tests;
