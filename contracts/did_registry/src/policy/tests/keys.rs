//! Adding, rotating and revoking keys.

use super::*;
use marque_primitives::{bounds, Key};

fn key_with(public_key: PublicKey, relationships: Relationships) -> Operation {
    Operation::AddKey { key: NewKey { public_key, relationships } }
}

/// A device of an account with as many current keys as it may have.
fn full() -> World {
    let mut world = World::of_account();
    for number in 1..bounds::KEYS_MAX {
        world.must(CONTROLLER, add_key(number, AUTHENTICATE));
    }
    world
}

fn ids(world: &World) -> Vec<KeyId> {
    world.device().keys.iter().map(|key| key.id).collect()
}

#[test]
fn an_added_key_gets_the_next_number_and_starts_no_epoch() {
    let mut world = World::of_account();
    world.now_ms += 5;
    world.must(CONTROLLER, add_key(1, AUTHENTICATE));
    let device = world.device();
    let expected =
        Key { id: 1, public_key: ed25519(1), relationships: AUTHENTICATE, added_ms: START_MS + 5, revoked_ms: None };
    assert_eq!(device.keys[1], expected);
    assert_eq!((device.epoch, device.version, device.next_key_id), (0, 2, 2));
}

#[test]
fn adding_gives_the_first_error_that_applies() {
    let mut world = full();
    let bad = PublicKey::Ed25519([0; 32]);
    world.refuses(CONTROLLER, key_with(bad, Relationships(0)), Error::InvalidRelationships);
    world.refuses(CONTROLLER, key_with(ed25519(20), Relationships(32)), Error::InvalidRelationships);
    world.refuses(CONTROLLER, key_with(X25519, AUTHENTICATE), Error::InvalidRelationships);
    world.refuses(CONTROLLER, key_with(P256, Relationships::KEY_AGREEMENT), Error::InvalidRelationships);
    world.refuses(CONTROLLER, key_with(bad, AUTHENTICATE), Error::InvalidKey);
    world.refuses(CONTROLLER, add_key(1, INVOKE), Error::KeyAlreadyExists);
    world.refuses(CONTROLLER, add_key(20, AUTHENTICATE), Error::MaxKeysExceeded);
    world.record.as_mut().unwrap().next_key_id = KeyId::MAX;
    world.refuses(CONTROLLER, add_key(20, AUTHENTICATE), Error::MaxKeysExceeded);
    world.must(CONTROLLER, revoke_key(1));
    world.refuses(CONTROLLER, add_key(20, AUTHENTICATE), Error::Overflow);
    world.refuses(CONTROLLER, rotate(2, ed25519(20)), Error::Overflow);
    world.record.as_mut().unwrap().next_key_id = KeyId::MAX - 1;
    world.must(CONTROLLER, add_key(20, AUTHENTICATE));
}

#[test]
fn a_revoked_key_does_not_come_back_while_it_is_listed() {
    let mut world = World::of_account();
    world.must(CONTROLLER, add_key(1, INVOKE));
    world.must(CONTROLLER, revoke_key(1));
    world.refuses(CONTROLLER, add_key(1, AUTHENTICATE), Error::KeyAlreadyExists);
    world.refuses(CONTROLLER, rotate(0, ed25519(1)), Error::KeyAlreadyExists);
    world.refuses(CONTROLLER, rotate(0, ed25519(0)), Error::KeyAlreadyExists);
}

#[test]
fn a_full_list_drops_the_key_that_was_revoked_first() {
    let mut world = full();
    for id in [7, 3] {
        world.now_ms += 1;
        world.must(CONTROLLER, revoke_key(id));
    }
    world.must(CONTROLLER, add_key(20, AUTHENTICATE));
    assert!(!ids(&world).contains(&7) && ids(&world).contains(&3), "7 was revoked before 3");
    world.must(CONTROLLER, add_key(21, AUTHENTICATE));
    assert!(!ids(&world).contains(&3));
    assert_eq!(world.device().keys.len(), bounds::KEYS_MAX);
    world.refuses(CONTROLLER, add_key(22, AUTHENTICATE), Error::MaxKeysExceeded);
    world.refuses(CONTROLLER, revoke_key(3), Error::KeyNotFound);
}

#[test]
fn of_two_keys_revoked_at_once_the_older_one_makes_room() {
    let mut world = full();
    world.must(CONTROLLER, revoke_key(7));
    world.must(CONTROLLER, revoke_key(3));
    world.must(CONTROLLER, add_key(20, AUTHENTICATE));
    assert!(ids(&world).contains(&7) && !ids(&world).contains(&3));
}

#[test]
fn a_full_list_can_still_rotate() {
    let mut world = full();
    world.must(CONTROLLER, rotate(0, ed25519(20)));
    assert_eq!(world.device().keys.len(), bounds::KEYS_MAX);
    assert!(!ids(&world).contains(&0), "the key that was rotated out makes the room");
    assert!(world.device().current_key_of(&key_account(20), INVOKE).is_some());
}

