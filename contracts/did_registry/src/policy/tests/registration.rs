//! Registration.

use super::*;
use marque_primitives::{bounds, Key, Status};

fn with(keys: Vec<NewKey>, services: Vec<Service>) -> Operation {
    Operation::Register { controller: Controller::Device, metadata: None, keys, services }
}

fn keys(numbers: core::ops::Range<usize>) -> Vec<NewKey> {
    numbers.map(|number| new_key(number, AUTHENTICATE)).collect()
}

fn services(count: usize) -> Vec<Service> {
    (0..count).map(|number| service(&format!("s{number}"))).collect()
}

#[track_caller]
fn refuses(keys: Vec<NewKey>, services: Vec<Service>, error: Error) {
    World::empty().refuses(key_account(0), with(keys, services), error);
}

#[test]
fn a_registration_is_the_first_version() {
    let mut world = World::empty();
    let operation = Operation::Register {
        controller: Controller::Account(CONTROLLER),
        metadata: Some([5; 32]),
        keys: vec![new_key(1, AUTHENTICATE)],
        services: services(1),
    };
    world.must(key_account(0), operation);
    let key =
        |id, public_key, relationships| Key { id, public_key, relationships, added_ms: START_MS, revoked_ms: None };
    let expected = Device {
        status: Status::Active,
        epoch: 0,
        version: 1,
        changed_block: 1,
        created_ms: START_MS,
        updated_ms: START_MS,
        controller: Controller::Account(CONTROLLER),
        offer: None,
        metadata: Some([5; 32]),
        lanes: vec![],
        next_key_id: 2,
        keys: vec![key(0, ed25519(0), Relationships::INITIAL), key(1, ed25519(1), AUTHENTICATE)],
        services: services(1),
        delegates: vec![],
    };
    assert_eq!(world.device(), &expected);
    assert_eq!(world.history[0].0.previous_block, 0);
}

#[test]
fn everything_may_be_at_its_bound_at_once() {
    let mut world = World::empty();
    world.must(key_account(0), with(keys(1..bounds::KEYS_MAX), services(bounds::SERVICES_MAX)));
    assert_eq!(world.device().keys.len(), bounds::KEYS_MAX);
    assert_eq!(world.device().services.len(), bounds::SERVICES_MAX);
}

#[test]
fn the_first_error_is_given() {
    let too_many_services = services(bounds::SERVICES_MAX + 1);
    let bad = |relationships| NewKey { public_key: PublicKey::Ed25519([0; 32]), relationships };
    let several_bad = vec![new_key(1, AUTHENTICATE), bad(Relationships(0)), bad(AUTHENTICATE)];
    refuses(keys(1..bounds::KEYS_MAX + 1), too_many_services.clone(), Error::MaxKeysExceeded);
    refuses(several_bad, too_many_services.clone(), Error::InvalidRelationships);
    refuses(vec![bad(AUTHENTICATE)], too_many_services.clone(), Error::InvalidKey);
    refuses(vec![new_key(0, AUTHENTICATE)], too_many_services.clone(), Error::KeyAlreadyExists);
    refuses([keys(1..3), keys(2..3)].concat(), too_many_services.clone(), Error::KeyAlreadyExists);
    refuses(keys(1..3), too_many_services, Error::MaxServicesExceeded);
    refuses(vec![], vec![service("a"), service("key-1"), service("a")], Error::InvalidService);
    refuses(vec![], vec![service("a"), service("b"), service("a")], Error::ServiceAlreadyExists);
}

#[test]
fn an_id_that_is_no_usable_key_is_refused() {
    let mut small = [0; 32];
    small[0] = 1;
    for id in [[0; 32], small, [0xff; 32]] {
        let context = Context { device: DeviceId(id), actor: AccountId(id), ..World::empty().context(STRANGER) };
        let too_many = with(keys(1..bounds::KEYS_MAX + 1), vec![]);
        assert_eq!(decide(None, too_many, None, &context).map(|_| ()), Err(Error::InvalidKey), "{id:x?}");
    }
}

#[test]
fn who_is_not_the_device_learns_nothing_else() {
    let operation = with(keys(0..20), services(20));
    World::empty().refuses(STRANGER, operation, Error::NotAuthorized);
}

#[test]
fn the_event_leads_to_the_registration_before() {
    let context = Context { last_registration_block: 77, ..World::empty().context(key_account(0)) };
    let entry = decide(None, register(Controller::Device), None, &context).unwrap();
    assert!(matches!(entry.change, Change::Registered { previous_registration_block: 77, .. }));
}
