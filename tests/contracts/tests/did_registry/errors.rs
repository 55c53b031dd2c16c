//! Every error is reached through the deployed contract, and has the number that clients know it by.

use marque_contract_tests::{Actor, samples, signing};
use marque_primitives::{
    Controller, DeviceId, Envelope, Error, Operation, PublicKey, Relationships, Role, Service, bounds,
};
use parity_scale_codec::{Decode, Encode};

use crate::scene::{HOUR_MS, Scene};

/// A way to each error. A new variant does not compile until it has one.
fn reach(error: Error) -> Error {
    match error {
        Error::NotFound => Scene::empty().refused(Operation::BumpEpoch),
        Error::AlreadyExists => Scene::controlled().refused(samples::registration(Controller::Device)),
        Error::Revoked => after(Operation::Revoke).refused(Operation::BumpEpoch),
        Error::Suspended => after(Operation::Suspend).by_device(Operation::BumpEpoch).error(),
        Error::NotAuthorized => Scene::controlled().by_device(Operation::Revoke).error(),
        Error::WrongSubmitter => envelope_fault(|it| it.submitter = Some(it.signer)),
        Error::DeadlinePassed => envelope_fault(|it| it.deadline_ms = 0),
        Error::DeadlineTooFar => envelope_fault(|it| it.deadline_ms = u64::MAX),
        Error::InvalidLane => envelope_fault(|it| it.lane = bounds::LANES_MAX),
        Error::InvalidNonce => envelope_fault(|it| it.nonce = 1),
        Error::InvalidSignature => envelope_fault(|it| it.signer = Actor::new("stranger").account()),
        Error::InvalidKey
        | Error::InvalidRelationships
        | Error::KeyNotFound
        | Error::KeyAlreadyExists
        | Error::KeyRevoked
        | Error::LastKey
        | Error::MaxKeysExceeded => reach_key_error(error),
        Error::InvalidService => Scene::controlled().refused(set_service(String::new())),
        Error::ServiceNotFound => Scene::controlled().refused(Operation::RemoveService { id: "x".into() }),
        Error::ServiceAlreadyExists => Scene::empty().by_device(register(vec![samples::service("x"); 2])).error(),
        Error::MaxServicesExceeded => Scene::empty().by_device(register(vec![samples::service("x"); 9])).error(),
        Error::DelegateNotFound => {
            let account = Actor::new("delegate").account();
            Scene::controlled().refused(Operation::RemoveDelegate { account, role: Role::Operator })
        }
        Error::MaxDelegatesExceeded => one_delegate_too_many(),
        Error::InvalidExpiry => Scene::controlled().refused(offer(Controller::Device, 0)),
        Error::AlreadySuspended => after(Operation::Suspend).refused(Operation::Suspend),
        Error::NotSuspended => Scene::controlled().refused(Operation::Resume),
        Error::NoOffer => Scene::controlled().refused(Operation::CancelTransfer),
        Error::OfferExpired => expired_offer(),
        Error::SameController => Scene::self_controlled().by_device(offer(Controller::Device, 0)).error(),
        Error::BatchEmpty => Scene::empty().registry.register_batch(&Actor::new("sponsor"), Vec::new()).error(),
        Error::TooLarge => {
            let page = vec![DeviceId([1; 32]); bounds::PAGE_MAX + 1];
            Scene::empty().registry.statuses(&page).expect_err("too large")
        }
        Error::NotARegistration => not_a_registration(),
        Error::Overflow => overflows()[0],
    }
}

fn after(operation: Operation) -> Scene {
    let mut scene = Scene::controlled();
    scene.by_controller(operation).receipt.result.unwrap();
    scene
}

fn envelope_fault(fault: impl FnOnce(&mut Envelope)) -> Error {
    let mut scene = Scene::controlled();
    let mut envelope = scene.registry.envelope(&scene.controller, scene.id(), Operation::BumpEpoch);
    fault(&mut envelope);
    let signed = signing::sign(envelope, &scene.registry.domain(), &scene.controller);
    scene.registry.submit(&Actor::new("sponsor"), signed).error()
}

fn reach_key_error(error: Error) -> Error {
    let add = |public_key, flags| {
        let key = marque_primitives::NewKey { public_key, relationships: Relationships(flags) };
        Operation::AddKey { key }
    };
    let key = Actor::new("key").public_key();
    match error {
        Error::InvalidKey => Scene::controlled().refused(add(PublicKey::Ed25519([0; 32]), 1)),
        Error::InvalidRelationships => Scene::controlled().refused(add(key, 0)),
        Error::KeyNotFound => Scene::controlled().refused(Operation::RevokeKey { id: 1 }),
        Error::KeyAlreadyExists => Scene::controlled().refused(add(Actor::new("device").public_key(), 1)),
        Error::KeyRevoked => after(Operation::RevokeKey { id: 0 }).refused(Operation::RevokeKey { id: 0 }),
        Error::LastKey => Scene::self_controlled().by_device(Operation::RevokeKey { id: 0 }).error(),
        _ => {
            let keys = vec![Actor::new("key").new_key(Relationships::AUTHENTICATION); bounds::KEYS_MAX];
            let register =
                Operation::Register { controller: Controller::Device, metadata: None, keys, services: Vec::new() };
            Scene::empty().by_device(register).error()
        }
    }
}

