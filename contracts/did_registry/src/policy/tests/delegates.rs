//! Delegates.

use super::*;
use marque_primitives::bounds;

const fn delegate(number: u8) -> AccountId {
    AccountId([number; 32])
}

/// A device with as many delegates as it may have; number `n` expires `n + 1` milliseconds after the start.
fn full() -> World {
    let mut world = World::of_account();
    for (number, expires_ms) in (0u8..).zip(START_MS + 1..).take(bounds::DELEGATES_MAX) {
        world.must(CONTROLLER, set_delegate(delegate(number), Role::Operator, expires_ms));
    }
    world
}

#[test]
fn an_expiry_must_be_ahead_and_not_too_far() {
    let world = World::of_account();
    let furthest = START_MS + bounds::DELEGATION_MAX_MS;
    for (expires_ms, expected) in [
        (0, Err(Error::InvalidExpiry)),
        (START_MS - 1, Err(Error::InvalidExpiry)),
        (START_MS, Err(Error::InvalidExpiry)),
        (START_MS + 1, Ok(())),
        (furthest, Ok(())),
        (furthest + 1, Err(Error::InvalidExpiry)),
        (TimestampMs::MAX, Err(Error::InvalidExpiry)),
    ] {
        let decided = world.decide(CONTROLLER, set_delegate(OPERATOR, Role::Operator, expires_ms)).map(|_| ());
        assert_eq!(decided, expected, "{expires_ms}");
    }
}

#[test]
fn a_delegate_acts_until_just_before_its_expiry() {
    let mut world = World::of_account();
    world.must(CONTROLLER, set_delegate(OPERATOR, Role::Operator, START_MS + 10));
    world.now_ms = START_MS + 9;
    world.must(OPERATOR, Operation::Suspend);
    world.now_ms = START_MS + 10;
    world.refuses(OPERATOR, Operation::Resume, Error::NotAuthorized);
}

#[test]
fn a_new_expiry_takes_the_place_of_the_old_one_even_in_a_full_list() {
    let mut world = full();
    world.must(CONTROLLER, set_delegate(delegate(0), Role::Operator, START_MS + 50));
    assert_eq!(world.device().delegates.len(), bounds::DELEGATES_MAX);
    assert_eq!(world.device().delegates[0].expires_ms, START_MS + 50);
    // The same account in another role is another delegate.
    world.refuses(CONTROLLER, set_delegate(delegate(0), Role::Rotator, START_MS + 50), Error::MaxDelegatesExceeded);
    world.refuses(CONTROLLER, set_delegate(delegate(9), Role::Rotator, START_MS), Error::InvalidExpiry);
}

#[test]
fn an_expired_delegate_makes_room_at_its_expiry() {
    let mut world = full();
    let more = || set_delegate(delegate(20), Role::Operator, START_MS + 50);
    world.refuses(CONTROLLER, more(), Error::MaxDelegatesExceeded);
    world.now_ms = START_MS + 1;
    world.must(CONTROLLER, more());
    let accounts: Vec<AccountId> = world.device().delegates.iter().map(|delegate| delegate.account).collect();
    assert_eq!(accounts.len(), bounds::DELEGATES_MAX);
    assert!(!accounts.contains(&delegate(0)) && accounts.contains(&delegate(1)) && accounts.contains(&delegate(20)));
    world.refuses(CONTROLLER, set_delegate(delegate(21), Role::Operator, START_MS + 50), Error::MaxDelegatesExceeded);
}

#[test]
fn removing_takes_one_role_away_at_once() {
    let mut world = World::of_account();
    for role in [Role::Operator, Role::Rotator] {
        world.must(CONTROLLER, set_delegate(OPERATOR, role, START_MS + 10));
    }
    let remove = |role| Operation::RemoveDelegate { account: OPERATOR, role };
    world.must(CONTROLLER, remove(Role::Operator));
    world.refuses(OPERATOR, Operation::Suspend, Error::NotAuthorized);
    world.must(OPERATOR, rotate(0, ed25519(1)));
    world.refuses(CONTROLLER, remove(Role::Operator), Error::DelegateNotFound);
    // An expired delegate can be cleared away.
    world.now_ms = START_MS + 10;
    world.must(CONTROLLER, remove(Role::Rotator));
    assert!(world.device().delegates.is_empty());
}
