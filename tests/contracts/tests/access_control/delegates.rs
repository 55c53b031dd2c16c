//! Delegates.

use marque_contract_tests::Actor;
use marque_primitives::{
    access::{AccessChange, AccessError, IssuerDelegate, IssuerRole},
    bounds,
};

use crate::{
    operations::{remove_delegate, set_delegate},
    scene::{HOUR_MS, Scene},
};

#[test]
fn are_set_prolonged_and_removed_by_role() {
    let mut scene = Scene::new();
    let (actor, now_ms) = (Actor::new("delegate"), scene.access.now_ms());
    for (role, expires_ms) in [
        (IssuerRole::Operator, now_ms + HOUR_MS),
        (IssuerRole::KeyManager, now_ms + HOUR_MS),
        (IssuerRole::Operator, now_ms + 2 * HOUR_MS),
    ] {
        let delegate = IssuerDelegate { account: actor.account(), role, expires_ms };
        assert_eq!(scene.changed(set_delegate(&actor, role, expires_ms)), AccessChange::DelegateSet { delegate });
    }
    assert_eq!(scene.record().delegates.len(), 2);
    scene.changed(remove_delegate(&actor, IssuerRole::Operator));
    assert_eq!(scene.record().delegates.len(), 1);
    let again = remove_delegate(&actor, IssuerRole::Operator);
    assert_eq!(scene.refused(again), AccessError::DelegateNotFound);
}

#[test]
fn have_bounds_in_time_and_number() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let delegate = |number: usize| Actor::new(format!("delegate {number}"));
    let set = |number, expires_ms| set_delegate(&delegate(number), IssuerRole::Operator, expires_ms);
    for expires_ms in [0, now_ms, now_ms + bounds::DELEGATION_MAX_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(set(0, expires_ms)), AccessError::InvalidExpiry);
    }
    scene.changed(set(0, now_ms + bounds::DELEGATION_MAX_MS));
    for number in 1..bounds::ISSUER_DELEGATES_MAX {
        scene.changed(set(number, now_ms + HOUR_MS));
    }
    assert_eq!(scene.refused(set(8, now_ms + HOUR_MS)), AccessError::MaxDelegatesExceeded);
    scene.changed(set(3, now_ms + 2 * HOUR_MS));
    scene.wait(HOUR_MS);
    scene.changed(set(8, now_ms + 2 * HOUR_MS));
    let accounts: Vec<_> = scene.record().delegates.iter().map(|delegate| delegate.account).collect();
    let left = [0, 2, 3, 4, 5, 6, 7, 8].map(|number| delegate(number).account());
    assert_eq!(accounts, left, "the first that had expired made room");
}
