//! When nobody can say whether a token is good, nobody is let in and nothing is ended.

use marque_contract_tests::{
    Actor, Failure, Station,
    chain::Means,
    relay::Relays,
    station::{EndReason, Error, Guard, GuardError, SessionId},
};
use marque_primitives::AccountId;
use parity_scale_codec::{Decode, Encode};

use crate::scene::{DEPOSIT, HOUR_MS, PRICE, SESSION_MAX_MS, Scene, access, guard, terms};

const UNAVAILABLE: Error = Error::Guard(GuardError::AccessControlUnavailable);

#[test]
fn a_station_that_asks_nobody_serves_nobody() {
    // No contract, and one that has no such message.
    for is_contract in [false, true] {
        let access = access();
        let access_control = if is_contract { access.registry.contract } else { AccountId([0x99; 32]) };
        let guard = Guard { access_control, ..guard(&access) };
        let station = Station::deploy(access, &guard, &terms(), &Actor::new("another deployer")).unwrap();
        let mut scene = Scene { station, ..Scene::new() };
        let (vehicle, token) = (scene.vehicle.clone(), scene.token(&scene.vehicle));
        assert_eq!(scene.station.start(&vehicle, 1, PRICE, &token, DEPOSIT).error(), UNAVAILABLE);
    }
}

type Answer = Result<Result<Option<EndReason>, Error>, Failure>;

/// Calls with ever less execution paid for, up to twice what the call takes, and checks that the session goes on: it gives how often nobody
/// could say, and how often the call came to its end.
fn pay_less(scene: &mut Scene, needed_ps: u64, mut call: impl FnMut(&mut Station, Means) -> Answer) -> [usize; 2] {
    const FINE_PS: u64 = 1_000_000;
    let coarse = (0..200).map(|step| needed_ps / 100 * step);
    let fine = (0..400).map(|step| needed_ps.saturating_sub(300 * FINE_PS) + step * FINE_PS);
    let (mut unavailable, mut good) = (0, 0);
    for paid_ps in coarse.chain(fine) {
        let before = scene.station.session(1);
        match call(&mut scene.station, Means::within(paid_ps)) {
            Ok(Ok(None)) => good += 1,
            Ok(Err(UNAVAILABLE)) => unavailable += 1,
            Err(Failure::Chain(_)) => {}
            other => panic!("{other:?}, for {paid_ps} ps"),
        }
        assert_eq!(scene.station.session(1), before, "{paid_ps}");
    }
    [unavailable, good]
}

#[test]
fn a_recheck_that_is_paid_too_little_ends_nothing() {
    let (mut scene, id) = Scene::charging();
    let stranger = scene.stranger.account();
    let recheck =
        |station: &mut Station, means| station.call("recheck", id, stranger, means).map(|receipt| receipt.result);
    let needed_ps = scene.station.read::<Result<Option<EndReason>, Error>>("recheck", id).ref_time_ps;
    let [unavailable, good] = pay_less(&mut scene, needed_ps, recheck);
    assert!(unavailable > 0 && good > 0, "{unavailable} {good}");
}

#[test]
fn a_report_that_is_paid_too_little_ends_nothing() {
    let (mut scene, id) = Scene::charging();
    let meter = scene.meter.account();
    scene.wait(HOUR_MS);
    scene.station.meter(&scene.meter.clone(), id, 0).accepted();
    // The same reading again, and again: it changes nothing but its time, which stands still.
    let report =
        |station: &mut Station, means| station.call("meter", (id, 0u64), meter, means).map(|receipt| receipt.result);
    let whole: Answer = report(&mut scene.station, Means::default());
    assert_eq!(whole, Ok(Ok(None)));
    let receipt = scene.station.call::<Result<Option<EndReason>, Error>>("meter", (id, 0u64), meter, Means::default());
    let needed_ps = receipt.unwrap().ref_time_ps;
    let [unavailable, good] = pay_less(&mut scene, needed_ps, report);
    assert!(unavailable > 0 && good > 0, "{unavailable} {good}");
}

/// Once the time is over nobody is asked, so that nothing stands in the way of the end.
#[test]
fn a_session_whose_time_is_over_ends_without_asking() {
    let (mut scene, id) = Scene::charging();
    scene.wait(SESSION_MAX_MS);
    let recheck = scene.station.trial(|station| {
        station.call::<Result<Option<EndReason>, Error>>("recheck", id, AccountId([7; 32]), Means::default()).unwrap()
    });
    assert_eq!(recheck.result, Ok(Some(EndReason::TimedOut)));
    // As deep as the chain lets a call be, where `access_control` could not be asked.
    assert_eq!(through_relays(&mut scene, id), [vec![Some(Ok(Some(EndReason::TimedOut))); 6], vec![None; 2]].concat());
}

#[test]
fn a_recheck_from_too_deep_ends_nothing() {
    let (mut scene, id) = Scene::charging();
    let expected = [
        // The chain has six places: the relays', the station's, and those of the two that are asked.
        vec![Some(Ok(None)); 4],
        vec![Some(Err(UNAVAILABLE)); 1],
        vec![None; 3],
    ];
    assert_eq!(through_relays(&mut scene, id), expected.concat());
    assert!(scene.station.session(1).is_some());
}

/// What a stranger is told that has a session rechecked through 0 to 7 relays; `None` where the chain ends the call.
fn through_relays(scene: &mut Scene, id: SessionId) -> Vec<Option<Result<Option<EndReason>, Error>>> {
    let (stranger, station) = (scene.stranger.account(), scene.station.contract);
    let relays = Relays::deploy(scene.station.chain(), 7);
    let input = (scene.station.bundle().selector("recheck"), id).encode();
    (0..8)
        .map(|depth| {
            let (first, input) = relays.through(depth, station, input.clone());
            let called = scene.station.trial(|station| station.chain().call(first, input, stranger, Means::default()));
            // The first byte says that the input was read.
            called.map(|receipt| Decode::decode(&mut &receipt.result.data[1..]).unwrap()).ok()
        })
        .collect()
}
