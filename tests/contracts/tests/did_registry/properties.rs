//! Random operations by random actors, and what holds after each of them.

use std::{cell::Cell, collections::BTreeSet};

use marque_contract_tests::{Actor, Registry, samples};
use marque_primitives::{
    Controller, Device, DeviceId, NewKey, Operation, PublicKey, Relationships, Role, Status, bounds,
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::scene::HOUR_MS;

/// What one step does: who, to which device, what, how it is submitted, and how long after the step before.
#[derive(Clone, Debug)]
struct Step {
    actor: usize,
    device: usize,
    operation: Operation,
    signed: bool,
    wait_ms: u64,
}

const DEVICES: usize = 2;
/// The devices' initial keys come first.
const ACTORS: usize = 6;
const KEYS: usize = 60;

fn actor(number: usize) -> Actor {
    Actor::new(format!("actor {number}"))
}

/// A key by number; among them are the actors' own keys, and keys of other types.
fn public_key() -> impl Strategy<Value = PublicKey> {
    (0..KEYS).prop_map(|number| match number % 6 {
        0..=3 => actor(number).public_key(),
        4 => PublicKey::P256([2 + u8::from(number % 4 == 0); 33]),
        _ => PublicKey::X25519([u8::try_from(number).unwrap_or(0); 32]),
    })
}

fn new_key() -> impl Strategy<Value = NewKey> {
    let relationships = prop_oneof![
        Just(Relationships::INITIAL),
        Just(Relationships::AUTHENTICATION),
        Just(Relationships::CAPABILITY_INVOCATION),
        Just(Relationships::KEY_AGREEMENT),
    ];
    (public_key(), relationships).prop_map(|(public_key, relationships)| NewKey { public_key, relationships })
}

fn controller() -> impl Strategy<Value = Controller> {
    prop_oneof![Just(Controller::Device), (0..ACTORS).prop_map(|number| Controller::Account(actor(number).account()))]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Operator), Just(Role::Rotator)]
}

/// Times around the chain's first two days, so that some are over and most are not.
fn expiry() -> impl Strategy<Value = u64> {
    (0..48u64).prop_map(|hours| marque_contract_tests::chain::GENESIS_MS + hours * HOUR_MS)
}