fn set_service(id: String) -> Operation {
    Operation::SetService { service: Service { id, ..samples::service("x") } }
}

fn register(services: Vec<Service>) -> Operation {
    Operation::Register { controller: Controller::Device, metadata: None, keys: Vec::new(), services }
}

fn offer(to: Controller, expires_ms: u64) -> Operation {
    Operation::OfferTransfer { to, expires_ms }
}

fn one_delegate_too_many() -> Error {
    let mut scene = Scene::controlled();
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    let set = |number: usize| {
        let account = Actor::new(format!("delegate {number}")).account();
        Operation::SetDelegate { account, role: Role::Operator, expires_ms }
    };
    for number in 0..bounds::DELEGATES_MAX {
        scene.changed(set(number));
    }
    scene.refused(set(bounds::DELEGATES_MAX))
}

fn expired_offer() -> Error {
    let mut scene = Scene::controlled();
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    scene.changed(offer(Controller::Device, expires_ms));
    scene.wait(HOUR_MS);
    scene.by_device(Operation::AcceptTransfer).error()
}

fn not_a_registration() -> Error {
    let mut scene = Scene::controlled();
    let bump = scene.registry.sign(&scene.controller, scene.id(), Operation::BumpEpoch);
    let written = scene.registry.register_batch(&Actor::new("sponsor"), vec![bump]);
    written.receipt.result.expect("the batch is read")[0].expect_err("refused")
}

/// The answers of records whose counters are at their ends: nobody lives to see one, so that the record is put there.
fn overflows() -> Vec<Error> {
    let mut answers = Vec::new();
    let mut with = |fault: &dyn Fn(&mut marque_primitives::Device), operation: Operation| {
        let mut scene = Scene::controlled();
        let mut record = scene.record().clone();
        fault(&mut record);
        scene.registry.plant(scene.device.device(), record);
        let direct = scene.refused(operation.clone());
        let signed = scene.registry.sign(&scene.controller, scene.id(), operation);
        assert_eq!(scene.registry.submit(&Actor::new("sponsor"), signed).error(), direct);
        answers.push(direct);
    };
    let key = Actor::new("key").new_key(Relationships::AUTHENTICATION);
    with(&|record| record.version = u32::MAX, Operation::SetMetadata { hash: None });
    with(&|record| record.epoch = u32::MAX, Operation::BumpEpoch);
    with(&|record| record.next_key_id = u32::MAX, Operation::AddKey { key });
    with(&|record| record.next_key_id = u32::MAX, Operation::RotateKey { id: 0, public_key: key.public_key });

    let mut scene = Scene::controlled();
    let mut record = scene.record().clone();
    record.lanes = vec![u64::MAX];
    scene.registry.plant(scene.id(), record);
    let signed = scene.registry.sign(&scene.controller, scene.id(), Operation::BumpEpoch);
    answers.push(scene.registry.submit(&Actor::new("sponsor"), signed).error());
    answers
}

fn all() -> impl Iterator<Item = Error> {
    (0..=u8::MAX).map_while(|number| Error::decode(&mut &[number][..]).ok())
}

#[test]
fn each_is_reached() {
    for error in all() {
        assert_eq!(reach(error), error);
    }
}

#[test]
fn counters_stop_at_their_ends() {
    assert_eq!(overflows(), [Error::Overflow; 5]);
}

/// The end of a counter is no dead end: what does not need it goes on.
#[test]
fn a_device_that_can_start_no_epoch_can_still_be_changed() {
    let mut scene = Scene::controlled();
    let mut record = scene.record().clone();
    record.epoch = u32::MAX;
    scene.registry.plant(scene.id(), record);
    scene.changed(Operation::SetMetadata { hash: Some([1; 32]) });
}

/// Append-only: clients and stored events know errors by these numbers.
#[test]
fn numbers_stay() {
    let names: Vec<String> = all().map(|error| format!("{} {error:?}", error.encode()[0])).collect();
    let expected = "\
        0 NotFound, 1 AlreadyExists, 2 Revoked, 3 Suspended, 4 NotAuthorized, 5 WrongSubmitter, 6 DeadlinePassed, \
        7 DeadlineTooFar, 8 InvalidLane, 9 InvalidNonce, 10 InvalidSignature, 11 InvalidKey, 12 InvalidRelationships, \
        13 KeyNotFound, 14 KeyAlreadyExists, 15 KeyRevoked, 16 LastKey, 17 MaxKeysExceeded, 18 InvalidService, \
        19 ServiceNotFound, 20 ServiceAlreadyExists, 21 MaxServicesExceeded, 22 DelegateNotFound, \
        23 MaxDelegatesExceeded, 24 InvalidExpiry, 25 AlreadySuspended, 26 NotSuspended, 27 NoOffer, 28 OfferExpired, \
        29 SameController, 30 BatchEmpty, 31 TooLarge, 32 NotARegistration, 33 Overflow";
    assert_eq!(names.join(", "), expected);
}
