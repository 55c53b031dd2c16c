//! How a session begins, goes on and ends.

use super::*;

const UNAVAILABLE: Result<(), GuardError> = Err(GuardError::AccessControlUnavailable);

#[test]
fn a_session_has_what_the_vehicle_agreed_to() {
    let world = World::charging();
    let expected = Session {
        id: SessionId { connector: 1, number: 1 },
        vehicle: VEHICLE,
        standing: standing(VEHICLE),
        deposit: DEPOSIT,
        price_per_wh: PRICE,
        started_ms: START_MS,
        ends_ms: START_MS + 8 * HOUR_MS,
        energy_wh: 0,
        metered_ms: START_MS,
    };
    assert_eq!(world.session(1), Some(expected));
    assert_eq!(world.session(2), None);
}

#[test]
fn a_session_is_refused_by_the_first_reason() {
    let mut world = World::charging();
    world.tokens.insert(OTHER_VEHICLE, Err(GuardError::Refused(VerifyError::MissingScope)));
    for connector in [0, 3, 255] {
        assert_eq!(world.start(OTHER_VEHICLE, connector, 0, 0), Err(Error::ConnectorNotFound));
    }
    assert_eq!(world.start(OTHER_VEHICLE, 1, 0, 0), Err(Error::ConnectorBusy));
    assert_eq!(world.start(OTHER_VEHICLE, 2, 0, 0), Err(Error::NoDeposit));
    assert_eq!(world.start(OTHER_VEHICLE, 2, 1, PRICE - 1), Err(Error::PriceTooHigh));
    let refused = Error::Guard(GuardError::Refused(VerifyError::MissingScope));
    assert_eq!(world.start(OTHER_VEHICLE, 2, 1, PRICE), Err(refused));
    world.tokens.insert(OTHER_VEHICLE, UNAVAILABLE);
    assert_eq!(world.start(OTHER_VEHICLE, 2, 1, PRICE), Err(GuardError::AccessControlUnavailable.into()));
    world.tokens.insert(OTHER_VEHICLE, Ok(()));
    assert_eq!(world.start(OTHER_VEHICLE, 2, 1, PRICE), Ok(SessionId { connector: 2, number: 2 }));
}

#[test]
fn one_vehicle_may_use_two_connectors() {
    let mut world = World::charging();
    let second = world.start(VEHICLE, 2, DEPOSIT, PRICE).unwrap();
    world.stop(VEHICLE, World::id()).unwrap();
    assert_eq!(world.accounts[&VEHICLE].uses, 1);
    world.stop(VEHICLE, second).unwrap();
    assert!(!world.accounts.contains_key(&VEHICLE));
}

#[test]
fn readings_rise_within_the_power() {
    let mut world = World::charging();
    assert_eq!(world.meter(METER, World::id(), 1), Err(Error::EnergyExceedsPower), "no time has passed");
    assert_eq!(world.meter(METER, World::id(), 0), Ok(None));
    world.now_ms += 164;
    assert_eq!(world.meter(METER, World::id(), 2), Err(Error::EnergyExceedsPower));
    assert_eq!(world.meter(METER, World::id(), 1), Ok(None));
    assert_eq!(world.meter(METER, World::id(), 0), Err(Error::EnergyDecreased));
    world.now_ms += HOUR_MS / 4;
    assert_eq!(world.meter(METER, World::id(), u64::MAX), Err(Error::EnergyExceedsPower));
    assert_eq!(world.meter(METER, World::id(), 5_000), Ok(None));
    assert_eq!(world.meter(METER, World::id(), 5_000), Ok(None), "it may say the same again");
    let session = world.session(1).unwrap();
    assert_eq!((session.energy_wh, session.metered_ms), (5_000, world.now_ms));
}

#[test]
fn the_deposit_ends_the_session_and_is_never_exceeded() {
    for (energy_wh, expected) in
        [(9_999, None), (10_000, Some(EndReason::DepositUsedUp)), (11_000, Some(EndReason::DepositUsedUp))]
    {
        let mut world = World::charging();
        world.now_ms += HOUR_MS / 2;
        assert_eq!(world.meter(METER, World::id(), energy_wh), Ok(expected));
        world.stop(OPERATOR, World::id()).ok();
        let Settlement { energy_wh: settled_wh, cost, rest, .. } = world.settlement();
        assert_eq!((settled_wh, cost), (energy_wh, PRICE * Balance::from(energy_wh.min(10_000))));
        assert_eq!(cost + rest, DEPOSIT);
    }
}

