//! Keys: adding, rotating, revoking.

use marque_contract_tests::Actor;
use marque_primitives::{Change, Controller, Error, NewKey, Operation, PublicKey, Relationships, bounds};

use crate::scene::Scene;

fn add(name: &str, relationships: Relationships) -> Operation {
    Operation::AddKey { key: Actor::new(name).new_key(relationships) }
}

fn rotate(id: u32, name: &str) -> Operation {
    Operation::RotateKey { id, public_key: Actor::new(name).public_key() }
}

#[test]
fn are_added_with_the_next_number() {
    let mut scene = Scene::controlled();
    let change = scene.changed(add("second", Relationships::AUTHENTICATION));
    let Change::KeyAdded { key } = change else { panic!("{change:?}") };
    assert_eq!((key.id, key.public_key), (1, Actor::new("second").public_key()));
    assert_eq!((key.added_ms, key.revoked_ms), (scene.registry.now_ms(), None));
    assert_eq!(scene.record().epoch, 0, "a new key kills no token");
}

#[test]
fn rotate_to_a_new_number_with_the_same_relationships() {
    let mut scene = Scene::controlled();
    scene.changed(add("second", Relationships::ASSERTION_METHOD));
    let change = scene.changed(rotate(1, "third"));
    let Change::KeyRotated { revoked, key } = change else { panic!("{change:?}") };
    assert_eq!((revoked, key.id, key.relationships), (1, 2, Relationships::ASSERTION_METHOD));
    assert_eq!(scene.record().epoch, 1);
    assert_eq!(scene.record().keys[1].revoked_ms, Some(scene.registry.now_ms()));
}

#[test]
fn are_revoked_for_ever() {
    let mut scene = Scene::controlled();
    scene.changed(add("second", Relationships::AUTHENTICATION));
    assert_eq!(scene.changed(Operation::RevokeKey { id: 1 }), Change::KeyRevoked { id: 1 });
    assert_eq!(scene.record().epoch, 1);
    assert_eq!(scene.refused(Operation::RevokeKey { id: 1 }), Error::KeyRevoked);
    assert_eq!(scene.refused(rotate(1, "third")), Error::KeyRevoked);
    assert_eq!(scene.refused(add("second", Relationships::AUTHENTICATION)), Error::KeyAlreadyExists);
    assert_eq!(scene.refused(rotate(0, "second")), Error::KeyAlreadyExists);
    assert_eq!(scene.refused(Operation::RevokeKey { id: 2 }), Error::KeyNotFound);
    assert_eq!(scene.refused(rotate(2, "third")), Error::KeyNotFound);
}

#[test]
fn a_revoked_key_can_do_nothing() {
    let mut scene = Scene::self_controlled();
    let second = Actor::new("second");
    scene.by_device(Operation::AddKey { key: second.new_key(Relationships::INITIAL) }).receipt.result.unwrap();
    scene.by(&second, Operation::RevokeKey { id: 0 }).receipt.result.unwrap();
    assert_eq!(scene.by_device(Operation::BumpEpoch).error(), Error::NotAuthorized);
    scene.by(&second, Operation::BumpEpoch).receipt.result.unwrap();
}

#[test]
fn have_a_bound_on_current_ones_and_drop_the_first_revoked() {
    let mut scene = Scene::controlled();
    for number in 1..bounds::KEYS_MAX {
        scene.changed(add(&format!("key {number}"), Relationships::AUTHENTICATION));
    }
    assert_eq!(scene.refused(add("one more", Relationships::AUTHENTICATION)), Error::MaxKeysExceeded);
    assert_eq!(scene.refused(add("key 1", Relationships::AUTHENTICATION)), Error::KeyAlreadyExists, "before the bound");
    scene.wait(1);
    scene.changed(Operation::RevokeKey { id: 7 });
    scene.wait(1);
    scene.changed(Operation::RevokeKey { id: 3 });
    scene.changed(add("one more", Relationships::AUTHENTICATION));
    let ids: Vec<u32> = scene.record().keys.iter().map(|key| key.id).collect();
    assert!(!ids.contains(&7) && ids.contains(&3) && ids.contains(&16), "{ids:?}");
    // Rotation needs room too, and takes it from the next one that was revoked.
    scene.changed(rotate(5, "rotated in"));
    assert_eq!(scene.record().keys.len(), bounds::KEYS_MAX);
    assert!(scene.record().keys.iter().all(|key| key.id != 3));
}

#[test]
fn a_full_list_of_current_keys_can_rotate() {
    let mut scene = Scene::controlled();
    for number in 1..bounds::KEYS_MAX {
        scene.changed(add(&format!("key {number}"), Relationships::AUTHENTICATION));
    }
    scene.changed(rotate(5, "rotated in"));
    assert_eq!(scene.record().keys.len(), bounds::KEYS_MAX);
}

#[test]
fn the_last_one_of_a_self_controlled_device_stays() {
    let mut scene = Scene::self_controlled();
    scene.by_device(add("reader", Relationships::AUTHENTICATION)).receipt.result.unwrap();
    assert_eq!(scene.by_device(Operation::RevokeKey { id: 0 }).error(), Error::LastKey);
    // A key that signs no transaction can't take its place.
    let p256 = PublicKey::P256([2; 33]);
    assert_eq!(scene.by_device(Operation::RotateKey { id: 0, public_key: p256 }).error(), Error::LastKey);
    scene.by_device(rotate(0, "next")).receipt.result.unwrap();
    let next = Actor::new("next");
    assert_eq!(scene.by(&next, Operation::RevokeKey { id: 2 }).error(), Error::LastKey);
    scene.by(&next, Operation::RevokeKey { id: 1 }).receipt.result.unwrap();
}

#[test]
fn the_controller_of_another_device_may_revoke_its_last_one() {
    let mut scene = Scene::controlled();
    scene.changed(Operation::RevokeKey { id: 0 });
    assert_eq!(scene.record().controller, Controller::Account(scene.controller.account()));
}

#[test]
fn of_all_types_are_kept_and_have_fitting_relationships() {
    let mut x25519 = [0; 32];
    x25519[0] = 9;
    // The generator of ristretto255 (RFC 9496, appendix A.1).
    let ristretto: [u8; 32] = [
        0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3,
        0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
    ];
    let agreement = Relationships::KEY_AGREEMENT;
    let authentication = Relationships::AUTHENTICATION;
    let mut scene = Scene::controlled();
    let cases = [
        (PublicKey::Sr25519(ristretto), authentication, agreement),
        (PublicKey::X25519(x25519), agreement, authentication),
        (PublicKey::P256([3; 33]), authentication, agreement),
        (Actor::new("ed").public_key(), Relationships::INITIAL, Relationships::INITIAL.union(agreement)),
    ];
    for (public_key, fits, does_not) in cases {
        let with = |relationships| Operation::AddKey { key: NewKey { public_key, relationships } };
        for wrong in [does_not, Relationships(0), Relationships(32), Relationships(255)] {
            assert_eq!(scene.refused(with(wrong)), Error::InvalidRelationships, "{public_key:?} {wrong:?}");
        }
        scene.changed(with(fits));
    }
    // A rotation keeps the relationships, so that the new type must fit them.
    let to_agreement = Operation::RotateKey { id: 1, public_key: PublicKey::X25519([5; 32]) };
    assert_eq!(scene.refused(to_agreement), Error::InvalidRelationships);
}
