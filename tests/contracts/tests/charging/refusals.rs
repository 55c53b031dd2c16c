//! Every refusal, for its own reason.

use marque_contract_tests::{
    Actor, Station,
    station::{Error, Guard, GuardError, StationInfo, Terms},
};
use marque_primitives::{
    AccountId, Operation,
    access::AccessOperation,
    blake2b_256, bounds,
    token::{Claims, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

use crate::scene::{DEPOSIT, HOUR_MS, PRICE, Scene, access, guard, terms};

/// Why a vehicle with a good token is not served that asks like this.
fn start(scene: &mut Scene, connector: u8, price_max_per_wh: u128, deposit: u128) -> Error {
    let vehicle = scene.vehicle.clone();
    let token = scene.token(&vehicle);
    scene.station.start(&vehicle, connector, price_max_per_wh, &token, deposit).error()
}

#[test]
fn a_start_is_refused_for_the_first_thing_that_is_wrong() {
    let mut scene = Scene::new();
    let other = scene.other.clone();
    scene.start(&other, 2);
    for connector in [0, 3, u8::MAX] {
        assert_eq!(start(&mut scene, connector, 0, 0), Error::ConnectorNotFound);
    }
    assert_eq!(start(&mut scene, 2, 0, 0), Error::ConnectorBusy);
    assert_eq!(start(&mut scene, 1, 0, 0), Error::NoDeposit);
    assert_eq!(start(&mut scene, 1, PRICE - 1, 1), Error::PriceTooHigh);
    let vehicle = scene.vehicle.clone();
    let written = scene.station.start(&vehicle, 1, PRICE, b"", 1);
    assert_eq!(written.error(), Error::Guard(GuardError::Refused(VerifyError::Malformed)));
}

/// Why the vehicle is not served with this token.
fn refused(scene: &mut Scene, token: &[u8]) -> VerifyError {
    let vehicle = scene.vehicle.clone();
    let before = scene.balance(&vehicle);
    let error = match scene.station.start(&vehicle, 1, PRICE, token, DEPOSIT).error() {
        Error::Guard(GuardError::Refused(error)) => error,
        error => panic!("{error:?}"),
    };
    assert_eq!(scene.balance(&vehicle), before, "what it paid came back");
    error
}

#[test]
fn each_fault_of_a_token_is_passed_on() {
    type Spoil = fn(&mut Scene, &mut Claims);
    let faults: [(VerifyError, Spoil); 13] = [
        (VerifyError::UnknownIssuer, |_, claims| claims.issuer = "https://elsewhere.example".into()),
        (VerifyError::UnknownIssuer, |scene, _| scene.on_issuer(AccessOperation::Deactivate)),
        (VerifyError::IssuerKeyNotValid, |scene, _| scene.on_issuer(AccessOperation::RevokeKey { id: 0 })),
        (VerifyError::LifetimeTooLong, |_, claims| claims.expires_s += 1),
        (VerifyError::Expired, |scene, _| scene.wait(24 * HOUR_MS + bounds::CLOCK_SKEW_MAX_MS)),
        (VerifyError::NotYetValid, |_, claims| claims.not_before_s = Some(claims.issued_s + 31)),
        (VerifyError::WrongAudience, |_, claims| claims.audience = vec!["station-2".into()]),
        (VerifyError::MissingScope, |_, claims| claims.scopes = vec!["charge:stop".into()]),
        (VerifyError::DeviceUnknown, |_, claims| claims.subject.registry.0[0] ^= 1),
        (VerifyError::DeviceSuspended, |scene, _| scene.on_device(scene.vehicle.device(), Operation::Suspend)),
        (VerifyError::DeviceRevoked, |scene, _| scene.on_device(scene.vehicle.device(), Operation::Revoke)),
        (VerifyError::StaleEpoch, |scene, _| scene.on_device(scene.vehicle.device(), Operation::BumpEpoch)),
        (VerifyError::TokenRevoked, |scene, claims| {
            let (token, expires_ms) = (blake2b_256(claims.token_id.as_bytes()), claims.expires_ms());
            scene.on_issuer(AccessOperation::RevokeToken { token, expires_ms });
        }),
    ];
    for (expected, spoil) in faults {
        let mut scene = Scene::new();
        let mut claims = scene.claims(&scene.vehicle);
        spoil(&mut scene, &mut claims);
        let token = scene.issue(&claims);
        assert_eq!(refused(&mut scene, &token), expected);
    }
}

#[test]
fn what_is_no_token_or_somebody_elses_starts_nothing() {
    let mut scene = Scene::new();
    let good = scene.token(&scene.vehicle);
    for token in [&good[..good.len() - 1], &[], &[0xd2; bounds::CWT_BYTES_MAX + 1], &[0xd2; 15_000]] {
        assert_eq!(refused(&mut scene, token), VerifyError::Malformed);
    }
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&mut scene, &forged), VerifyError::InvalidSignature);
    let others = scene.token(&scene.other);
    assert_eq!(refused(&mut scene, &others), VerifyError::PresenterIsNotSubject);
    // Whoever stole the token.
    for thief in [&scene.other, &scene.stranger, &scene.operator, &scene.meter, &scene.controller, &scene.owner] {
        let (thief, expected) = (thief.clone(), Error::Guard(GuardError::Refused(VerifyError::PresenterIsNotSubject)));
        assert_eq!(scene.station.start(&thief, 1, PRICE, &good, DEPOSIT).error(), expected, "{}", thief.name);
        // Restored, for the next one: the scene is the same.
    }
    let vehicle = scene.vehicle.clone();
    scene.station.start(&vehicle, 1, PRICE, &good, DEPOSIT).accepted();
}

