//! Every error is reached through the deployed contract, and has the number that clients know it by.

use marque_contract_tests::{Actor, access::RECLAIM_PRICE, deployed::GENESIS_HASH};
use marque_primitives::{
    PublicKey, RegistryId,
    access::{AccessError, AccessOperation, Issuer, IssuerRole},
    bounds,
};
use parity_scale_codec::{Decode, Encode};

use crate::{
    operations::{
        define, grant, new_key, offer, remove_delegate, remove_role, remove_trust, retire, revoke_before, revoke_token,
        role, scope, set_delegate, set_role, trust, window, withdraw,
    },
    scene::{HOUR_MS, ISSUER, Scene, URL},
};

/// A way to each error. A new variant does not compile until it has one.
fn reach(error: AccessError) -> AccessError {
    let mut scene = Scene::new();
    let (id, owner, now_ms, actor) = (scene.id(), scene.owner.clone(), scene.access.now_ms(), Actor::new("actor"));
    let soon = now_ms + HOUR_MS;
    match error {
        AccessError::IssuerNotFound => scene.access.execute(&owner, 1, AccessOperation::Deactivate).error(),
        AccessError::NotAuthorized => scene.by(&actor, AccessOperation::Deactivate).error(),
        AccessError::InvalidUrl => scene.access.register_issuer(&owner, "", Vec::new()).error(),
        AccessError::InvalidKey
        | AccessError::InvalidWindow
        | AccessError::KeyNotFound
        | AccessError::KeyAlreadyExists
        | AccessError::KeyRevoked
        | AccessError::MaxKeysExceeded => reach_key_error(&mut scene, error),
        AccessError::AlreadyDeactivated => {
            after(&mut scene, &[AccessOperation::Deactivate]).refused(AccessOperation::Deactivate)
        }
        AccessError::NotDeactivated => scene.refused(AccessOperation::Reactivate),
        AccessError::InvalidExpiry => scene.refused(offer(&actor, now_ms)),
        AccessError::NoOffer => scene.by(&actor, AccessOperation::AcceptTransfer).error(),
        AccessError::OfferExpired => {
            after(&mut scene, &[offer(&actor, soon)]).wait(HOUR_MS);
            scene.by(&actor, AccessOperation::AcceptTransfer).error()
        }
        AccessError::SameOwner => scene.refused(offer(&owner, soon)),
        AccessError::DelegateNotFound => scene.refused(remove_delegate(&actor, IssuerRole::Operator)),
        AccessError::MaxDelegatesExceeded => {
            let set = |number: usize| set_delegate(&Actor::new(format!("{number}")), IssuerRole::Operator, soon);
            (0..bounds::ISSUER_DELEGATES_MAX).for_each(|number| drop(scene.changed(set(number))));
            scene.refused(set(bounds::ISSUER_DELEGATES_MAX))
        }
        AccessError::InvalidScopeName => scene.refused(define("*")),
        AccessError::ScopeAlreadyExists => after(&mut scene, &[define("a:b")]).refused(define("a:b")),
        AccessError::ScopeNotFound => scene.refused(retire("a:b")),
        AccessError::ScopeRetired => after(&mut scene, &[define("a:b"), retire("a:b")]).refused(retire("a:b")),
        AccessError::InvalidScopes => scene.refused(set_role("reader", &[])),
        AccessError::InvalidRoleName => scene.refused(set_role("*", &[])),
        AccessError::RoleNotFound => scene.refused(remove_role("reader")),
        AccessError::GrantNotFound => scene.refused(withdraw(id, role("reader"))),
        AccessError::MaxGrantsExceeded => one_grant_too_many(&mut scene),
        AccessError::TokenAlreadyRevoked => {
            after(&mut scene, &[revoke_token([1; 32], soon)]).refused(revoke_token([1; 32], soon))
        }
        AccessError::TokenNotRevoked => scene.access.reclaim(&actor, ISSUER, [1; 32], RECLAIM_PRICE).error(),
        AccessError::TokenNotExpired => {
            let scene = after(&mut scene, &[revoke_token([1; 32], soon)]);
            scene.access.reclaim(&actor, ISSUER, [1; 32], RECLAIM_PRICE).error()
        }
        AccessError::WrongPayment => scene.access.reclaim(&actor, ISSUER, [1; 32], 0).error(),
        AccessError::PaymentFailed => {
            after(&mut scene, &[revoke_token([1; 32], soon)]).wait(2 * HOUR_MS);
            scene.access.chain().fill(owner.account(), 0);
            scene.access.reclaim(&actor, ISSUER, [1; 32], RECLAIM_PRICE).error()
        }
        AccessError::InvalidTime => scene.refused(revoke_before(id, 0)),
        AccessError::SameIssuer => scene.refused(trust(ISSUER, &[], soon)),
        AccessError::TrustNotFound => scene.refused(remove_trust(1)),
        AccessError::TooLarge => too_large(&mut scene),
        AccessError::Overflow => overflows()[0],
    }
}

fn after<'scene>(scene: &'scene mut Scene, operations: &[AccessOperation]) -> &'scene mut Scene {
    for operation in operations {
        scene.changed(operation.clone());
    }
    scene
}

