//! Tokens that are good.

use marque_contract_tests::TokenKey;
use marque_primitives::{
    blake2b_256,
    token::{Standing, Verified},
};

use crate::scene::{KEY, Scene};

/// A token that nothing is wrong with.
fn check_good(key: TokenKey) {
    let mut scene = Scene::with_key(key);
    let claims = scene.claims();
    let standing = Standing {
        signed_by: KEY,
        device: scene.id(),
        epoch: 0,
        token: blake2b_256(claims.token_id.as_bytes()),
        issued_ms: claims.issued_ms(),
        expires_ms: claims.expires_ms(),
    };
    let token = scene.issue(&claims);
    assert_eq!(scene.verify(&token), Ok(Verified { claims, standing: standing.clone() }));
    assert_eq!(scene.check(&standing), Ok(()));
}

#[test]
fn a_token_of_an_ed25519_key_says_what_was_signed() {
    check_good(TokenKey::ed25519("issuer key"));
}

#[test]
fn a_token_of_an_sr25519_key_says_what_was_signed() {
    check_good(TokenKey::sr25519("issuer key"));
}
