//! Random histories of a station: whatever happens, all the money is accounted for, and none is left when all is over.

use marque_contract_tests::{
    Actor,
    station::{EndReason, Error, GuardError, SessionId},
};
use marque_primitives::{Operation, access::AccessOperation};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    charge::ROUNDING,
    scene::{MINUTE_MS, PRICE, SESSION_MAX_MS, Scene},
};

#[derive(Clone, Copy, Debug)]
enum Step {
    Start { by_other: bool, connector: u8, deposit: u32 },
    Meter { connector: u8, energy_wh: u16 },
    Stop { connector: u8, by_vehicle: bool },
    Recheck { connector: u8 },
    Withdraw { by_other: bool },
    SetPrice { factor: u8 },
    Wait { minutes: u16 },
    EndTokens { of_other: bool },
    RevokeToken { of_other: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let connector = 0..4u8;
    prop_oneof![
        4 => (any::<bool>(), connector.clone(), 0..200_000u32)
            .prop_map(|(by_other, connector, deposit)| Step::Start { by_other, connector, deposit }),
        4 => (connector.clone(), 0..20_000u16).prop_map(|(connector, energy_wh)| Step::Meter { connector, energy_wh }),
        2 => (connector.clone(), any::<bool>()).prop_map(|(connector, by_vehicle)| Step::Stop { connector, by_vehicle }),
        1 => connector.prop_map(|connector| Step::Recheck { connector }),
        1 => any::<bool>().prop_map(|by_other| Step::Withdraw { by_other }),
        1 => (0..4u8).prop_map(|factor| Step::SetPrice { factor }),
        2 => (0..60u16).prop_map(|minutes| Step::Wait { minutes }),
        1 => any::<bool>().prop_map(|of_other| Step::EndTokens { of_other }),
        1 => any::<bool>().prop_map(|of_other| Step::RevokeToken { of_other }),
    ]
}

/// The session at a connector, or one that never was.
fn id(scene: &mut Scene, connector: u8) -> SessionId {
    scene.station.session(connector).map_or(SessionId { connector, number: 0 }, |session| session.id)
}

fn vehicle(scene: &Scene, is_other: bool) -> Actor {
    if is_other { scene.other.clone() } else { scene.vehicle.clone() }
}

/// Does the step, whatever comes of it: the harness checks each.
fn act(scene: &mut Scene, step: Step) {
    match step {
        Step::Start { by_other, connector, deposit } => {
            let vehicle = vehicle(scene, by_other);
            let token = scene.token(&vehicle);
            let result = scene.station.start(&vehicle, connector, 2 * PRICE, &token, deposit.into()).receipt.result;
            assert_ne!(result, Err(Error::Guard(GuardError::AccessControlUnavailable)));
        }
        Step::Meter { connector, energy_wh } => {
            let (id, meter) = (id(scene, connector), scene.meter.clone());
            scene.station.meter(&meter, id, energy_wh.into());
        }
        Step::Stop { connector, by_vehicle } => {
            let stranger = scene.stranger.account();
            let of = scene.station.session(connector).map_or(stranger, |session| session.vehicle);
            let is_other = of == scene.other.account();
            let caller = if by_vehicle { vehicle(scene, is_other) } else { scene.operator.clone() };
            let id = id(scene, connector);
            scene.station.stop(&caller, id);
        }
        Step::Recheck { connector } => {
            let (id, stranger) = (id(scene, connector), scene.stranger.clone());
            scene.station.recheck(&stranger, id);
        }
        Step::Withdraw { by_other } => {
            let vehicle = vehicle(scene, by_other);
            scene.station.withdraw(&vehicle, vehicle.account());
        }
        Step::SetPrice { factor } => {
            let operator = scene.operator.clone();
            scene.station.set_price(&operator, PRICE * u128::from(factor));
        }
        Step::Wait { minutes } => scene.wait(u64::from(minutes) * MINUTE_MS),
        // The tokens that `start` presents are of the first epoch: the vehicle charges no more.
        Step::EndTokens { of_other } => scene.on_device(vehicle(scene, of_other).device(), Operation::BumpEpoch),
        Step::RevokeToken { of_other } => {
            let device = vehicle(scene, of_other).device();
            let before_ms = scene.station.access.now_ms();
            let (owner, operation) = (scene.owner.clone(), AccessOperation::RevokeTokensBefore { device, before_ms });
            // It may be revoked up to then already.
            scene.station.access.execute(&owner, crate::scene::ISSUER, operation);
        }
    }
}

fn everybody(scene: &Scene) -> [Actor; 4] {
    [&scene.vehicle, &scene.other, &scene.operator, &scene.stranger].map(Actor::clone)
}

/// Ends what is open, and has everybody take what is theirs.
fn wind_up(scene: &mut Scene) {
    scene.wait(SESSION_MAX_MS);
    let stranger = scene.stranger.clone();
    for connector in 1..=2 {
        if let Some(session) = scene.station.session(connector) {
            assert_eq!(scene.station.recheck(&stranger, session.id).accepted(), Some(EndReason::TimedOut));
        }
    }
    for vehicle in [scene.vehicle.clone(), scene.other.clone()] {
        let result = scene.station.withdraw(&vehicle, vehicle.account()).receipt.result;
        assert!(matches!(result, Ok(0) | Err(Error::NothingOwed)), "{result:?}");
    }
}

#[test]
fn no_money_is_made_lost_or_left() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&prop::collection::vec(step(), 1..40), |steps| {
        let mut scene = Scene::new();
        let held = scene.station.held();
        let station = scene.station.contract;
        let floor = scene.station.chain().free_balance(station);
        let all = |scene: &mut Scene| everybody(scene).iter().map(|actor| scene.balance(actor)).sum::<u128>();
        let before = all(&mut scene);
        let count = steps.len() as u128;
        steps.into_iter().for_each(|step| act(&mut scene, step));
        wind_up(&mut scene);
        assert_eq!(scene.station.chain().free_balance(station), floor, "no money is left");
        for actor in everybody(&scene) {
            assert_eq!(scene.station.owed(actor.account()), 0);
        }
        // What the chain rounds down stays with it as the station's storage deposit.
        let kept = scene.station.held() - held;
        assert!(kept <= ROUNDING * (count + 4), "{kept}");
        assert_eq!(all(&mut scene) + kept, before, "all that was paid in was paid out");
        Ok(())
    });
    outcome.unwrap();
}