fn reach_key_error(scene: &mut Scene, error: AccessError) -> AccessError {
    let now_ms = scene.access.now_ms();
    let add = |key| AccessOperation::AddKey { key };
    match error {
        AccessError::InvalidKey => scene.refused(add(window(PublicKey::X25519([1; 32]), now_ms, now_ms + 1))),
        AccessError::InvalidWindow => scene.refused(add(window(PublicKey::X25519([1; 32]), now_ms, now_ms))),
        AccessError::KeyNotFound => scene.refused(AccessOperation::RevokeKey { id: 1 }),
        AccessError::KeyAlreadyExists => scene.refused(add(new_key("issuer key", now_ms))),
        AccessError::KeyRevoked => {
            let revoke = AccessOperation::RevokeKey { id: 0 };
            after(scene, std::slice::from_ref(&revoke)).refused(revoke.clone())
        }
        _ => {
            let keys = (0..=bounds::ISSUER_KEYS_MAX).map(|number| new_key(&format!("{number}"), now_ms)).collect();
            let owner = scene.owner.clone();
            scene.access.register_issuer(&owner, URL, keys).error()
        }
    }
}

fn one_grant_too_many(scene: &mut Scene) -> AccessError {
    let (id, soon) = (scene.id(), scene.access.now_ms() + HOUR_MS);
    for number in 0..=bounds::GRANTS_MAX {
        scene.changed(define(&format!("a:{number}")));
    }
    for number in 0..bounds::GRANTS_MAX {
        scene.changed(grant(id, scope(&format!("a:{number}")), soon));
    }
    scene.refused(grant(id, scope(&format!("a:{}", bounds::GRANTS_MAX)), soon))
}

/// The bounds keep records far below what ink!'s buffer holds: the record is put there.
fn too_large(scene: &mut Scene) -> AccessError {
    let mut record = scene.record().clone();
    // With the mapping's key there is just room for it, and none for another key.
    let room = bounds::CALL_BYTES_MAX - record.encoded_size() - 16;
    record.url.push_str(&"a".repeat(room));
    scene.access.plant(ISSUER, record);
    let now_ms = scene.access.now_ms();
    scene.refused(AccessOperation::AddKey { key: new_key("second", now_ms) })
}

/// The answers where counters are at their ends: nobody lives to see one, so that they are put there.
fn overflows() -> [AccessError; 3] {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let record = Issuer { next_key_id: u32::MAX, ..scene.record().clone() };
    scene.access.plant(ISSUER, record);
    let key = new_key("second", now_ms);
    let answers = [AccessOperation::AddKey { key }, AccessOperation::RotateKey { id: 0, key }];
    let [add, rotate] = answers.map(|operation| scene.refused(operation));

    let (contract, registry, ed25519) =
        (scene.access.contract, scene.access.registry.contract, scene.access.registry.ed25519);
    let registry_id = RegistryId::derive(&GENESIS_HASH, &registry);
    let fields = (GENESIS_HASH, registry, registry_id, ed25519, RECLAIM_PRICE, u32::MAX);
    scene.access.chain().plant(contract, &[0; 4], &fields.encode());
    let owner = scene.owner.clone();
    [add, rotate, scene.access.register_issuer(&owner, URL, Vec::new()).error()]
}

fn all() -> impl Iterator<Item = AccessError> {
    (0..=u8::MAX).map_while(|number| AccessError::decode(&mut &[number][..]).ok())
}

#[test]
fn each_is_reached() {
    for error in all() {
        assert_eq!(reach(error), error);
    }
}

#[test]
fn counters_stop_at_their_ends() {
    assert_eq!(overflows(), [AccessError::Overflow; 3]);
}

/// Append-only: clients and stored events know errors by these numbers.
#[test]
fn numbers_stay() {
    let names: Vec<String> = all().map(|error| format!("{} {error:?}", error.encode()[0])).collect();
    let expected = "\
        0 IssuerNotFound, 1 NotAuthorized, 2 InvalidUrl, 3 InvalidKey, 4 InvalidWindow, 5 KeyNotFound, \
        6 KeyAlreadyExists, 7 KeyRevoked, 8 MaxKeysExceeded, 9 AlreadyDeactivated, 10 NotDeactivated, \
        11 InvalidExpiry, 12 NoOffer, 13 OfferExpired, 14 SameOwner, 15 DelegateNotFound, 16 MaxDelegatesExceeded, \
        17 InvalidScopeName, 18 ScopeAlreadyExists, 19 ScopeNotFound, 20 ScopeRetired, 21 InvalidScopes, \
        22 InvalidRoleName, 23 RoleNotFound, 24 GrantNotFound, 25 MaxGrantsExceeded, 26 TokenAlreadyRevoked, \
        27 TokenNotRevoked, 28 TokenNotExpired, 29 WrongPayment, 30 PaymentFailed, 31 InvalidTime, 32 SameIssuer, \
        33 TrustNotFound, 34 TooLarge, 35 Overflow";
    assert_eq!(names.join(", "), expected);
}
