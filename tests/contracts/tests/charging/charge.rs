//! A vehicle charges by its token, and settles to the unit.

use marque_contract_tests::{
    Actor,
    station::{EndReason, Event, Session, SessionId, SessionStarted, Settlement, StationInfo},
};
use marque_primitives::{
    blake2b_256,
    token::{IssuerKeyRef, Standing},
};

use crate::scene::{DEPOSIT, HOUR_MS, ISSUER, PRICE, SESSION_MAX_MS, Scene, ended, guard, terms};

/// Units by which the chain rounds down what it gives back for an entry.
pub const ROUNDING: u128 = 2;

#[test]
fn a_session_is_what_was_agreed() {
    let mut scene = Scene::new();
    let (vehicle, now_ms) = (scene.vehicle.clone(), scene.station.access.now_ms());
    let claims = scene.claims(&vehicle);
    let token = scene.issue(&claims);
    let written = scene.station.start(&vehicle, 2, PRICE, &token, DEPOSIT);
    let id = SessionId { connector: 2, number: 1 };
    let session = Session {
        id,
        vehicle: vehicle.account(),
        standing: Standing {
            signed_by: IssuerKeyRef { issuer: ISSUER, key: 0 },
            device: vehicle.device(),
            epoch: 0,
            token: blake2b_256(claims.token_id.as_bytes()),
            issued_ms: claims.issued_ms(),
            expires_ms: claims.expires_ms(),
        },
        deposit: DEPOSIT,
        price_per_wh: PRICE,
        started_ms: now_ms,
        ends_ms: now_ms + SESSION_MAX_MS,
        energy_wh: 0,
        metered_ms: now_ms,
    };
    assert_eq!(*written.only(), Event::Started(SessionStarted { id, session: session.clone() }));
    assert_eq!(scene.station.session(2), Some(session));
    assert_eq!(scene.station.session(1), None);
    let guard = guard(&scene.station.access);
    assert_eq!(scene.station.info(), StationInfo { guard, terms: terms(), started: 1 });
}

#[test]
fn the_vehicle_pays_for_what_flowed_and_gets_the_rest() {
    let (mut scene, id) = Scene::charging();
    let (vehicle, operator, meter) = (scene.vehicle.clone(), scene.operator.clone(), scene.meter.clone());
    let before = [scene.balance(&vehicle), scene.balance(&operator)];
    scene.wait(HOUR_MS / 2);
    for energy_wh in [1234, 1234, 4321] {
        assert_eq!(scene.station.meter(&meter, id, energy_wh).accepted(), None);
    }
    let written = scene.station.stop(&vehicle, id);
    let settlement = Settlement {
        energy_wh: 4321,
        cost: 43_210,
        rest: DEPOSIT - 43_210,
        paid_to_operator: 43_210,
        paid_to_vehicle: DEPOSIT - 43_210,
    };
    let end = ended(written.only());
    assert_eq!((end.reason, end.settlement), (EndReason::StoppedByVehicle, settlement));
    // The vehicle stopped it itself: the storage deposit of its account came back with that.
    let refund = u128::try_from(-written.receipt.deposit).unwrap();
    let gained = [scene.balance(&vehicle) - before[0], scene.balance(&operator) - before[1]];
    assert_eq!(gained, [DEPOSIT - 43_210 + refund, 43_210]);
    assert_eq!(scene.station.session(1), None);
}

#[test]
fn the_vehicle_is_charged_for_nothing_else() {
    let mut scene = Scene::new();
    let (vehicle, meter) = (scene.vehicle.clone(), scene.meter.clone());
    let before = scene.balance(&vehicle);
    let id = scene.start(&vehicle, 1);
    scene.wait(HOUR_MS);
    scene.station.meter(&meter, id, 1).accepted();
    scene.station.stop(&vehicle, id).accepted();
    let spent = before - scene.balance(&vehicle);
    assert!((PRICE..=PRICE + ROUNDING).contains(&spent), "{spent}");
}

#[test]
fn a_session_without_energy_costs_nothing() {
    let (mut scene, id) = Scene::charging();
    let operator = scene.operator.clone();
    let before = scene.balance(&operator);
    let written = scene.station.stop(&operator, id);
    let end = ended(written.only());
    assert_eq!((end.reason, end.settlement.rest), (EndReason::StoppedByOperator, DEPOSIT));
    assert_eq!(scene.balance(&operator), before, "the operator gets nothing: not the vehicle's storage deposit either");
    assert_eq!(written.receipt.deposit, 0);
}

#[test]
fn a_session_ends_when_its_deposit_is_used_up() {
    let (mut scene, id) = Scene::charging();
    let meter = scene.meter.clone();
    scene.wait(HOUR_MS);
    assert_eq!(scene.station.meter(&meter, id, 9_999).accepted(), None);
    let written = scene.station.meter(&meter, id, 10_001);
    let end = ended(written.only());
    assert_eq!(end.reason, EndReason::DepositUsedUp);
    assert_eq!((end.settlement.energy_wh, end.settlement.cost, end.settlement.rest), (10_001, DEPOSIT, 0));
}

#[test]
fn the_price_is_that_of_the_start() {
    let (mut scene, id) = Scene::charging();
    let (operator, meter, other) = (scene.operator.clone(), scene.meter.clone(), scene.other.clone());
    scene.station.set_price(&operator, 3 * PRICE).accepted();
    scene.wait(HOUR_MS);
    scene.station.meter(&meter, id, 100).accepted();
    let written = scene.station.stop(&operator, id);
    assert_eq!(ended(written.only()).settlement.cost, 100 * PRICE);
    let token = scene.token(&other);
    let refused = scene.station.start(&other, 1, 3 * PRICE - 1, &token, DEPOSIT).error();
    assert_eq!(refused, marque_contract_tests::station::Error::PriceTooHigh);
    scene.station.start(&other, 1, 3 * PRICE, &token, DEPOSIT).accepted();
    assert_eq!(scene.station.session(1).map(|session| session.price_per_wh), Some(3 * PRICE));
}

#[test]
fn connectors_serve_vehicles_at_once_and_one_after_the_other() {
    let mut scene = Scene::new();
    let (vehicle, other, meter) = (scene.vehicle.clone(), scene.other.clone(), scene.meter.clone());
    let first = scene.start(&vehicle, 1);
    let second = scene.start(&other, 2);
    scene.wait(HOUR_MS);
    scene.station.meter(&meter, first, 100).accepted();
    scene.station.meter(&meter, second, 200).accepted();
    scene.station.stop(&vehicle, first).accepted();
    let third = scene.start(&vehicle, 1);
    assert_eq!((first.number, second.number, third.number), (1, 2, 3), "a number is never used again");
    for (caller, id) in [(&other, second), (&vehicle, third)] {
        scene.station.stop(caller, id).accepted();
    }
}

#[test]
fn another_current_key_of_the_vehicle_charges_as_well() {
    use marque_primitives::{Operation, Relationships};

    let mut scene = Scene::new();
    let (vehicle, second) = (scene.vehicle.clone(), Actor::new("second key"));
    let add = Operation::AddKey { key: second.new_key(Relationships::AUTHENTICATION) };
    scene.on_device(vehicle.device(), add);
    let token = scene.token(&vehicle);
    let id = scene.station.start(&second, 1, PRICE, &token, DEPOSIT).accepted();
    let session = scene.station.session(1).unwrap();
    assert_eq!((session.vehicle, session.standing.device), (second.account(), vehicle.device()));
    scene.station.stop(&second, id).accepted();
}
