use std::{collections::BTreeSet, sync::LazyLock};

use marque_sdk::{primitives::token::IssuerKeyRef, token::Algorithm};
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::{MasterKey, SystemRandom, keys::KeyRing};

const START_MS: TimestampMs = 1_800_000_000_000;
static SCHEDULE: LazyLock<Schedule> = LazyLock::new(Schedule::default);

fn create(activates_ms: TimestampMs, now_ms: TimestampMs) -> KeyDocument {
    let master_key = MasterKey::new(Zeroizing::new([1; 32]));
    let made = (&master_key, &SystemRandom as &dyn crate::Random);
    KeyDocument::create("default", Algorithm::EdDsa, activates_ms, &SCHEDULE, now_ms, made).unwrap()
}

/// A token, as far as it matters here: who signed it, and until when it may be taken.
struct Token {
    kid: String,
    accepted_until_ms: TimestampMs,
}

/// An authorization server whose keys are tended, with a chain that may be out of reach.
struct World {
    keys: Vec<KeyDocument>,
    tokens: Vec<Token>,
    now_ms: TimestampMs,
    next_chain_key: u32,
}

impl World {
    fn new() -> Self {
        let mut world = Self { keys: vec![], tokens: vec![], now_ms: START_MS, next_chain_key: 0 };
        world.tend(true);
        world
    }

    fn put(&mut self, changed: Vec<KeyDocument>) {
        for key in changed {
            self.keys.retain(|known| known.thumbprint != key.thumbprint);
            self.keys.push(key);
        }
    }

    fn usable(&self, status: KeyStatus) -> Vec<&KeyDocument> {
        self.keys.iter().filter(|key| key.status == status && self.now_ms < key.expires_ms).collect()
    }

    /// Does all that is to be done, as far as the chain can be reached.
    fn tend(&mut self, is_reachable: bool) {
        for _ in 0..8 {
            let actions = plan(&self.keys, &SCHEDULE, self.now_ms);
            self.ensure_published_ahead(&actions);
            self.put(roll_over(&self.keys, &actions, &SCHEDULE, self.now_ms));
            let left: Vec<_> = actions.into_iter().filter(|action| !self.has_done(action, is_reachable)).collect();
            if left.is_empty() && plan(&self.keys, &SCHEDULE, self.now_ms).is_empty() {
                return;
            }
        }
        assert!(!is_reachable, "there is always more to do");
    }

    fn has_done(&mut self, action: &Action, is_reachable: bool) -> bool {
        match action {
            Action::Create { activates_ms } => self.put(vec![create(*activates_ms, self.now_ms)]),
            Action::Publish(_) | Action::Remove(_) if !is_reachable => return false,
            Action::Publish(key) => {
                let key = self.keys.iter().find(|known| known.thumbprint == *key).unwrap().clone();
                let on_chain = IssuerKeyRef { issuer: 3, key: self.next_chain_key };
                self.next_chain_key += 1;
                self.put(vec![key.publish(Some(on_chain), &SCHEDULE, self.now_ms)]);
            }
            Action::Remove(key) => self.keys.retain(|known| known.thumbprint != *key),
            Action::Expire(_) | Action::Activate(_) => {}
        }
        true
    }

    /// A key that follows another one in time was published for long enough.
    fn ensure_published_ahead(&self, actions: &[Action]) {
        if self.usable(KeyStatus::Active).is_empty() {
            return;
        }
        for action in actions {
            let Action::Activate(key) = action else { continue };
            let key = self.keys.iter().find(|known| known.thumbprint == *key).unwrap();
            assert!(key.published_ms.unwrap() + SCHEDULE.publish_ahead_ms <= self.now_ms, "{key:?}");
        }
    }

    fn rotate(&mut self, is_compromised: bool) {
        let active: Vec<String> = self.usable(KeyStatus::Active).iter().map(|key| key.kid.clone()).collect();
        let Ok(changed) = rotate(&self.keys, &SCHEDULE, is_compromised, self.now_ms) else { return };
        self.put(changed);
        if is_compromised {
            self.tokens.retain(|token| !active.contains(&token.kid));
            assert!(active.iter().all(|kid| !self.published().contains(kid)), "it leaves at once");
        }
    }

    /// The longest-lived token, dated as far ahead as may be, and taken as late as may be.
    fn sign(&mut self) {
        let Some(kid) = self.usable(KeyStatus::Active).first().map(|key| key.kid.clone()) else { return };
        let lifetime_ms = bounds::TOKEN_LIFETIME_MAX_MS + 2 * SCHEDULE.skew_max_ms;
        self.tokens.push(Token { kid, accepted_until_ms: self.now_ms + lifetime_ms });
    }

