//! Storage deposits: what an entry takes comes back when it goes, to whoever removes it.
//!
//! The chain refunds a share of what the contract's bytes cost, rounded down: on this chain, where a byte costs one unit, it may be one
//! unit less. Where a byte costs billions of units, as on the node, that is nothing.

use marque_contract_tests::{Actor, samples};
use marque_primitives::{Controller, Operation, Relationships, Role};

use crate::scene::{HOUR_MS, Scene};

const ROUNDING: i128 = 1;

#[test]
fn an_entry_gives_back_what_it_took() {
    let mut scene = Scene::controlled();
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    let account = Actor::new("operator").account();
    let pairs = [
        (
            Operation::SetService { service: samples::largest_service(0) },
            Operation::RemoveService { id: samples::largest_service(0).id },
        ),
        (
            Operation::SetDelegate { account, role: Role::Operator, expires_ms },
            Operation::RemoveDelegate { account, role: Role::Operator },
        ),
        (Operation::SetMetadata { hash: Some([1; 32]) }, Operation::SetMetadata { hash: None }),
        (Operation::OfferTransfer { to: Controller::Device, expires_ms }, Operation::CancelTransfer),
    ];
    for (add, remove) in pairs {
        let taken = scene.by_controller(add.clone()).receipt.deposit;
        let returned = scene.by_controller(remove).receipt.deposit;
        assert!(taken > 0, "{add:?}");
        assert!((0..=ROUNDING).contains(&(taken + returned)), "{add:?}: {taken} {returned}");
    }
}

#[test]
fn who_removes_is_paid_whoever_had_paid() {
    let mut scene = Scene::controlled();
    let payer = scene.controller.clone();
    scene.registry.chain.fund(payer.account());
    let before = scene.registry.chain.free_balance(payer.account());
    let taken = scene.by_controller(Operation::SetService { service: samples::service("meter") }).receipt.deposit;
    let paid = before - scene.registry.chain.free_balance(payer.account());
    assert_eq!(i128::try_from(paid).unwrap(), taken);

    let device = scene.device.clone();
    let before = scene.registry.chain.free_balance(device.account());
    scene.by_device(Operation::RemoveService { id: "meter".into() });
    let received = scene.registry.chain.free_balance(device.account()) - before;
    let short = i128::try_from(paid).unwrap() - i128::try_from(received).unwrap();
    assert!((0..=ROUNDING).contains(&short), "the device did not pay for the service, and has the deposit now");
}

#[test]
fn a_sponsor_pays_and_is_paid_for_what_it_submits() {
    let mut scene = Scene::controlled();
    let sponsor = Actor::new("sponsor");
    let set =
        scene.registry.sign(&scene.device, scene.id(), Operation::SetService { service: samples::service("meter") });
    scene.registry.chain.fund(sponsor.account());
    let start = scene.registry.chain.free_balance(sponsor.account());
    let first = scene.registry.submit(&sponsor, set).receipt.deposit;
    let remove = scene.registry.sign(&scene.device, scene.id(), Operation::RemoveService { id: "meter".into() });
    let second = scene.registry.submit(&sponsor, remove).receipt.deposit;
    let kept = start - scene.registry.chain.free_balance(sponsor.account());
    assert_eq!(i128::try_from(kept).unwrap(), first + second);
    // The first nonce of a lane makes room for the lane, which stays.
    assert!((8..=8 + ROUNDING).contains(&(first + second)), "{first} {second}");
}

#[test]
fn revocation_gives_back_all_but_the_tombstone() {
    let mut scene = Scene::empty();
    let smallest = scene.registry.trial(|registry| {
        let device = Actor::new("smallest");
        let registration = samples::registration(Controller::Device);
        registry.execute(&device, device.device(), registration).receipt.deposit
    });
    let empty = scene.registry.chain.held_deposit(scene.registry.contract);
    let keys = (1..16).map(|number| Actor::new(format!("key {number}")).new_key(Relationships::AUTHENTICATION));
    let register = Operation::Register {
        controller: Controller::Account(scene.controller.account()),
        metadata: Some([1; 32]),
        keys: keys.collect(),
        services: (0..8).map(samples::largest_service).collect(),
    };
    let taken = scene.by_device(register).receipt.deposit;
    let returned = -scene.by_controller(Operation::Revoke).receipt.deposit;
    let tombstone = i128::try_from(scene.registry.chain.held_deposit(scene.registry.contract) - empty).unwrap();
    assert_eq!(taken - returned, tombstone);
    // It has the account that controlled the device.
    assert!(tombstone < smallest + 32, "a tombstone is smaller than the smallest device: {tombstone} {smallest}");
    assert!(returned > taken * 9 / 10);
}
