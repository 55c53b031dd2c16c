//! What is owed, and paying it.

use super::*;

/// A vehicle's session over half of its deposit, which the operator stopped.
fn half_used(refusing: impl IntoIterator<Item = AccountId>) -> World {
    let mut world = World::charging();
    world.now_ms += HOUR_MS / 2;
    world.meter(METER, World::id(), 5_000).unwrap();
    world.refusing = refusing.into_iter().collect();
    world.stop(OPERATOR, World::id()).unwrap();
    world
}

const HALF: Balance = DEPOSIT / 2;
const HALF_I: i128 = 50_000;

#[test]
fn the_operator_gets_the_cost_and_the_vehicle_the_rest() {
    let mut world = half_used([]);
    assert_eq!((world.balance(OPERATOR), world.balance(VEHICLE), world.balance(STATION)), (HALF_I, -HALF_I, 0));
    let settlement =
        Settlement { energy_wh: 5_000, cost: HALF, rest: HALF, paid_to_operator: HALF, paid_to_vehicle: HALF };
    assert_eq!(world.settlement(), settlement);
    assert_eq!(world.withdraw(OPERATOR, OPERATOR), Err(Error::NothingOwed));
    assert_eq!(world.withdraw(VEHICLE, VEHICLE), Ok(0), "its account is closed");
    assert_eq!(world.withdraw(VEHICLE, VEHICLE), Err(Error::NothingOwed));
}

#[test]
fn what_can_not_be_paid_is_owed_and_withdrawn_to_another_account() {
    let mut world = half_used([OPERATOR, VEHICLE]);
    let Settlement { cost, rest, paid_to_operator, paid_to_vehicle, .. } = world.settlement();
    assert_eq!((cost, rest, paid_to_operator, paid_to_vehicle), (HALF, HALF, 0, 0));
    assert_eq!((world.owed(OPERATOR), world.owed(VEHICLE)), (HALF, HALF));
    for owner in [OPERATOR, VEHICLE] {
        assert_eq!(world.withdraw(owner, STATION), Err(Error::InvalidRecipient));
        assert_eq!(world.withdraw(owner, owner), Err(Error::TransferFailed));
        assert_eq!(world.owed(owner), HALF, "a payment that fails changes nothing");
        assert_eq!(world.withdraw(owner, STRANGER), Ok(HALF));
        assert_eq!(world.withdraw(owner, STRANGER), Err(Error::NothingOwed), "it is paid once");
    }
    assert_eq!((world.balance(STRANGER), world.balance(STATION)), (2 * HALF_I, 0));
}

#[test]
fn one_that_can_not_be_paid_does_not_keep_the_other_from_its_money() {
    let world = half_used([VEHICLE]);
    assert_eq!((world.balance(OPERATOR), world.owed(VEHICLE)), (HALF_I, HALF));
    let world = half_used([OPERATOR]);
    assert_eq!((world.owed(OPERATOR), world.balance(VEHICLE)), (HALF, -HALF_I));
}

#[test]
fn what_is_owed_is_paid_with_the_next_settlement() {
    let mut world = half_used([OPERATOR, VEHICLE]);
    world.refusing.clear();
    let id = world.start(VEHICLE, 2, DEPOSIT, PRICE).unwrap();
    world.stop(VEHICLE, id).unwrap();
    let Settlement { cost, rest, paid_to_operator, paid_to_vehicle, .. } = world.settlement();
    assert_eq!((cost, rest), (0, DEPOSIT));
    assert_eq!((paid_to_operator, paid_to_vehicle), (HALF, DEPOSIT + HALF));
}

#[test]
fn a_vehicle_with_an_open_session_withdraws_what_is_owed_from_before() {
    let mut world = half_used([VEHICLE]);
    world.start(VEHICLE, 2, DEPOSIT, PRICE).unwrap();
    assert_eq!(world.withdraw(VEHICLE, STRANGER), Ok(HALF));
    assert_eq!(world.accounts[&VEHICLE], Account { owed: 0, uses: 1 }, "its open session still needs it");
    assert_eq!(world.withdraw(VEHICLE, STRANGER), Err(Error::NothingOwed));
}

#[test]
fn an_account_goes_by_its_owner_alone() {
    let mut world = half_used([]);
    assert_eq!(world.accounts[&VEHICLE], Account::default(), "who ended the session does not take it away");
    let id = world.start(OTHER_VEHICLE, 1, DEPOSIT, PRICE).unwrap();
    world.stop(OTHER_VEHICLE, id).unwrap();
    assert!(world.accounts.contains_key(&VEHICLE));
    assert!(!world.accounts.contains_key(&OTHER_VEHICLE), "who ends its own session does");
    world.withdraw(VEHICLE, VEHICLE).unwrap();
    assert_eq!(world.accounts.keys().copied().collect::<Vec<_>>(), [OPERATOR], "the operator's stays");
}

#[test]
fn an_operator_that_drives_has_one_account() {
    let mut world = World::new();
    world.tokens.insert(OPERATOR, Ok(()));
    let id = world.start(OPERATOR, 1, DEPOSIT, PRICE).unwrap();
    world.now_ms += HOUR_MS / 2;
    world.meter(METER, id, 5_000).unwrap();
    world.refusing.insert(OPERATOR);
    world.stop(OPERATOR, id).unwrap();
    assert_eq!(world.owed(OPERATOR), DEPOSIT);
    assert_eq!(world.withdraw(OPERATOR, VEHICLE), Ok(DEPOSIT));
    assert_eq!(world.accounts[&OPERATOR], Account { owed: 0, uses: 1 });
}

#[test]
fn a_full_counter_is_an_error() {
    let mut world = World::new();
    world.accounts.insert(VEHICLE, Account { owed: 0, uses: u8::MAX });
    assert_eq!(world.start(VEHICLE, 1, DEPOSIT, PRICE), Err(Error::Overflow));
}
