//! Reads.

use ed25519_dalek::Signer;
use marque_contract_tests::{Actor, samples};
use marque_primitives::{
    AccountId, Controller, DeviceId, DeviceStatus, Error, KeyStatus, NewKey, Operation, PublicKey, Relationships,
    Signature, Status, bounds,
};

use crate::{
    scene::Scene,
    signed::{sign_sr25519, sr25519_pair},
};

fn sign(actor: &Actor, message: &[u8]) -> Signature {
    Signature::Ed25519(actor.key.sign(message).to_bytes())
}

#[test]
fn unknown_devices_are_none() {
    let mut scene = Scene::controlled();
    let unknown = DeviceId([9; 32]);
    assert_eq!(scene.registry.device(unknown), None);
    assert_eq!(scene.registry.status(unknown), None);
}

#[test]
fn statuses_come_in_the_order_asked() {
    let mut scene = Scene::controlled();
    let second = Actor::new("second device");
    scene.registry.execute(&second, second.device(), samples::registration(Controller::Device)).receipt.result.unwrap();
    scene.by_controller(Operation::Suspend).receipt.result.unwrap();
    let of = |scene: &Scene, device| scene.registry.record(device).map(DeviceStatus::from);
    let asked = [second.device(), DeviceId([9; 32]), scene.id(), second.device()];
    let expected: Vec<_> = asked.iter().map(|device| of(&scene, *device)).collect();
    assert_eq!(expected[2].map(|status| (status.status, status.epoch)), Some((Status::Suspended, 1)));
    assert_eq!(scene.registry.statuses(&asked), Ok(expected));
    assert_eq!(scene.registry.status(scene.id()), of(&scene, scene.id()));
    assert_eq!(scene.registry.statuses(&[]), Ok(Vec::new()));
}

/// What a contract asks of who calls it: a device in use, in which epoch, and one of its current keys for this.
#[test]
fn a_key_status_is_of_the_device_and_of_one_account() {
    let mut scene = Scene::controlled();
    let (id, signer) = (scene.id(), Actor::new("signer"));
    let key = signer.new_key(Relationships::ASSERTION_METHOD);
    scene.by_controller(Operation::AddKey { key }).accepted();
    let ask = |scene: &mut Scene, account: AccountId, relationships: Relationships| {
        let status =
            scene.registry.read::<Option<KeyStatus>>("key_status", (id, account, relationships)).result.unwrap();
        (status.status, status.epoch, status.is_current_key)
    };
    let (device, authentication) = (scene.device.account(), Relationships::AUTHENTICATION);
    assert_eq!(ask(&mut scene, device, authentication), (Status::Active, 0, true));
    assert_eq!(ask(&mut scene, device, Relationships(0)), (Status::Active, 0, true));
    assert_eq!(ask(&mut scene, signer.account(), Relationships::ASSERTION_METHOD), (Status::Active, 0, true));
    for account in [signer.account(), scene.controller.account(), AccountId([0; 32])] {
        assert_eq!(ask(&mut scene, account, authentication), (Status::Active, 0, false));
    }
    let next = Actor::new("next").public_key();
    let steps = [
        (Operation::Suspend, (Status::Suspended, 1, true)),
        (Operation::Resume, (Status::Active, 1, true)),
        (Operation::RotateKey { id: 0, public_key: next }, (Status::Active, 2, false)),
        (Operation::Revoke, (Status::Revoked, 3, false)),
    ];
    for (operation, expected) in steps {
        scene.by_controller(operation).accepted();
        assert_eq!(ask(&mut scene, device, authentication), expected);
    }
    let unknown = (DeviceId([9; 32]), device, authentication);
    assert_eq!(scene.registry.read::<Option<KeyStatus>>("key_status", unknown).result, None);
}

#[test]
fn a_page_has_its_bound() {
    let mut scene = Scene::controlled();
    let page = vec![scene.id(); bounds::PAGE_MAX];
    assert_eq!(scene.registry.statuses(&page).unwrap().len(), bounds::PAGE_MAX);
    let over = vec![scene.id(); bounds::PAGE_MAX + 1];
    assert_eq!(scene.registry.statuses(&over), Err(Error::TooLarge));
}

#[test]
fn the_largest_record_and_page_are_read_in_one_call() {
    let mut scene = Scene::empty();
    let keys =
        (1..bounds::KEYS_MAX).map(|number| Actor::new(format!("key {number}")).new_key(Relationships::AUTHENTICATION));
    let operation = Operation::Register {
        controller: Controller::Account(scene.controller.account()),
        metadata: Some([1; 32]),
        keys: keys.collect(),
        services: (0..bounds::SERVICES_MAX).map(samples::largest_service).collect(),
    };
    // The harness compares what is read with what the event says.
    scene.by_device(operation).receipt.result.unwrap();
    // And a page of such records fits into the contract's memory.
    let page = vec![scene.id(); bounds::PAGE_MAX];
    assert_eq!(scene.registry.statuses(&page).unwrap().len(), bounds::PAGE_MAX);
}

