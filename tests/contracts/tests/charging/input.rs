//! Bad input: a typed error or a language error, never a trap, and nothing changed on chain.

use marque_contract_tests::{Actor, Chain, Failure, chain::Means, station::SessionId};
use marque_primitives::bounds;
use parity_scale_codec::Encode;

use crate::scene::{PRICE, Scene, guard, terms};

/// The whole input of each message but the constructor, by its name.
pub fn all(scene: &Scene, id: SessionId) -> Vec<(&'static str, Vec<u8>)> {
    let input = |name, arguments: Vec<u8>| (name, [&scene.station.bundle().selector(name)[..], &arguments].concat());
    let account = scene.vehicle.account();
    vec![
        input("start", (2u8, PRICE, scene.token(&scene.vehicle)).encode()),
        input("meter", (id, 0u64).encode()),
        input("stop", id.encode()),
        input("recheck", id.encode()),
        input("withdraw", account.encode()),
        input("set_price", PRICE.encode()),
        input("info", Vec::new()),
        input("session", 1u8.encode()),
        input("owed", account.encode()),
    ]
}

fn unreadable(scene: &mut Scene, input: Vec<u8>, context: &str) {
    let caller = scene.operator.account();
    let answer = scene.station.call_raw(input, caller, Means::default());
    assert_eq!(answer.map(|receipt| receipt.result), Err(Failure::Language), "{context}");
}

#[test]
fn truncated_input_is_refused_at_every_byte() {
    let (mut scene, id) = Scene::charging();
    let messages = all(&scene, id);
    // All but the constructor.
    assert_eq!(messages.len() + 1, scene.station.bundle().names().count());
    let before = scene.station.session(1);
    for (name, whole) in messages {
        for length in 0..whole.len() {
            unreadable(&mut scene, whole[..length].to_vec(), &format!("{name}: {length} of {}", whole.len()));
        }
    }
    assert_eq!(scene.station.session(1), before);
    scene.station.check_money();
}

#[test]
fn unknown_messages_are_refused() {
    let (mut scene, _) = Scene::charging();
    for input in [vec![], vec![0xd0], vec![0; 3], vec![0; 4], vec![0xff; 4], vec![0xff; 100]] {
        unreadable(&mut scene, input.clone(), &format!("{input:02x?}"));
    }
    let constructor = (scene.station.bundle().selector("new"), guard(&scene.station.access), terms()).encode();
    unreadable(&mut scene, constructor, "a constructor is no message");
}

/// ink! reads what a message takes and stops there: what follows is ignored.
#[test]
fn trailing_bytes_are_ignored() {
    let (mut scene, id) = Scene::charging();
    let caller = scene.vehicle.account();
    for (name, whole) in all(&scene, id) {
        let longer = [&whole[..], b"trailing"].concat();
        let means = if name == "start" { Means::paying(1) } else { Means::default() };
        let answers = [whole, longer].map(|input| {
            scene.station.trial(|station| {
                let receipt = station.call_raw(input, caller, means).unwrap();
                (receipt.result, receipt.events)
            })
        });
        assert_eq!(answers[0], answers[1], "{name}");
    }
}

/// ink!'s buffer has 16 KiB. What is longer ends in the contract's trap before any of its code runs: the chain undoes the call.
#[test]
fn input_over_the_buffer_is_undone_by_the_chain() {
    let (mut scene, id) = Scene::charging();
    let caller = scene.operator.account();
    for (name, mut input) in all(&scene, id) {
        input.resize(bounds::CALL_BYTES_MAX + 1, 0);
        let answer = scene.station.call_raw(input, caller, Means::default()).map(|receipt| receipt.result);
        assert!(matches!(answer, Err(Failure::Chain(_))), "{name}: {answer:?}");
    }
    scene.station.check_money();
}

#[test]
fn is_not_deployed_by_bad_input() {
    let (scene, _) = Scene::charging();
    let bundle = scene.station.bundle().clone();
    let whole = (bundle.selector("new"), guard(&scene.station.access), terms()).encode();
    let deployer = Actor::new("deployer").account();
    let mut chain = Chain::default();
    for length in 0..whole.len() {
        let deployed = chain.deploy(&bundle.wasm, whole[..length].to_vec(), b"", deployer);
        assert_eq!(deployed.map(|receipt| receipt.result), Err(Failure::Language), "{length}");
    }
}