#[test]
fn another_authorization_servers_token_is_not_trusted() {
    let access = access();
    let guard = Guard { issuer: 7, ..guard(&access) };
    let station = Station::deploy(access, &guard, &terms(), &Actor::new("another deployer")).unwrap();
    let mut scene = Scene { station, ..Scene::new() };
    let token = scene.token(&scene.vehicle);
    assert_eq!(refused(&mut scene, &token), VerifyError::UntrustedIssuer);
}

#[test]
fn only_the_meter_meters_and_within_what_can_flow() {
    let (mut scene, id) = Scene::charging();
    let meter = scene.meter.clone();
    for caller in [&scene.vehicle, &scene.operator, &scene.stranger, &scene.controller].map(Actor::clone) {
        assert_eq!(scene.station.meter(&caller, id, 0).error(), Error::NotAuthorized, "{}", caller.name);
    }
    assert_eq!(scene.station.meter(&meter, id, 1).error(), Error::EnergyExceedsPower, "no time has passed");
    // 22 kW are 11 Wh in 1.8 seconds.
    scene.wait(1_800);
    assert_eq!(scene.station.meter(&meter, id, 12).error(), Error::EnergyExceedsPower);
    assert_eq!(scene.station.meter(&meter, id, u64::MAX).error(), Error::EnergyExceedsPower);
    scene.station.meter(&meter, id, 11).accepted();
    assert_eq!(scene.station.meter(&meter, id, 10).error(), Error::EnergyDecreased);
}

#[test]
fn only_the_vehicle_and_the_operator_stop_a_session() {
    let (mut scene, id) = Scene::charging();
    for caller in [&scene.other, &scene.meter, &scene.stranger, &scene.controller, &scene.owner].map(Actor::clone) {
        assert_eq!(scene.station.stop(&caller, id).error(), Error::NotAuthorized, "{}", caller.name);
    }
}