#[test]
fn the_highest_price_costs_the_deposit_and_no_more() {
    let mut world = World::new();
    world.set_price(OPERATOR, Balance::MAX).unwrap();
    let id = world.start(VEHICLE, 1, DEPOSIT, Balance::MAX).unwrap();
    world.now_ms += HOUR_MS;
    assert_eq!(world.meter(METER, id, 3), Ok(Some(EndReason::DepositUsedUp)));
    assert_eq!(world.balance(OPERATOR), i128::try_from(DEPOSIT).unwrap());
}

#[test]
fn a_token_that_is_no_longer_good_ends_the_session_at_the_last_reading() {
    for error in [
        VerifyError::DeviceRevoked,
        VerifyError::DeviceSuspended,
        VerifyError::StaleEpoch,
        VerifyError::TokenRevoked,
        VerifyError::Expired,
        VerifyError::IssuerKeyNotValid,
    ] {
        let reason = EndReason::TokenRefused(error);
        for is_reported_by_meter in [true, false] {
            let mut world = World::charging();
            world.now_ms += HOUR_MS / 4;
            world.meter(METER, World::id(), 1_000).unwrap();
            world.tokens.insert(VEHICLE, Err(GuardError::Refused(error)));
            world.now_ms += HOUR_MS / 4;
            let ended = if is_reported_by_meter {
                world.meter(METER, World::id(), 2_000)
            } else {
                world.recheck(STRANGER, World::id())
            };
            assert_eq!(ended, Ok(Some(reason)));
            assert_eq!(world.settlement().energy_wh, 1_000);
            assert_eq!(world.ended[0].1, reason);
        }
    }
}

#[test]
fn a_bad_reading_does_not_keep_a_revoked_vehicle_charging() {
    for energy_wh in [0, u64::MAX] {
        let mut world = World::charging();
        world.now_ms += HOUR_MS / 4;
        world.meter(METER, World::id(), 1_000).unwrap();
        world.tokens.insert(VEHICLE, Err(GuardError::Refused(VerifyError::DeviceRevoked)));
        let reason = EndReason::TokenRefused(VerifyError::DeviceRevoked);
        assert_eq!(world.meter(METER, World::id(), energy_wh), Ok(Some(reason)));
    }
}

#[test]
fn while_nobody_can_say_whether_the_token_is_good_nothing_is_charged_or_ended() {
    let mut world = World::charging();
    world.now_ms += HOUR_MS / 4;
    world.tokens.insert(VEHICLE, UNAVAILABLE);
    let unavailable = Err(Error::Guard(GuardError::AccessControlUnavailable));
    let before = world.session(1);
    assert_eq!(world.meter(METER, World::id(), 1_000), unavailable);
    assert_eq!(world.recheck(STRANGER, World::id()), unavailable);
    assert_eq!(world.session(1), before);
    world.stop(VEHICLE, World::id()).unwrap();
}

#[test]
fn time_ends_the_session_whatever_the_access_contract_says() {
    let mut world = World::charging();
    world.now_ms = START_MS + 8 * HOUR_MS - 1;
    assert_eq!(world.meter(METER, World::id(), 1_000), Ok(None));
    assert_eq!(world.recheck(STRANGER, World::id()), Ok(None));
    world.now_ms += 1;
    world.tokens.insert(VEHICLE, UNAVAILABLE);
    let asked = world.asked;
    for is_reported_by_meter in [true, false] {
        let mut world = world.clone();
        let ended = if is_reported_by_meter {
            world.meter(METER, World::id(), 2_000)
        } else {
            world.recheck(STRANGER, World::id())
        };
        assert_eq!(ended, Ok(Some(EndReason::TimedOut)));
        assert_eq!(world.settlement().energy_wh, 1_000, "a reading that comes too late does not count");
        assert_eq!(world.asked, asked, "nobody is asked");
    }
}

#[test]
fn who_stops_is_remembered() {
    for (caller, reason) in [(VEHICLE, EndReason::StoppedByVehicle), (OPERATOR, EndReason::StoppedByOperator)] {
        let mut world = World::charging();
        assert_eq!(world.stop(caller, World::id()), Ok(reason));
    }
}

#[test]
fn a_free_connector_takes_as_many_bytes_as_a_taken_one() {
    use ink::scale::Encode;
    let largest = SessionId { connector: u8::MAX, number: u64::MAX };
    let arrival = Arrival { id: largest, vehicle: VEHICLE, standing: standing(VEHICLE), deposit: Balance::MAX };
    let session = Session::start(&Terms { price_per_wh: Balance::MAX, ..terms() }, arrival, u64::MAX);
    assert_eq!(Slot::Taken(session).encoded_size(), Slot::FREE.encoded_size());
    assert_eq!(Slot::Taken(World::charging().session(1).unwrap()).encoded_size(), Slot::FREE.encoded_size());
    assert_eq!(Account::default().encoded_size(), Account { owed: Balance::MAX, uses: u8::MAX }.encoded_size());
}