    fn published(&self) -> BTreeSet<String> {
        let ring = KeyRing::new(self.keys.clone()).unwrap();
        ring.published(self.now_ms).keys.into_iter().map(|key| key.key_id).collect()
    }

    fn ensure_all_verify(&mut self) {
        let (published, now_ms) = (self.published(), self.now_ms);
        self.tokens.retain(|token| now_ms < token.accepted_until_ms);
        for token in &self.tokens {
            assert!(published.contains(&token.kid), "{} is not published", token.kid);
        }
    }

    fn advance(&mut self, ms: u64) {
        let until_ms = self.now_ms + ms;
        let mut last_times: Vec<_> = self.tokens.iter().map(|token| token.accepted_until_ms - 1).collect();
        last_times.sort_unstable();
        for last_ms in last_times.into_iter().filter(|last_ms| *last_ms < until_ms) {
            self.now_ms = last_ms;
            self.ensure_all_verify();
        }
        self.now_ms = self.now_ms.max(until_ms.saturating_sub(1));
        self.sign();
        self.ensure_all_verify();
        self.now_ms = until_ms;
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Tend { is_reachable: bool },
    Rotate { is_compromised: bool },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Tend { is_reachable: true }),
        2 => Just(Event::Tend { is_reachable: false }),
        2 => Just(Event::Rotate { is_compromised: false }),
        1 => Just(Event::Rotate { is_compromised: true }),
    ]
}

fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![0..DAY_MS / 24, 0..3 * DAY_MS, 0..40 * DAY_MS, Just(SCHEDULE.period_ms), Just(300 * DAY_MS)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_one_key_signs_and_all_its_tokens_verify(
        events in prop::collection::vec((pause(), event()), 1..40),
    ) {
        let mut world = World::new();
        for (pause_ms, event) in events {
            world.advance(pause_ms);
            match event {
                Event::Tend { is_reachable } => world.tend(is_reachable),
                Event::Rotate { is_compromised } => {
                    world.rotate(is_compromised);
                    world.tend(true);
                }
            }
            let signing = world.usable(KeyStatus::Active).len();
            let expected = if matches!(event, Event::Tend { is_reachable: false }) { 0..=1 } else { 1..=1 };
            prop_assert!(expected.contains(&signing), "{signing} keys sign: {:?}", world.keys);
            prop_assert!(world.keys.iter().all(|key| (key.status == KeyStatus::Expired) == key.private_key.is_none()));
            world.sign();
            world.ensure_all_verify();
        }
    }

    #[test]
    fn where_the_chain_is_out_of_reach_for_less_than_publishing_ahead_a_key_signs_at_all_times(
        events in prop::collection::vec((0..DAY_MS, 0..14 * DAY_MS), 1..60),
    ) {
        let mut world = World::new();
        for (pause_ms, outage_ms) in events {
            world.advance(pause_ms);
            world.tend(true);
            world.advance(outage_ms / 2);
            world.tend(false);
            world.advance(outage_ms / 2);
            prop_assert_eq!(world.usable(KeyStatus::Active).len(), 1);
            world.tend(true);
            prop_assert_eq!(world.usable(KeyStatus::Active).len(), 1);
        }
    }

    #[test]
    fn the_window_on_the_chain_covers_all_that_a_key_signs(
        events in prop::collection::vec((pause(), event()), 1..30),
    ) {
        let mut world = World::new();
        let mut windows = std::collections::BTreeMap::new();
        for (pause_ms, event) in events {
            for key in &world.keys {
                windows.entry(key.thumbprint.clone()).or_insert_with(|| key.for_chain().unwrap());
            }
            for key in world.usable(KeyStatus::Next).iter().filter(|key| key.published_ms == Some(key.created_ms)) {
                prop_assert_eq!(key.expires_ms, SCHEDULE.latest_end_ms(key.activates_ms), "it signs for a whole period");
            }
            for key in world.usable(KeyStatus::Active) {
                let window = windows[&key.thumbprint];
                prop_assert!(window.not_before_ms + SCHEDULE.skew_max_ms <= key.activates_ms);
                prop_assert!(key.expires_ms + SCHEDULE.skew_max_ms <= window.not_after_ms);
                prop_assert!(window.not_after_ms - window.not_before_ms <= bounds::ISSUER_KEY_LIFETIME_MAX_MS);
            }
            world.advance(pause_ms);
            match event {
                Event::Tend { is_reachable } => world.tend(is_reachable),
                Event::Rotate { is_compromised } => world.rotate(is_compromised),
            }
        }
    }
}

