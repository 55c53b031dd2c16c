//! What ends a session midway: its token, and its time.

use marque_contract_tests::{
    Actor,
    station::{EndReason, Error, SessionId},
};
use marque_primitives::{
    NewKey, Operation, Relationships,
    access::AccessOperation,
    bounds,
    token::{Claims, VerifyError},
};

use crate::scene::{DEPOSIT, HOUR_MS, MINUTE_MS, PRICE, SESSION_MAX_MS, Scene, ended};

/// A session of which the meter has shown 1000 Wh.
fn metered() -> (Scene, SessionId) {
    let (mut scene, id) = Scene::charging();
    let meter = scene.meter.clone();
    scene.wait(HOUR_MS);
    scene.station.meter(&meter, id, 1000).accepted();
    (scene, id)
}

type Act = fn(&mut Scene);

/// What makes a token worthless while a vehicle charges, and the reason that is given.
const ENDINGS: [(VerifyError, Act); 8] = [
    (VerifyError::UnknownIssuer, |scene| scene.on_issuer(AccessOperation::Deactivate)),
    (VerifyError::IssuerKeyNotValid, |scene| scene.on_issuer(AccessOperation::RevokeKey { id: 0 })),
    (VerifyError::DeviceSuspended, |scene| scene.on_device(scene.vehicle.device(), Operation::Suspend)),
    (VerifyError::DeviceRevoked, |scene| scene.on_device(scene.vehicle.device(), Operation::Revoke)),
    (VerifyError::StaleEpoch, |scene| scene.on_device(scene.vehicle.device(), Operation::BumpEpoch)),
    (VerifyError::StaleEpoch, |scene| {
        let new = Actor::new("new key").public_key();
        scene.on_device(scene.vehicle.device(), Operation::RotateKey { id: 0, public_key: new });
    }),
    (VerifyError::TokenRevoked, |scene| {
        let session = scene.station.session(1).unwrap();
        let (token, expires_ms) = (session.standing.token, session.standing.expires_ms);
        scene.on_issuer(AccessOperation::RevokeToken { token, expires_ms });
    }),
    (VerifyError::TokenRevoked, |scene| {
        let (device, before_ms) = (scene.vehicle.device(), scene.station.access.now_ms());
        scene.on_issuer(AccessOperation::RevokeTokensBefore { device, before_ms });
    }),
];

#[test]
fn the_next_report_ends_it_with_the_reason_and_does_not_count() {
    for (error, act) in ENDINGS {
        let (mut scene, id) = metered();
        let (meter, vehicle, operator) = (scene.meter.clone(), scene.vehicle.clone(), scene.operator.clone());
        act(&mut scene);
        let before = [scene.balance(&vehicle), scene.balance(&operator)];
        let written = scene.station.meter(&meter, id, 2000);
        let end = ended(written.only());
        assert_eq!((end.reason, end.settlement.energy_wh), (EndReason::TokenRefused(error), 1000));
        let gained = [scene.balance(&vehicle) - before[0], scene.balance(&operator) - before[1]];
        assert_eq!(gained, [DEPOSIT - 1000 * PRICE, 1000 * PRICE], "{error:?}");
        assert_eq!(scene.station.session(1), None);
    }
}

#[test]
fn anybody_may_have_it_asked_and_ended() {
    for (error, act) in ENDINGS {
        let (mut scene, id) = metered();
        let stranger = scene.stranger.clone();
        assert_eq!(
            scene.station.recheck(&stranger, id).accepted(),
            None,
            "as long as the token is good, nothing happens"
        );
        act(&mut scene);
        let before = scene.balance(&stranger);
        let written = scene.station.recheck(&stranger, id);
        assert_eq!(ended(written.only()).reason, EndReason::TokenRefused(error));
        assert_eq!(scene.balance(&stranger), before, "who asks gets nothing for it");
    }
}

#[test]
fn the_vehicle_may_stop_whatever_became_of_its_token() {
    for (error, act) in ENDINGS {
        let (mut scene, id) = metered();
        act(&mut scene);
        let vehicle = scene.vehicle.clone();
        let written = scene.station.stop(&vehicle, id);
        assert_eq!(ended(written.only()).reason, EndReason::StoppedByVehicle, "{error:?}");
    }
}

#[test]
fn what_leaves_the_token_good_ends_nothing() {
    let (mut scene, id) = metered();
    let (device, meter) = (scene.vehicle.device(), scene.meter.clone());
    let public_key = Actor::new("second key").public_key();
    scene.on_device(
        device,
        Operation::AddKey { key: NewKey { public_key, relationships: Relationships::AUTHENTICATION } },
    );
    // The other vehicle's misfortune is its own.
    scene.on_device(scene.other.device(), Operation::Revoke);
    assert_eq!(scene.station.meter(&meter, id, 2000).accepted(), None);
}

#[test]
fn a_token_that_expires_ends_it() {
    let mut scene = Scene::new();
    let (vehicle, meter) = (scene.vehicle.clone(), scene.meter.clone());
    let claims = scene.claims(&vehicle);
    let claims = Claims { expires_s: claims.issued_s + 600, ..claims };
    let token = scene.issue(&claims);
    let id = scene.station.start(&vehicle, 1, PRICE, &token, DEPOSIT).accepted();
    scene.wait(10 * MINUTE_MS + bounds::CLOCK_SKEW_MAX_MS - 1);
    assert_eq!(scene.station.meter(&meter, id, 100).accepted(), None);
    scene.wait(1);
    assert_eq!(scene.station.meter(&meter, id, 200).accepted(), Some(EndReason::TokenRefused(VerifyError::Expired)));
}

#[test]
fn anybody_may_end_it_when_its_time_is_over() {
    let (mut scene, id) = metered();
    let (stranger, vehicle, operator) = (scene.stranger.clone(), scene.vehicle.clone(), scene.operator.clone());
    scene.wait(SESSION_MAX_MS - HOUR_MS - 1);
    assert_eq!(scene.station.recheck(&stranger, id).accepted(), None);
    scene.wait(1);
    let before = [scene.balance(&stranger), scene.balance(&vehicle), scene.balance(&operator)];
    let written = scene.station.recheck(&stranger, id);
    let end = ended(written.only());
    assert_eq!((end.reason, end.settlement.energy_wh), (EndReason::TimedOut, 1000));
    let after = [scene.balance(&stranger), scene.balance(&vehicle), scene.balance(&operator)];
    let gained: Vec<u128> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    assert_eq!(gained, [0, DEPOSIT - 1000 * PRICE, 1000 * PRICE]);
}

/// The time is over, whatever became of the token meanwhile.
#[test]
fn time_is_looked_at_before_the_token() {
    for (_, act) in ENDINGS {
        let (mut scene, id) = metered();
        let meter = scene.meter.clone();
        act(&mut scene);
        scene.wait(SESSION_MAX_MS);
        assert_eq!(scene.station.meter(&meter, id, 1_000_000).accepted(), Some(EndReason::TimedOut));
    }
}

#[test]
fn a_session_that_ended_is_closed_for_everybody() {
    let (mut scene, id) = metered();
    let (vehicle, meter) = (scene.vehicle.clone(), scene.meter.clone());
    scene.on_device(vehicle.device(), Operation::Revoke);
    scene.station.recheck(&meter, id).accepted();
    assert_eq!(scene.station.meter(&meter, id, 2000).error(), Error::SessionNotFound);
    assert_eq!(scene.station.stop(&vehicle, id).error(), Error::SessionNotFound);
}