#[test]
fn a_session_that_is_not_open_is_not_found() {
    let (mut scene, id) = Scene::charging();
    let (vehicle, meter) = (scene.vehicle.clone(), scene.meter.clone());
    scene.station.stop(&vehicle, id).accepted();
    let next = scene.start(&vehicle, 1);
    for connector in [0, 2, 3, u8::MAX] {
        let elsewhere = marque_contract_tests::station::SessionId { connector, ..next };
        assert_eq!(scene.station.stop(&vehicle, elsewhere).error(), Error::SessionNotFound);
    }
    assert_eq!(scene.station.stop(&vehicle, id).error(), Error::SessionNotFound, "it is another one's connector now");
    assert_eq!(scene.station.meter(&meter, id, 0).error(), Error::SessionNotFound);
    assert_eq!(scene.station.recheck(&vehicle, id).error(), Error::SessionNotFound);
}

#[test]
fn only_the_operator_sets_a_price_that_is_one() {
    let mut scene = Scene::new();
    let operator = scene.operator.clone();
    for caller in [&scene.vehicle, &scene.meter, &scene.stranger].map(Actor::clone) {
        assert_eq!(scene.station.set_price(&caller, 0).error(), Error::NotAuthorized);
    }
    assert_eq!(scene.station.set_price(&operator, 0).error(), Error::InvalidTerms);
    scene.station.set_price(&operator, u128::MAX).accepted();
}

#[test]
fn no_station_has_terms_that_are_none() {
    let zero = |change: fn(&mut Terms)| {
        let mut terms = terms();
        change(&mut terms);
        let access = access();
        let guard = guard(&access);
        Station::deploy(access, &guard, &terms, &Actor::new("deployer")).err()
    };
    let bad: [fn(&mut Terms); 7] = [
        |terms| terms.connectors = 0,
        |terms| terms.connectors = 17,
        |terms| terms.price_per_wh = 0,
        |terms| terms.power_max_w = 0,
        |terms| terms.power_max_w = 10_000_001,
        |terms| terms.session_max_ms = 0,
        |terms| terms.session_max_ms = 24 * HOUR_MS + 1,
    ];
    for change in bad {
        assert_eq!(zero(change), Some(Error::InvalidTerms));
    }
    assert_eq!(zero(|terms| (terms.connectors, terms.power_max_w) = (16, 10_000_000)), None);
}

#[test]
fn the_counter_of_sessions_stops_at_its_end() {
    let mut scene = Scene::new();
    let info = StationInfo { started: u64::MAX, ..scene.station.info() };
    scene.station.plant(&info);
    assert_eq!(start(&mut scene, 1, PRICE, DEPOSIT), Error::Overflow);
}

#[test]
fn nothing_is_paid_where_nothing_is_owed_or_to_the_station_itself() {
    let (mut scene, _) = Scene::charging();
    let station = scene.station.contract;
    for caller in [&scene.vehicle, &scene.operator, &scene.stranger, &scene.meter].map(Actor::clone) {
        assert_eq!(scene.station.withdraw(&caller, caller.account()).error(), Error::NothingOwed, "{}", caller.name);
        assert_eq!(scene.station.withdraw(&caller, station).error(), Error::InvalidRecipient);
    }
    assert_eq!(scene.station.owed(AccountId([0; 32])), 0);
}

/// Append-only: clients and stored events know errors by these numbers.
#[test]
fn numbers_stay() {
    let all = (0..=u8::MAX).map_while(|number| Error::decode(&mut &[number, 0, 0][..]).ok());
    let names: Vec<String> = all.map(|error| format!("{} {error:?}", error.encode()[0])).collect();
    let expected = "\
        0 SessionNotFound, 1 NotAuthorized, 2 InvalidTerms, 3 ConnectorNotFound, 4 ConnectorBusy, 5 NoDeposit, \
        6 PriceTooHigh, 7 Guard(Refused(Malformed)), 8 EnergyDecreased, 9 EnergyExceedsPower, 10 InvalidRecipient, \
        11 NothingOwed, 12 TransferFailed, 13 Overflow";
    assert_eq!(names.join(", "), expected);
}
