//! Registration by the device itself.

use marque_contract_tests::{Actor, samples};
use marque_primitives::{
    Change, Controller, DeviceId, Error, Key, NewKey, Operation, PublicKey, Relationships, Status, bounds,
};

use crate::scene::Scene;

fn key(name: &str) -> NewKey {
    Actor::new(name).new_key(Relationships::AUTHENTICATION)
}

fn with_keys(keys: Vec<NewKey>) -> Operation {
    Operation::Register { controller: Controller::Device, metadata: None, keys, services: Vec::new() }
}

fn with_services(services: Vec<marque_primitives::Service>) -> Operation {
    Operation::Register { controller: Controller::Device, metadata: None, keys: Vec::new(), services }
}

#[test]
fn writes_the_whole_record() {
    let mut scene = Scene::empty();
    let controller = Controller::Account(scene.controller.account());
    let operation = Operation::Register {
        controller,
        metadata: Some([7; 32]),
        keys: vec![key("second")],
        services: vec![samples::service("meter")],
    };
    let written = scene.by_device(operation);

    let now_ms = scene.registry.now_ms();
    let numbered = |id, new_key: NewKey| Key {
        id,
        public_key: new_key.public_key,
        relationships: new_key.relationships,
        added_ms: now_ms,
        revoked_ms: None,
    };
    let keys = vec![numbered(0, scene.device.new_key(Relationships::INITIAL)), numbered(1, key("second"))];
    let expected = Change::Registered {
        controller,
        metadata: Some([7; 32]),
        keys: keys.clone(),
        services: vec![samples::service("meter")],
        previous_registration_block: 0,
    };
    assert_eq!(*written.change(), expected);
    let entry = &written.changes[0].entry;
    assert_eq!((entry.actor, entry.nonce), (scene.device.account(), None));

    let record = scene.record();
    assert_eq!((record.status, record.version, record.epoch), (Status::Active, 1, 0));
    assert_eq!((record.created_ms, record.updated_ms, record.next_key_id), (now_ms, now_ms, 2));
    assert_eq!((record.controller, record.metadata, &record.keys), (controller, Some([7; 32]), &keys));
}

#[test]
fn links_registrations_by_block() {
    let mut scene = Scene::controlled();
    let first_block = scene.record().changed_block;
    let second = Actor::new("second device");
    let written = scene.registry.execute(&second, second.device(), samples::registration(Controller::Device));
    let Change::Registered { previous_registration_block, .. } = written.change() else { panic!("a registration") };
    assert_eq!(*previous_registration_block, first_block);
    assert_eq!(scene.registry.info().registered, 2);
}

#[test]
fn is_for_the_initial_key_alone() {
    let mut scene = Scene::empty();
    let stranger = scene.stranger.clone();
    assert_eq!(scene.by(&stranger, samples::registration(Controller::Device)).error(), Error::NotAuthorized);
    // Who may not is told so before anything is said of the arguments.
    assert_eq!(scene.by(&stranger, with_keys(vec![key("k"); 17])).error(), Error::NotAuthorized);
}

#[test]
fn happens_once() {
    let mut scene = Scene::controlled();
    assert_eq!(scene.by_device(samples::registration(Controller::Device)).error(), Error::AlreadyExists);
    let stranger = scene.stranger.clone();
    assert_eq!(scene.by(&stranger, samples::registration(Controller::Device)).error(), Error::AlreadyExists);
    scene.by_controller(Operation::Revoke).receipt.result.unwrap();
    assert_eq!(scene.by_device(samples::registration(Controller::Device)).error(), Error::AlreadyExists);
}

#[test]
fn checks_keys_in_their_order() {
    let mut scene = Scene::empty();
    let bad_key = NewKey { public_key: PublicKey::Ed25519([0xff; 32]), ..key("k") };
    let bad_flags = NewKey { relationships: Relationships(0), ..key("k") };
    let many = |count: usize| (0..count).map(|number| key(&format!("key {number}"))).collect::<Vec<_>>();
    let cases = [
        (vec![bad_key], Error::InvalidKey),
        (vec![bad_flags], Error::InvalidRelationships),
        (vec![NewKey { relationships: Relationships(0), ..bad_key }], Error::InvalidRelationships),
        (vec![key("k"), key("k")], Error::KeyAlreadyExists),
        (vec![scene.device.new_key(Relationships::AUTHENTICATION)], Error::KeyAlreadyExists),
        (vec![key("k"), bad_key, bad_flags], Error::InvalidKey),
        (many(bounds::KEYS_MAX), Error::MaxKeysExceeded),
        (vec![bad_key; bounds::KEYS_MAX], Error::MaxKeysExceeded),
    ];
    for (keys, expected) in cases {
        assert_eq!(scene.by_device(with_keys(keys.clone())).error(), expected, "{keys:?}");
    }
    scene.by_device(with_keys(many(bounds::KEYS_MAX - 1))).receipt.result.unwrap();
    assert_eq!(scene.record().keys.len(), bounds::KEYS_MAX);
}

#[test]
fn checks_services_after_keys() {
    let mut scene = Scene::empty();
    let bad = marque_primitives::Service { id: String::new(), ..samples::service("x") };
    let many = |count: usize| (0..count).map(samples::largest_service).collect::<Vec<_>>();
    let cases = [
        (vec![bad.clone()], Error::InvalidService),
        (vec![samples::service("a"), samples::service("a")], Error::ServiceAlreadyExists),
        (vec![samples::service("a"), samples::service("a"), bad], Error::ServiceAlreadyExists),
        (many(bounds::SERVICES_MAX + 1), Error::MaxServicesExceeded),
    ];
    for (services, expected) in cases {
        assert_eq!(scene.by_device(with_services(services.clone())).error(), expected, "{services:?}");
    }
    let both = Operation::Register {
        controller: Controller::Device,
        metadata: None,
        keys: vec![NewKey { relationships: Relationships(0), ..key("k") }],
        services: many(bounds::SERVICES_MAX + 1),
    };
    assert_eq!(scene.by_device(both).error(), Error::InvalidRelationships);
    scene.by_device(with_services(many(bounds::SERVICES_MAX))).receipt.result.unwrap();
    assert_eq!(scene.record().services.len(), bounds::SERVICES_MAX);
}

#[test]
fn refuses_a_device_id_that_is_no_key() {
    // Such an account can call where its address was not made from a key.
    let mut scene = Scene::empty();
    let no_key = DeviceId([0xff; 32]);
    let called =
        scene.registry.call::<()>("execute", (no_key, samples::registration(Controller::Device)), no_key.account());
    assert_eq!(called.unwrap().result, Err(Error::InvalidKey));
    scene.registry.check_state(&[no_key]);
}