#[test]
fn signatures_are_verified_against_the_record() {
    let mut scene = Scene::controlled();
    let reader = Actor::new("reader");
    let assertion = Relationships::ASSERTION_METHOD;
    scene.by_controller(Operation::AddKey { key: reader.new_key(assertion) }).receipt.result.unwrap();
    let (id, message) = (scene.id(), b"reading 42");
    let signature = sign(&reader, message);
    let mut check = |device, relationships, signer: AccountId, message: &[u8], signature| {
        scene.registry.verify_signature(device, relationships, signer, message, signature)
    };
    assert_eq!(check(id, assertion, reader.account(), message, signature), Ok(()));
    assert_eq!(check(id, assertion, reader.account(), b"reading 43", signature), Err(Error::InvalidSignature));
    let authentication = Relationships::AUTHENTICATION;
    assert_eq!(check(id, authentication, reader.account(), message, signature), Err(Error::KeyNotFound));
    let both = assertion.union(authentication);
    assert_eq!(check(id, both, reader.account(), message, signature), Err(Error::KeyNotFound));
    let controller = Actor::new("controller");
    let by_controller = sign(&controller, message);
    assert_eq!(check(id, assertion, controller.account(), message, by_controller), Err(Error::KeyNotFound));
    assert_eq!(check(DeviceId([9; 32]), assertion, reader.account(), message, signature), Err(Error::NotFound));
    let Signature::Ed25519(bytes) = signature else { panic!("of that scheme") };
    let other_scheme = Signature::Sr25519(bytes);
    assert_eq!(check(id, assertion, reader.account(), message, other_scheme), Err(Error::KeyNotFound));
}

#[test]
fn signatures_of_a_suspended_or_revoked_device_or_key_are_none() {
    let mut scene = Scene::controlled();
    let reader = Actor::new("reader");
    let authentication = Relationships::AUTHENTICATION;
    scene.by_controller(Operation::AddKey { key: reader.new_key(authentication) }).receipt.result.unwrap();
    let (id, message) = (scene.id(), b"m");
    let signature = sign(&reader, message);
    let check =
        |scene: &mut Scene| scene.registry.verify_signature(id, authentication, reader.account(), message, signature);
    assert_eq!(check(&mut scene), Ok(()));
    let steps = [
        (Operation::Suspend, Err(Error::Suspended)),
        (Operation::Resume, Ok(())),
        (Operation::RevokeKey { id: 1 }, Err(Error::KeyNotFound)),
        (Operation::Revoke, Err(Error::Revoked)),
    ];
    for (operation, expected) in steps {
        scene.by_controller(operation).receipt.result.unwrap();
        assert_eq!(check(&mut scene), expected);
    }
}

#[test]
fn sr25519_signatures_are_verified_in_the_substrate_context() {
    let mut scene = Scene::controlled();
    let pair = sr25519_pair(1);
    let account = AccountId(pair.public.to_bytes());
    let key = NewKey { public_key: PublicKey::Sr25519(account.0), relationships: Relationships::AUTHENTICATION };
    scene.by_controller(Operation::AddKey { key }).receipt.result.unwrap();
    let id = scene.id();
    let mut check =
        |signature| scene.registry.verify_signature(id, Relationships::AUTHENTICATION, account, b"m", signature);
    assert_eq!(check(sign_sr25519(&pair, b"m")), Ok(()));
    assert_eq!(check(sign_sr25519(&pair, b"n")), Err(Error::InvalidSignature));
    let other_context = Signature::Sr25519(pair.sign_simple(b"elsewhere", b"m").to_bytes());
    assert_eq!(check(other_context), Err(Error::InvalidSignature));
    assert_eq!(check(Signature::Sr25519([0; 64])), Err(Error::InvalidSignature));
    assert_eq!(check(Signature::Sr25519([0xff; 64])), Err(Error::InvalidSignature));
}

#[test]
fn a_message_has_its_bound() {
    let mut scene = Scene::controlled();
    let device = scene.device.clone();
    let longest = vec![b'x'; bounds::MESSAGE_BYTES_MAX];
    let over = vec![b'x'; bounds::MESSAGE_BYTES_MAX + 1];
    let mut check = |message: &[u8]| {
        let (id, account) = (device.device(), device.account());
        scene.registry.verify_signature(id, Relationships::AUTHENTICATION, account, message, sign(&device, message))
    };
    assert_eq!(check(&longest), Ok(()));
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&over), Err(Error::TooLarge));
}