#[test]
fn a_first_key_signs_at_once_and_a_next_one_is_there() {
    let world = World::new();
    let [active] = world.usable(KeyStatus::Active)[..] else { panic!("{:?}", world.keys) };
    let [next] = world.usable(KeyStatus::Next)[..] else { panic!("{:?}", world.keys) };
    assert_eq!((active.activates_ms, active.kid.as_str()), (START_MS, "3#key-0"));
    assert_eq!((next.activates_ms, next.kid.as_str()), (START_MS + SCHEDULE.period_ms, "3#key-1"));
    assert_eq!(world.published().len(), 2);
}

#[test]
fn keys_follow_each_other_at_their_times_to_the_millisecond() {
    let mut world = World::new();
    let kid = |world: &World| world.usable(KeyStatus::Active)[0].kid.clone();
    world.advance(SCHEDULE.period_ms - 1);
    world.tend(true);
    assert_eq!(kid(&world), "3#key-0");
    world.advance(1);
    world.tend(true);
    assert_eq!(kid(&world), "3#key-1");
    let retired_after_ms = bounds::TOKEN_LIFETIME_MAX_MS + 2 * SCHEDULE.skew_max_ms;
    world.advance(retired_after_ms - 1);
    assert!(world.published().contains("3#key-0"));
    world.advance(1);
    assert!(!world.published().contains("3#key-0"));
    assert!(plan(&world.keys, &SCHEDULE, world.now_ms).iter().any(|action| matches!(action, Action::Remove(_))));
    world.tend(true);
    assert_eq!(world.keys.len(), 2);
}

#[test]
fn a_key_that_is_rotated_on_demand_stays_published_and_a_compromised_one_does_not() {
    let mut world = World::new();
    assert_eq!(rotate(&world.keys, &SCHEDULE, false, world.now_ms), Err(RotateError::TooEarly));
    world.advance(PUBLISH_AHEAD_MIN_MS);
    world.rotate(false);
    let is_active = |world: &World, kid: &str| world.usable(KeyStatus::Active).iter().any(|key| key.kid == kid);
    assert!(is_active(&world, "3#key-1") && world.published().contains("3#key-0"));
    assert_eq!(rotate(&world.keys, &SCHEDULE, false, world.now_ms), Err(RotateError::NoNext));
    world.tend(true);
    world.rotate(true);
    assert!(is_active(&world, "3#key-2"));
    assert_eq!(world.published(), BTreeSet::from(["3#key-0".into(), "3#key-2".into()]));
    let compromised = world.keys.iter().find(|key| key.kid == "3#key-1").unwrap().thumbprint.clone();
    assert!(plan(&world.keys, &SCHEDULE, world.now_ms).contains(&Action::Remove(compromised)));
}

#[test]
fn of_several_keys_that_sign_the_newest_goes_on() {
    let sign_from = |ms: u64| create(START_MS, START_MS).publish(None, &SCHEDULE, START_MS).activate(&SCHEDULE, ms);
    let keys = [sign_from(START_MS + 1), sign_from(START_MS + 2), sign_from(START_MS)];
    let expired: Vec<_> =
        plan(&keys, &SCHEDULE, START_MS + 3).into_iter().filter(|it| matches!(it, Action::Expire(_))).collect();
    assert_eq!(expired, [&keys[0], &keys[2]].map(|key| Action::Expire(key.thumbprint.clone())));
}

#[test]
fn a_schedule_that_would_surprise_somebody_is_refused() {
    let schedule = *SCHEDULE;
    assert_eq!(schedule.validate(), Ok(()));
    for (schedule, refusal) in [
        (Schedule { skew_max_ms: SKEW_MAX_MS + 1, ..schedule }, ScheduleError::SkewTooLarge),
        (Schedule { publish_ahead_ms: PUBLISH_AHEAD_MIN_MS - 1, ..schedule }, ScheduleError::PublishedTooLate),
        (Schedule { period_ms: 14 * DAY_MS, ..schedule }, ScheduleError::PeriodTooShort),
        (Schedule { period_ms: DAY_MS, publish_ahead_ms: DAY_MS / 2, ..schedule }, ScheduleError::PeriodTooShort),
        (Schedule { period_ms: 352 * DAY_MS, ..schedule }, ScheduleError::PeriodTooLong),
        (Schedule { period_ms: u64::MAX, ..schedule }, ScheduleError::PeriodTooLong),
    ] {
        assert_eq!(schedule.validate(), Err(refusal), "{schedule:?}");
    }
    assert_eq!(Schedule { period_ms: 351 * DAY_MS, ..schedule }.validate(), Ok(()));
}
