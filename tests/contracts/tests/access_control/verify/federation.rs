//! Tokens of an authorization server that the one asked for trusts.

use marque_contract_tests::{Actor, TokenKey};
use marque_primitives::{
    access::{AccessOperation, IssuerId},
    blake2b_256,
    token::{Claims, IssuerKeyRef, Requirement, VerifyError},
};

use crate::{
    operations::{define, new_key, remove_trust, retire, revoke_token, trust},
    scene::{AUDIENCE, HOUR_MS, ISSUER, SCOPE, Scene},
};

const PARTNER: IssuerId = 1;
const THIRD: IssuerId = 2;

/// The tests' authorization server with two scopes, and two others: `partner` and `third`.
fn scene() -> Scene {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    for name in ["partner", "third"] {
        let owner = Actor::new(name);
        scene.access.register_issuer(&owner, &url(name), vec![new_key(name, now_ms)]).accepted();
    }
    scene.changed(define(SCOPE));
    scene.changed(define("meter:read"));
    scene
}

fn url(name: &str) -> String {
    format!("https://{name}.example")
}

/// A token of another authorization server, with both scopes.
fn token_of(scene: &Scene, name: &str, issuer: IssuerId) -> Vec<u8> {
    let scopes = vec![SCOPE.into(), "meter:read".into()];
    let claims = Claims { issuer: url(name), scopes, ..scene.claims() };
    TokenKey::ed25519(name).issue(&claims, IssuerKeyRef { issuer, key: 0 })
}

/// Asks for these scopes by what [`ISSUER`] trusts.
fn ask(scene: &mut Scene, token: &[u8], scopes: &[&str]) -> Result<(), VerifyError> {
    let scopes = scopes.iter().map(|scope| (*scope).into()).collect();
    let requirement = Requirement { issuer: ISSUER, audience: AUDIENCE.into(), scopes };
    let presenter = scene.device.account();
    scene.access.verify(token, &requirement, presenter).map(|_| ())
}

const UNTRUSTED: Result<(), VerifyError> = Err(VerifyError::UntrustedIssuer);

#[test]
fn a_trusted_ones_tokens_count_for_what_it_is_trusted_for() {
    let mut scene = scene();
    let (token, until_ms) = (token_of(&scene, "partner", PARTNER), scene.access.now_ms() + HOUR_MS);
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), UNTRUSTED);
    scene.changed(trust(PARTNER, &[SCOPE], until_ms));
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Ok(()));
    assert_eq!(ask(&mut scene, &token, &["meter:read"]), UNTRUSTED);
    assert_eq!(ask(&mut scene, &token, &[SCOPE, "meter:read"]), UNTRUSTED, "for one of them is not for both");
    assert_eq!(ask(&mut scene, &token, &[]), UNTRUSTED, "for nothing in particular is not for anything");
    scene.changed(trust(PARTNER, &["meter:read", SCOPE], until_ms));
    assert_eq!(ask(&mut scene, &token, &[SCOPE, "meter:read"]), Ok(()));
    assert_eq!(ask(&mut scene, &token, &["door:open"]), UNTRUSTED);
}

#[test]
fn trust_is_over_when_it_says_and_when_it_is_taken_back() {
    let mut scene = scene();
    let (token, until_ms) = (token_of(&scene, "partner", PARTNER), scene.access.now_ms() + 1000);
    scene.changed(trust(PARTNER, &[SCOPE], until_ms));
    scene.wait(999);
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Ok(()));
    scene.wait(1);
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), UNTRUSTED);
    scene.changed(trust(PARTNER, &[SCOPE], until_ms + HOUR_MS));
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Ok(()));
    scene.changed(remove_trust(PARTNER));
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), UNTRUSTED);
}

