//! Delegates.

use marque_contract_tests::Actor;
use marque_primitives::{AccountId, Change, Delegate, Error, Operation, Role, bounds};

use crate::scene::{HOUR_MS, Scene};

fn account(number: usize) -> AccountId {
    Actor::new(format!("delegate {number}")).account()
}

fn set(account: AccountId, role: Role, expires_ms: u64) -> Operation {
    Operation::SetDelegate { account, role, expires_ms }
}

#[test]
fn are_set_extended_and_removed_by_role() {
    let mut scene = Scene::controlled();
    let soon = scene.registry.now_ms() + HOUR_MS;
    let operator = Delegate { account: account(0), role: Role::Operator, expires_ms: soon };
    assert_eq!(scene.changed(set(account(0), Role::Operator, soon)), Change::DelegateSet { delegate: operator });
    scene.changed(set(account(0), Role::Rotator, soon));
    scene.changed(set(account(0), Role::Operator, soon + 1));
    let rotator = Delegate { role: Role::Rotator, ..operator };
    assert_eq!(scene.record().delegates, [Delegate { expires_ms: soon + 1, ..operator }, rotator]);

    let remove = Operation::RemoveDelegate { account: account(0), role: Role::Operator };
    let removed = Change::DelegateRemoved { account: account(0), role: Role::Operator };
    assert_eq!(scene.changed(remove.clone()), removed);
    assert_eq!(scene.record().delegates, [rotator]);
    assert_eq!(scene.refused(remove), Error::DelegateNotFound);
}

#[test]
fn expire_ahead_but_not_too_far() {
    let mut scene = Scene::controlled();
    let now_ms = scene.registry.now_ms();
    for expires_ms in [0, now_ms - 1, now_ms, now_ms + bounds::DELEGATION_MAX_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(set(account(0), Role::Operator, expires_ms)), Error::InvalidExpiry);
    }
    scene.changed(set(account(0), Role::Operator, now_ms + bounds::DELEGATION_MAX_MS));
    scene.changed(set(account(0), Role::Operator, now_ms + 1));
}

#[test]
fn act_until_they_expire() {
    let mut scene = Scene::controlled();
    let operator = Actor::new("operator");
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    scene.changed(set(operator.account(), Role::Operator, expires_ms));
    scene.registry.chain.set_time(expires_ms - 1);
    scene.by(&operator, Operation::Suspend).receipt.result.unwrap();
    scene.registry.chain.set_time(expires_ms);
    assert_eq!(scene.by(&operator, Operation::Resume).error(), Error::NotAuthorized);
}

#[test]
fn have_a_bound_and_expired_ones_make_room() {
    let mut scene = Scene::controlled();
    let soon = scene.registry.now_ms() + HOUR_MS;
    for number in 0..bounds::DELEGATES_MAX {
        scene.changed(set(account(number), Role::Rotator, soon + number as u64));
    }
    assert_eq!(scene.refused(set(account(99), Role::Rotator, soon)), Error::MaxDelegatesExceeded);
    assert_eq!(scene.refused(set(account(99), Role::Rotator, 0)), Error::InvalidExpiry, "before the bound");
    scene.changed(set(account(3), Role::Rotator, soon + HOUR_MS));
    scene.registry.chain.set_time(soon);
    scene.changed(set(account(99), Role::Rotator, soon + HOUR_MS));
    assert_eq!(scene.record().delegates.len(), bounds::DELEGATES_MAX);
    assert!(scene.record().delegates.iter().all(|delegate| delegate.account != account(0)));
}
