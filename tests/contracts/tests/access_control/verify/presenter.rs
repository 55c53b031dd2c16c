//! Who presents the token: a stolen one is useless.

use marque_contract_tests::{Actor, TokenKey};
use marque_primitives::{
    AccountId, NewKey, Operation, PublicKey, Relationships,
    token::{Claims, Confirmation, VerifyError},
};

use crate::scene::Scene;

/// What becomes of a token with these claims that this account presents.
fn present(scene: &mut Scene, claims: &Claims, presenter: AccountId) -> Result<(), VerifyError> {
    let (token, requirement) = (scene.issue(claims), scene.requirement());
    scene.access.verify(&token, &requirement, presenter).map(|_| ())
}

fn add_key(scene: &mut Scene, public_key: PublicKey, relationships: Relationships) {
    scene.on_device(Operation::AddKey { key: NewKey { public_key, relationships } });
}

const REFUSED: Result<(), VerifyError> = Err(VerifyError::PresenterIsNotSubject);

#[test]
fn a_stranger_can_do_nothing_with_a_stolen_token() {
    let mut scene = Scene::new();
    let device = scene.device.account();
    let second = Actor::new("second device");
    scene.register_device(&second);
    let claims = scene.claims();
    let strangers = [&scene.stranger, &scene.controller, &scene.owner, &second].map(Actor::account);
    let contracts = [scene.access.contract, scene.access.registry.contract, AccountId([0; 32])];
    // Its authorization server's key is no better than others.
    let issuer_key = scene.key.public_key().account().unwrap();
    for presenter in strangers.into_iter().chain(contracts).chain([issuer_key]) {
        assert_eq!(present(&mut scene, &claims, presenter), REFUSED, "{presenter:?}");
    }
    assert_eq!(present(&mut scene, &claims, device), Ok(()));
}

#[test]
fn every_current_key_for_authentication_presents_a_token_that_is_not_bound() {
    let mut scene = Scene::new();
    let (second, other) = (Actor::new("second key"), Actor::new("signing key"));
    let sr25519 = TokenKey::sr25519("third key").public_key();
    add_key(&mut scene, second.public_key(), Relationships::AUTHENTICATION);
    add_key(&mut scene, sr25519, Relationships::AUTHENTICATION);
    add_key(
        &mut scene,
        other.public_key(),
        Relationships::ASSERTION_METHOD.union(Relationships::CAPABILITY_INVOCATION),
    );
    let claims = scene.claims();
    for presenter in [scene.device.account(), second.account(), sr25519.account().unwrap()] {
        assert_eq!(present(&mut scene, &claims, presenter), Ok(()));
    }
    assert_eq!(present(&mut scene, &claims, other.account()), REFUSED, "a key for something else");
}

#[test]
fn a_bound_token_is_for_one_key() {
    let mut scene = Scene::new();
    let second = Actor::new("second key");
    let sr25519 = TokenKey::sr25519("third key").public_key();
    add_key(&mut scene, second.public_key(), Relationships::AUTHENTICATION);
    add_key(&mut scene, sr25519, Relationships::AUTHENTICATION);
    let keys = [scene.device.public_key(), second.public_key(), sr25519];
    for bound in keys {
        let claims = Claims { confirmation: Some(Confirmation::Key(bound)), ..scene.claims() };
        for presenter in keys {
            let expected = if presenter == bound { Ok(()) } else { REFUSED };
            assert_eq!(present(&mut scene, &claims, presenter.account().unwrap()), expected, "{bound:?} {presenter:?}");
        }
    }
}

#[test]
fn being_named_in_the_token_makes_nobody_a_key_of_the_device() {
    let mut scene = Scene::new();
    let device = scene.device.account();
    let stranger = scene.stranger.clone();
    let bound = Confirmation::Key(stranger.public_key());
    let claims = Claims { confirmation: Some(bound), ..scene.claims() };
    assert_eq!(present(&mut scene, &claims, stranger.account()), REFUSED);
    assert_eq!(present(&mut scene, &claims, device), REFUSED);
}

/// What an account can't prove is not proven: a key that signs no extrinsics, or one that is not told.
#[test]
fn a_token_bound_to_what_no_account_can_prove_is_nobodys() {
    let mut scene = Scene::new();
    let device = scene.device.account();
    let mut point = [2; 33];
    point[1..].copy_from_slice(&scene.device.public_bytes());
    for bound in [Confirmation::Thumbprint(scene.device.public_bytes()), Confirmation::Key(PublicKey::P256(point))] {
        let claims = Claims { confirmation: Some(bound), ..scene.claims() };
        assert_eq!(present(&mut scene, &claims, device), REFUSED, "{bound:?}");
    }
}

#[test]
fn an_old_key_presents_nothing() {
    let mut scene = Scene::new();
    let device = scene.device.account();
    let second = Actor::new("second key");
    scene.on_device(Operation::RotateKey { id: 0, public_key: second.public_key() });
    let claims = Claims { epoch: 1, ..scene.claims() };
    assert_eq!(present(&mut scene, &claims, device), REFUSED, "the initial key was rotated");
    assert_eq!(present(&mut scene, &claims, second.account()), Ok(()));
    let third = Actor::new("third key");
    add_key(&mut scene, third.public_key(), Relationships::AUTHENTICATION);
    scene.on_device(Operation::RevokeKey { id: 1 });
    let claims = Claims { epoch: 2, ..scene.claims() };
    assert_eq!(present(&mut scene, &claims, second.account()), REFUSED, "it was revoked");
    let bound = Claims { confirmation: Some(Confirmation::Key(second.public_key())), ..claims.clone() };
    assert_eq!(present(&mut scene, &bound, second.account()), REFUSED, "although the token is bound to it");
    assert_eq!(present(&mut scene, &claims, third.account()), Ok(()));
}