/// What was let in by a trust is let out with it: when it is over, narrowed, taken back, or its truster is not active.
#[test]
fn what_goes_on_by_trust_ends_with_it() {
    let mut scene = scene();
    let (token, now_ms) = (token_of(&scene, "partner", PARTNER), scene.access.now_ms());
    let (requirement, presenter) = (scene.requirement(), scene.device.account());
    let both = trust(PARTNER, &[SCOPE, "meter:read"], now_ms + HOUR_MS);
    scene.changed(both.clone());
    let standing = scene.access.verify(&token, &requirement, presenter).unwrap().standing;
    for (ends, begins_again) in [
        (trust(PARTNER, &["meter:read"], now_ms + HOUR_MS), both.clone()),
        (remove_trust(PARTNER), both.clone()),
        (AccessOperation::Deactivate, AccessOperation::Reactivate),
    ] {
        assert_eq!(scene.check(&standing), Ok(()));
        scene.changed(ends.clone());
        assert_eq!(scene.check(&standing), UNTRUSTED, "{ends:?}");
        scene.changed(begins_again);
    }
    scene.changed(trust(PARTNER, &[SCOPE], now_ms + 1000));
    scene.wait(999);
    assert_eq!(scene.check(&standing), Ok(()), "the other scope was not asked for");
    scene.wait(1);
    assert_eq!(scene.check(&standing), UNTRUSTED);
}

#[test]
fn both_must_be_active() {
    let mut scene = scene();
    let (token, until_ms) = (token_of(&scene, "partner", PARTNER), scene.access.now_ms() + HOUR_MS);
    scene.changed(trust(PARTNER, &[SCOPE], until_ms));
    scene.changed(AccessOperation::Deactivate);
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), UNTRUSTED, "who is not active trusts nobody");
    scene.changed(AccessOperation::Reactivate);
    scene.access.execute(&Actor::new("partner"), PARTNER, AccessOperation::Deactivate).accepted();
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Err(VerifyError::UnknownIssuer));
}

#[test]
fn trust_goes_one_way_and_one_step() {
    let mut scene = scene();
    let until_ms = scene.access.now_ms() + HOUR_MS;
    let partner = Actor::new("partner");
    scene.changed(trust(PARTNER, &[SCOPE], until_ms));
    scene.access.execute(&partner, PARTNER, define(SCOPE)).accepted();
    scene.access.execute(&partner, PARTNER, trust(THIRD, &[SCOPE], until_ms)).accepted();
    let third = token_of(&scene, "third", THIRD);
    assert_eq!(ask(&mut scene, &third, &[SCOPE]), UNTRUSTED, "a friend's friend is none");
    // And not back: who is trusted does not trust.
    let (token, presenter) = (scene.issue(&scene.claims()), scene.device.account());
    let requirement = Requirement { issuer: PARTNER, ..scene.requirement() };
    assert_eq!(scene.access.verify(&token, &requirement, presenter), Err(VerifyError::UntrustedIssuer));
    let nobody = Requirement { issuer: 9, ..scene.requirement() };
    assert_eq!(scene.access.verify(&token, &nobody, presenter), Err(VerifyError::UntrustedIssuer));
}

#[test]
fn a_trusted_ones_tokens_must_be_good() {
    let mut scene = scene();
    let until_ms = scene.access.now_ms() + HOUR_MS;
    scene.changed(trust(PARTNER, &[SCOPE], until_ms));
    let claims = Claims { issuer: url("partner"), ..scene.claims() };
    let forged = scene.key.issue(&claims, IssuerKeyRef { issuer: PARTNER, key: 0 });
    assert_eq!(ask(&mut scene, &forged, &[SCOPE]), Err(VerifyError::InvalidSignature), "with the truster's key");
    let token = token_of(&scene, "partner", PARTNER);
    let revoke = revoke_token(blake2b_256(claims.token_id.as_bytes()), claims.expires_ms());
    scene.changed(revoke.clone());
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Ok(()), "who trusts revokes its own tokens alone");
    scene.access.execute(&Actor::new("partner"), PARTNER, revoke).accepted();
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Err(VerifyError::TokenRevoked));
}

/// Retiring a scope ends neither tokens nor trust: its owner takes those back.
#[test]
fn a_retired_scope_stays_trusted() {
    let mut scene = scene();
    let (token, until_ms) = (token_of(&scene, "partner", PARTNER), scene.access.now_ms() + HOUR_MS);
    scene.changed(trust(PARTNER, &[SCOPE], until_ms));
    scene.changed(retire(SCOPE));
    assert_eq!(ask(&mut scene, &token, &[SCOPE]), Ok(()));
}
