//! Signing keys.

use marque_contract_tests::TokenKey;
use marque_primitives::{
    PublicKey,
    access::{AccessChange, AccessError, AccessOperation, NewIssuerKey},
    bounds,
};

use crate::{
    operations::{new_key, window},
    scene::{DAY_MS, HOUR_MS, Scene},
};

fn add(key: NewIssuerKey) -> AccessOperation {
    AccessOperation::AddKey { key }
}

#[test]
fn are_added_with_the_next_number() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    for id in 1..4 {
        let change = scene.changed(add(new_key(&format!("key {id}"), now_ms)));
        assert!(matches!(change, AccessChange::KeyAdded { key } if key.id == id), "{change:?}");
    }
    scene.changed(AccessOperation::RevokeKey { id: 3 });
    let change = scene.changed(add(new_key("next", now_ms)));
    assert!(matches!(change, AccessChange::KeyAdded { key } if key.id == 4), "a number is never used again");
}

#[test]
fn have_a_window_within_its_bounds() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let key = TokenKey::ed25519("new").public_key();
    let (ahead, life) = (bounds::ISSUER_KEY_AHEAD_MAX_MS, bounds::ISSUER_KEY_LIFETIME_MAX_MS);
    let bad = [
        (now_ms, now_ms),
        (now_ms + 1, now_ms),
        (now_ms - DAY_MS, now_ms),
        (now_ms + ahead + 1, now_ms + ahead + 2),
        (now_ms, now_ms + life + 1),
        (0, u64::MAX),
        (u64::MAX, u64::MAX),
        (u64::MAX - 1, u64::MAX),
    ];
    for (not_before_ms, not_after_ms) in bad {
        let refused = scene.refused(add(window(key, not_before_ms, not_after_ms)));
        assert_eq!(refused, AccessError::InvalidWindow, "{not_before_ms} {not_after_ms}");
    }
    for (not_before_ms, not_after_ms) in [(now_ms + ahead, now_ms + ahead + life), (now_ms - DAY_MS, now_ms + 1)] {
        scene.access.trial(|access| {
            let owner = scene.owner.clone();
            access.execute(&owner, 0, add(window(key, not_before_ms, not_after_ms))).accepted();
        });
    }
}

#[test]
fn are_of_the_types_that_sign_on_chain_and_each_once() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    for public_key in [PublicKey::X25519([9; 32]), PublicKey::P256([2; 33])] {
        assert_eq!(scene.refused(add(window(public_key, now_ms, now_ms + 1))), AccessError::InvalidKey);
    }
    assert_eq!(scene.refused(add(new_key("issuer key", now_ms))), AccessError::KeyAlreadyExists);
    scene.changed(AccessOperation::RevokeKey { id: 0 });
    assert_eq!(scene.refused(add(new_key("issuer key", now_ms))), AccessError::KeyAlreadyExists, "revoked for ever");
}

#[test]
fn follow_one_another() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let rotate = |id| AccessOperation::RotateKey { id, key: new_key("second", now_ms + DAY_MS) };
    let change = scene.changed(rotate(0));
    assert!(matches!(change, AccessChange::KeyRotated { ended: 0, key } if key.id == 1), "{change:?}");
    let [first, second] = &scene.record().keys[..] else { panic!("two keys") };
    assert_eq!((first.not_after_ms, second.not_before_ms), (now_ms + DAY_MS, now_ms + DAY_MS));
    assert_eq!(first.revoked_ms, None);
    // A key that follows never makes the one before last longer.
    let late = AccessOperation::RotateKey { id: 0, key: new_key("third", now_ms + 40 * DAY_MS) };
    scene.changed(late);
    assert_eq!(scene.record().keys[0].not_after_ms, now_ms + DAY_MS);
    assert_eq!(scene.refused(rotate(9)), AccessError::KeyNotFound);
    assert_eq!(scene.refused(rotate(0)), AccessError::KeyAlreadyExists);
}

#[test]
fn are_revoked_for_ever() {
    let mut scene = Scene::new();
    scene.wait(HOUR_MS);
    let (now_ms, revoke) = (scene.access.now_ms(), AccessOperation::RevokeKey { id: 0 });
    assert_eq!(scene.refused(AccessOperation::RevokeKey { id: 1 }), AccessError::KeyNotFound);
    assert_eq!(scene.changed(revoke.clone()), AccessChange::KeyRevoked { id: 0 });
    assert_eq!(scene.record().keys[0].revoked_ms, Some(now_ms));
    assert_eq!(scene.refused(revoke), AccessError::KeyRevoked);
    let rotate = AccessOperation::RotateKey { id: 0, key: new_key("second", now_ms) };
    assert_eq!(scene.refused(rotate), AccessError::KeyRevoked);
}

#[test]
fn have_a_bound_and_make_room_when_no_token_of_theirs_can_count() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    for id in 1..8 {
        scene.changed(add(window(PublicKey::Sr25519([id; 32]), now_ms, now_ms + HOUR_MS)));
    }
    let key = |fill: u8, now_ms| window(PublicKey::Sr25519([fill; 32]), now_ms, now_ms + 30 * DAY_MS);
    assert_eq!(scene.refused(add(key(8, now_ms))), AccessError::MaxKeysExceeded);
    let rotate = AccessOperation::RotateKey { id: 1, key: key(8, now_ms) };
    assert_eq!(scene.refused(rotate), AccessError::MaxKeysExceeded);
    // The windows are over, but the last tokens of these keys are not.
    scene.wait(HOUR_MS + bounds::TOKEN_LIFETIME_MAX_MS - 1);
    let later_ms = scene.access.now_ms();
    assert_eq!(scene.refused(add(key(8, later_ms))), AccessError::MaxKeysExceeded);
    scene.wait(1);
    scene.changed(add(key(8, later_ms)));
    let ids: Vec<u32> = scene.record().keys.iter().map(|key| key.id).collect();
    assert_eq!(ids, [0, 2, 3, 4, 5, 6, 7, 8], "the first that is spent made room");
    scene.changed(AccessOperation::RevokeKey { id: 0 });
    scene.changed(add(key(9, later_ms)));
    assert_eq!(scene.record().key(0), None, "a revoked one makes room at once");
}
