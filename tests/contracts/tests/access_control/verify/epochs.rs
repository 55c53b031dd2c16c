//! The device's life and epochs: what ends its tokens, at once and for what goes on.

use marque_contract_tests::Actor;
use marque_primitives::{
    Controller, Operation, Relationships,
    token::{Claims, Standing, VerifyError},
};

use crate::scene::{HOUR_MS, Scene};

/// What becomes of a token that was issued before, verified anew and checked.
fn ask(scene: &mut Scene, claims: &Claims, standing: &Standing) -> Result<(), VerifyError> {
    let verified = scene.verify_claims(claims).map(|_| ());
    assert_eq!(scene.check(standing), verified, "who checks is told the same as who verifies");
    verified
}

#[test]
fn a_suspended_devices_tokens_are_dead_and_stay_so() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    for (operation, expected) in [
        (Operation::Suspend, VerifyError::DeviceSuspended),
        (Operation::Resume, VerifyError::StaleEpoch),
        (Operation::Revoke, VerifyError::DeviceRevoked),
    ] {
        scene.on_device(operation);
        assert_eq!(ask(&mut scene, &claims, &standing), Err(expected));
    }
}

#[test]
fn what_starts_an_epoch_ends_all_tokens_before() {
    let second = Actor::new("second key");
    let operations = [
        Operation::BumpEpoch,
        Operation::RevokeKey { id: 1 },
        Operation::RotateKey { id: 1, public_key: Actor::new("third key").public_key() },
    ];
    for operation in operations {
        let mut scene = Scene::new();
        scene.on_device(Operation::AddKey { key: second.new_key(Relationships::AUTHENTICATION) });
        let claims = scene.claims();
        let standing = scene.verify_claims(&claims).unwrap();
        scene.on_device(operation.clone());
        assert_eq!(ask(&mut scene, &claims, &standing), Err(VerifyError::StaleEpoch), "{operation:?}");
        // A token of the new epoch is good again.
        assert!(scene.verify_claims(&Claims { epoch: 1, ..claims }).is_ok(), "{operation:?}");
    }
}

#[test]
fn a_transfer_ends_all_tokens_before() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    let (buyer, expires_ms) = (Actor::new("buyer"), scene.access.now_ms() + HOUR_MS);
    scene.on_device(Operation::OfferTransfer { to: Controller::Account(buyer.account()), expires_ms });
    assert_eq!(ask(&mut scene, &claims, &standing), Ok(()), "an offer changes nothing");
    let id = scene.id();
    scene.access.registry.execute(&buyer, id, Operation::AcceptTransfer).accepted();
    assert_eq!(ask(&mut scene, &claims, &standing), Err(VerifyError::StaleEpoch));
}

#[test]
fn what_starts_no_epoch_leaves_tokens_alone() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    for operation in [
        Operation::AddKey { key: Actor::new("second key").new_key(Relationships::AUTHENTICATION) },
        Operation::SetMetadata { hash: Some([1; 32]) },
        Operation::SetService { service: marque_contract_tests::samples::service("meter") },
    ] {
        scene.on_device(operation);
        assert_eq!(ask(&mut scene, &claims, &standing), Ok(()));
    }
}

#[test]
fn a_token_of_an_epoch_to_come_is_no_better_than_one_that_is_past() {
    let mut scene = Scene::new();
    for epoch in [1, 2, u32::MAX] {
        let claims = Claims { epoch, ..scene.claims() };
        assert_eq!(scene.verify_claims(&claims), Err(VerifyError::StaleEpoch), "{epoch}");
    }
}

#[test]
fn a_device_is_of_this_registry() {
    let mut scene = Scene::new();
    let unknown = Actor::new("unknown device");
    let unregistered = Claims { subject: scene.access.did(unknown.device()), ..scene.claims() };
    let token = scene.issue(&unregistered);
    let requirement = scene.requirement();
    let answer = scene.access.verify(&token, &requirement, unknown.account());
    assert_eq!(answer, Err(VerifyError::DeviceUnknown));
    // The same device in another registry, of the same chain or another.
    let mut elsewhere = scene.claims();
    elsewhere.subject.registry.0[9] ^= 0x80;
    assert_eq!(scene.verify_claims(&elsewhere), Err(VerifyError::DeviceUnknown));
    let standing = scene.verify_claims(&scene.claims()).unwrap();
    let of_unknown = Standing { device: unknown.device(), ..standing };
    assert_eq!(scene.check(&of_unknown), Err(VerifyError::DeviceUnknown));
}