fn operation() -> impl Strategy<Value = Operation> {
    let account = || (0..ACTORS).prop_map(|number| actor(number).account());
    let service = || (0..10usize).prop_map(|number| samples::service(&format!("service{number}")));
    prop_oneof![
        1 => (controller(), vec(new_key(), 0..3), vec(service(), 0..3)).prop_map(|(controller, keys, services)| {
            Operation::Register { controller, metadata: None, keys, services }
        }),
        4 => new_key().prop_map(|key| Operation::AddKey { key }),
        2 => (0..8u32, public_key()).prop_map(|(id, public_key)| Operation::RotateKey { id, public_key }),
        2 => (1..8u32).prop_map(|id| Operation::RevokeKey { id }),
        3 => service().prop_map(|service| Operation::SetService { service }),
        1 => service().prop_map(|service| Operation::RemoveService { id: service.id }),
        1 => any::<Option<[u8; 32]>>().prop_map(|hash| Operation::SetMetadata { hash }),
        3 => (account(), role(), expiry()).prop_map(|(account, role, expires_ms)| {
            Operation::SetDelegate { account, role, expires_ms }
        }),
        1 => (account(), role()).prop_map(|(account, role)| Operation::RemoveDelegate { account, role }),
        2 => Just(Operation::Suspend),
        2 => Just(Operation::Resume),
        1 => Just(Operation::BumpEpoch),
        2 => (controller(), expiry()).prop_map(|(to, expires_ms)| Operation::OfferTransfer { to, expires_ms }),
        1 => Just(Operation::CancelTransfer),
        3 => Just(Operation::AcceptTransfer),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let operation = prop_oneof![60 => operation(), 1 => Just(Operation::Revoke)];
    // Half of the steps are the device's own, so that enough of them are accepted.
    let actor = prop_oneof![Just(None), (0..ACTORS).prop_map(Some)];
    (actor, 0..DEVICES, operation, any::<bool>(), 0..HOUR_MS).prop_map(|(actor, device, operation, signed, wait_ms)| {
        Step { actor: actor.unwrap_or(device), device, operation, signed, wait_ms }
    })
}

/// Carries out the step (the registry checks the record against its events) and tells whether it was accepted.
fn carry_out(registry: &mut Registry, step: &Step) -> bool {
    let now_ms = registry.now_ms() + step.wait_ms;
    registry.chain.set_time(now_ms);
    let (actor, device) = (actor(step.actor), actor(step.device).device());
    let written = if step.signed {
        let signed = registry.sign(&actor, device, step.operation.clone());
        registry.submit(&Actor::new("sponsor"), signed)
    } else {
        registry.execute(&actor, device, step.operation.clone())
    };
    written.receipt.result.is_ok()
}

fn check_bounds(record: &Device) {
    assert!(record.keys.len() <= bounds::KEYS_MAX);
    assert!(record.services.len() <= bounds::SERVICES_MAX);
    assert!(record.delegates.len() <= bounds::DELEGATES_MAX);
    assert!(record.lanes.len() <= usize::from(bounds::LANES_MAX));
    assert!(record.created_ms <= record.updated_ms);
    let unique = |count: usize, distinct: BTreeSet<Vec<u8>>| assert_eq!(distinct.len(), count);
    unique(record.keys.len(), record.keys.iter().map(|key| key.id.to_be_bytes().to_vec()).collect());
    unique(record.keys.len(), record.keys.iter().map(|key| key.public_key.as_bytes().to_vec()).collect());
    unique(record.services.len(), record.services.iter().map(|service| service.id.clone().into_bytes()).collect());
    assert!(record.keys.iter().all(|key| key.id < record.next_key_id));
    if record.status == Status::Revoked {
        assert!(record.keys.is_empty() && record.services.is_empty() && record.delegates.is_empty());
        assert!(record.offer.is_none() && record.metadata.is_none());
    } else if record.controller == Controller::Device {
        let controls = |key: &marque_primitives::Key| {
            key.is_current()
                && key.public_key.account().is_some()
                && key.relationships.contains(Relationships::CAPABILITY_INVOCATION)
        };
        assert!(record.keys.iter().any(controls), "a device of its own always has a key that can act for it");
    }
}

fn check_step(before: Option<&Device>, after: Option<&Device>, accepted: bool) {
    let Some(after) = after else {
        assert!(before.is_none() && !accepted);
        return;
    };
    check_bounds(after);
    let Some(before) = before else {
        assert_eq!((after.version, after.epoch, accepted), (1, 0, true));
        return;
    };
    if !accepted {
        assert_eq!(before, after);
        return;
    }
    assert_ne!(before.status, Status::Revoked, "nothing is accepted for a revoked device");
    assert_eq!(after.version, before.version + 1);
    assert!(after.epoch == before.epoch || after.epoch == before.epoch + 1);
    assert!(after.next_key_id >= before.next_key_id);
    let revoked = before.keys.iter().filter(|key| !key.is_current());
    for key in revoked {
        assert!(after.keys.iter().all(|now| now.id != key.id || !now.is_current()), "no key comes back");
    }
    let weakened = before
        .keys
        .iter()
        .any(|key| key.is_current() && !after.keys.iter().any(|now| now.id == key.id && now.is_current()));
    let changed_hands = before.controller != after.controller;
    let stopped = before.status == Status::Active && after.status != Status::Active;
    if weakened || changed_hands || stopped {
        assert_eq!(after.epoch, before.epoch + 1, "older tokens are dead");
    }
}

#[test]
fn hold_for_random_sequences() {
    let config = Config { cases: 24, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let sequences = vec(step(), 60);
    let run = runner.run(&sequences, |steps| {
        let mut registry = Registry::default();
        for number in 0..DEVICES {
            let device = actor(number);
            let registration = samples::registration(Controller::Device);
            registry.execute(&device, device.device(), registration).receipt.result.expect("a registration");
        }
        for step in &steps {
            let device: DeviceId = actor(step.device).device();
            let before = registry.record(device).cloned();
            let was_accepted = carry_out(&mut registry, step);
            check_step(before.as_ref(), registry.record(device), was_accepted);
            let count = if was_accepted { &accepted } else { &refused };
            count.set(count.get() + 1);
        }
        Ok(())
    });
    run.unwrap();
    let (accepted, refused) = (accepted.get(), refused.get());
    assert!(accepted > 300 && refused > 300, "the sequences try both: {accepted} accepted, {refused} refused");
}