#[test]
fn a_rotated_key_passes_on_its_relationships_and_starts_an_epoch() {
    let mut world = World::of_itself();
    world.now_ms += 9;
    world.must(key_account(0), rotate(0, ed25519(1)));
    let device = world.device();
    assert_eq!(device.keys[0].revoked_ms, Some(START_MS + 9));
    assert_eq!((device.keys[1].id, device.keys[1].relationships), (1, Relationships::INITIAL));
    assert_eq!(device.epoch, 1);
    world.refuses(key_account(0), Operation::BumpEpoch, Error::NotAuthorized);
    world.must(key_account(1), Operation::BumpEpoch);
}

#[test]
fn rotating_gives_the_first_error_that_applies() {
    let mut world = World::of_itself();
    let own = key_account(0);
    world.must(own, key_with(X25519, Relationships::KEY_AGREEMENT));
    world.must(own, add_key(2, AUTHENTICATE));
    world.must(own, revoke_key(2));
    let bad = PublicKey::Ed25519([0; 32]);
    world.refuses(own, rotate(3, bad), Error::KeyNotFound);
    world.refuses(own, rotate(2, bad), Error::KeyRevoked);
    world.refuses(own, rotate(1, bad), Error::InvalidRelationships);
    world.refuses(own, rotate(0, X25519), Error::InvalidRelationships);
    world.refuses(own, rotate(0, bad), Error::InvalidKey);
    world.refuses(own, rotate(0, ed25519(2)), Error::KeyAlreadyExists);
    world.refuses(own, rotate(0, P256), Error::LastKey);
    world.record.as_mut().unwrap().next_key_id = KeyId::MAX;
    world.refuses(own, rotate(0, P256), Error::LastKey);
    world.refuses(own, rotate(0, ed25519(3)), Error::Overflow);
}

#[test]
fn revoking_gives_the_first_error_that_applies() {
    let mut world = World::of_itself();
    let own = key_account(0);
    world.must(own, add_key(1, AUTHENTICATE));
    world.must(own, revoke_key(1));
    world.refuses(own, revoke_key(2), Error::KeyNotFound);
    world.refuses(own, revoke_key(1), Error::KeyRevoked);
    world.refuses(own, revoke_key(0), Error::LastKey);
    assert_eq!(world.device().epoch, 1);
}

#[test]
fn a_device_that_controls_itself_keeps_a_key_that_can_sign_and_invoke() {
    let own = key_account(0);
    // Neither a key for other purposes nor one that signs no extrinsics is enough.
    for other in [
        add_key(1, AUTHENTICATE.union(DELEGATE)),
        key_with(P256, INVOKE),
        key_with(X25519, Relationships::KEY_AGREEMENT),
    ] {
        let mut world = World::of_itself();
        world.must(own, other);
        world.refuses(own, revoke_key(0), Error::LastKey);
        world.refuses(own, rotate(0, PublicKey::P256([3; 33])), Error::LastKey);
        world.must(own, revoke_key(1));
        world.refuses(own, revoke_key(0), Error::LastKey);
    }
    // Another such key is.
    let mut world = World::of_itself();
    world.must(own, add_key(1, INVOKE));
    world.must(own, revoke_key(0));
    world.refuses(key_account(1), revoke_key(1), Error::LastKey);
    world.must(key_account(1), rotate(1, ed25519(2)));
    world.refuses(key_account(2), revoke_key(2), Error::LastKey);
    // An Sr25519 key can sign too.
    let sr25519 = SR25519[0];
    world.must(key_account(2), rotate(2, sr25519));
    world.refuses(sr25519.account().unwrap(), revoke_key(3), Error::LastKey);
    world.must(sr25519.account().unwrap(), add_key(5, INVOKE));
}

#[test]
fn the_same_bytes_under_another_scheme_are_the_same_key() {
    let mut world = World::of_account();
    let sr25519 = SR25519[0];
    let PublicKey::Sr25519(bytes) = sr25519 else { panic!("{sr25519:?}") };
    world.must(CONTROLLER, key_with(sr25519, AUTHENTICATE));
    world.refuses(CONTROLLER, key_with(PublicKey::Ed25519(bytes), AUTHENTICATE), Error::KeyAlreadyExists);
    // A key that was rotated out keeps no rights by being there twice.
    world.must(CONTROLLER, rotate(1, ed25519(9)));
    world.refuses(CONTROLLER, key_with(PublicKey::Ed25519(bytes), AUTHENTICATE), Error::KeyAlreadyExists);
}

#[test]
fn the_last_key_rule_binds_a_rotator_too() {
    let mut world = World::of_itself();
    world.must(key_account(0), set_delegate(ROTATOR, Role::Rotator, START_MS + 1));
    world.refuses(ROTATOR, revoke_key(0), Error::LastKey);
    world.refuses(ROTATOR, rotate(0, P256), Error::LastKey);
    world.must(ROTATOR, rotate(0, ed25519(1)));
}

#[test]
fn an_account_may_take_every_key_from_its_device() {
    let mut world = World::of_account();
    world.must(CONTROLLER, rotate(0, P256));
    world.must(CONTROLLER, revoke_key(1));
    world.must(CONTROLLER, add_key(1, Relationships::INITIAL));
    // Without a key that can act there is nobody to accept the device's transfer to itself.
    world.must(CONTROLLER, revoke_key(2));
    world.must(CONTROLLER, Operation::OfferTransfer { to: Controller::Device, expires_ms: START_MS + 1 });
    world.refuses(key_account(1), Operation::AcceptTransfer, Error::NotAuthorized);
}
