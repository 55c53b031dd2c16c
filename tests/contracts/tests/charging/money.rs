//! Money that the chain refuses to pay is owed, and is paid when it can be.

use marque_contract_tests::{
    Actor,
    station::{EndReason, Error, Event, Withdrawn},
};

use crate::{
    charge::ROUNDING,
    scene::{DEPOSIT, HOUR_MS, PRICE, Scene, ended},
};

/// A scene in which the chain can pay nothing to this actor, and a session of which the meter has shown 1000 Wh has ended.
fn settled_without(pick: fn(&Scene) -> &Actor) -> Scene {
    let (mut scene, id) = Scene::charging();
    let (meter, unpaid, operator) = (scene.meter.clone(), pick(&scene).clone(), scene.operator.clone());
    scene.wait(HOUR_MS);
    scene.station.meter(&meter, id, 1000).accepted();
    // On this chain the least that an account may have is one unit, so that no payment is too small: it is too large for the account. Its
    // storage deposit is not.
    scene.balance(&unpaid);
    scene.station.chain().fill(unpaid.account(), 100);
    let written = scene.station.stop(&operator, id);
    let settlement = ended(written.only()).settlement;
    let paid = (settlement.paid_to_operator, settlement.paid_to_vehicle);
    let all = (1000 * PRICE, DEPOSIT - 1000 * PRICE);
    let expected = if unpaid.account() == operator.account() { (0, all.1) } else { (all.0, 0) };
    assert_eq!(paid, expected, "the other one is paid");
    scene
}

#[test]
fn a_vehicle_that_can_not_be_paid_keeps_its_rest_and_withdraws_it() {
    let mut scene = settled_without(|scene| &scene.vehicle);
    let (vehicle, rest) = (scene.vehicle.clone(), DEPOSIT - 1000 * PRICE);
    assert_eq!(scene.station.owed(vehicle.account()), rest);
    assert_eq!(scene.station.withdraw(&vehicle, vehicle.account()).error(), Error::TransferFailed);
    let elsewhere = Actor::new("another account of the vehicle's");
    let before = scene.balance(&elsewhere);
    let written = scene.station.withdraw(&vehicle, elsewhere.account());
    let withdrawn = Withdrawn { owner: vehicle.account(), to: elsewhere.account(), amount: rest };
    assert_eq!(*written.only(), Event::Withdrawn(withdrawn));
    assert_eq!(scene.balance(&elsewhere) - before, rest);
    assert_eq!(scene.station.owed(vehicle.account()), 0);
    assert_eq!(scene.station.withdraw(&vehicle, elsewhere.account()).error(), Error::NothingOwed);
}

#[test]
fn an_operator_that_can_not_be_paid_is_owed_the_cost() {
    let mut scene = settled_without(|scene| &scene.operator);
    let (operator, elsewhere) = (scene.operator.clone(), Actor::new("the operator's bank"));
    assert_eq!(scene.station.owed(operator.account()), 1000 * PRICE);
    let before = scene.balance(&elsewhere);
    assert_eq!(scene.station.withdraw(&operator, elsewhere.account()).accepted(), 1000 * PRICE);
    assert_eq!(scene.balance(&elsewhere) - before, 1000 * PRICE);
    // The operator's account stays: the next session is settled to it.
    assert_eq!(scene.station.withdraw(&operator, elsewhere.account()).error(), Error::NothingOwed);
}

#[test]
fn what_is_owed_adds_up_and_is_nobody_elses() {
    let mut scene = settled_without(|scene| &scene.vehicle);
    let (vehicle, operator, stranger) = (scene.vehicle.clone(), scene.operator.clone(), scene.stranger.clone());
    assert_eq!(scene.station.withdraw(&stranger, stranger.account()).error(), Error::NothingOwed);
    let id = scene.start(&vehicle, 1);
    let written = scene.station.stop(&operator, id);
    let end = ended(written.only());
    assert_eq!((end.reason, end.settlement.rest), (EndReason::StoppedByOperator, DEPOSIT));
    let both = 2 * DEPOSIT - 1000 * PRICE;
    assert_eq!(scene.station.owed(vehicle.account()), both);
    assert_eq!(scene.station.withdraw(&vehicle, stranger.account()).accepted(), both);
}

#[test]
fn what_is_owed_is_paid_with_the_next_session_that_can_be() {
    let mut scene = settled_without(|scene| &scene.operator);
    let (vehicle, operator, meter) = (scene.vehicle.clone(), scene.operator.clone(), scene.meter.clone());
    scene.station.chain().fill(operator.account(), 10 * DEPOSIT);
    let id = scene.start(&vehicle, 1);
    scene.wait(HOUR_MS);
    scene.station.meter(&meter, id, 500).accepted();
    let written = scene.station.stop(&vehicle, id);
    let settlement = ended(written.only()).settlement;
    assert_eq!((settlement.cost, settlement.paid_to_operator), (500 * PRICE, 1500 * PRICE));
    assert_eq!(scene.station.owed(operator.account()), 0);
}

/// The storage deposit for a vehicle's account is the vehicle's: whoever ends the session, it stays until the vehicle takes it.
#[test]
fn the_storage_deposit_waits_for_who_paid_it() {
    let mut scene = Scene::new();
    let (vehicle, operator) = (scene.vehicle.clone(), scene.operator.clone());
    let held = scene.station.held();
    let token = scene.token(&vehicle);
    let written = scene.station.start(&vehicle, 1, PRICE, &token, DEPOSIT);
    let (id, taken) = (written.receipt.result.unwrap(), written.receipt.deposit);
    assert!(taken > 0);
    assert_eq!(scene.station.stop(&operator, id).receipt.deposit, 0);
    let before = scene.balance(&vehicle);
    let written = scene.station.withdraw(&vehicle, vehicle.account());
    assert_eq!(written.receipt.result, Ok(0), "nothing was owed");
    let received = scene.balance(&vehicle) - before;
    let short = u128::try_from(taken).unwrap() - received;
    assert!(short <= ROUNDING, "{short}");
    assert!(scene.station.held() - held <= ROUNDING);
    assert_eq!(scene.station.withdraw(&vehicle, vehicle.account()).error(), Error::NothingOwed);
}
