//! Tokens that were revoked, and authorization servers that are out of use.

use marque_contract_tests::{Actor, access::RECLAIM_PRICE};
use marque_primitives::{
    access::AccessOperation,
    blake2b_256, bounds,
    token::{Claims, IssuerKeyRef, Standing, VerifyError},
};

use crate::{
    operations::{new_key, revoke_before, revoke_token},
    scene::{ISSUER, SECOND_MS, Scene, URL},
};

fn named(claims: Claims, token_id: &str) -> Claims {
    Claims { token_id: token_id.into(), ..claims }
}

#[test]
fn a_revoked_token_is_dead_and_no_other() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let other = named(scene.claims(), "another");
    let standing = scene.verify_claims(&claims).unwrap();
    scene.changed(revoke_token(blake2b_256(claims.token_id.as_bytes()), claims.expires_ms()));
    assert_eq!(scene.verify_claims(&claims), Err(VerifyError::TokenRevoked));
    assert_eq!(scene.check(&standing), Err(VerifyError::TokenRevoked));
    assert!(scene.verify_claims(&other).is_ok());
}

/// There is no moment at which an entry can be taken away and its token is good: not even for who verifies off chain, with a clock that is
/// behind.
#[test]
fn a_reclaimed_token_has_expired() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let (token, cleaner) = (blake2b_256(claims.token_id.as_bytes()), scene.stranger.clone());
    scene.changed(revoke_token(token, claims.expires_ms()));
    let end_ms = claims.expires_ms() + bounds::CLOCK_SKEW_MAX_MS;
    for now_ms in [end_ms - 1, end_ms] {
        scene.access.chain().set_time(now_ms);
        let is_reclaimed = scene.access.reclaim(&cleaner, ISSUER, token, RECLAIM_PRICE).receipt.result.is_ok();
        assert_eq!(is_reclaimed, now_ms == end_ms);
        let expected = if is_reclaimed { VerifyError::Expired } else { VerifyError::TokenRevoked };
        assert_eq!(scene.verify_claims(&claims), Err(expected));
    }
}

#[test]
fn tokens_of_before_a_time_are_dead() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    scene.wait(2 * SECOND_MS);
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    scene.changed(revoke_before(id, claims.issued_ms()));
    assert_eq!(scene.check(&standing), Ok(()), "what was issued at that time is not before it");
    scene.changed(revoke_before(id, claims.issued_ms() + 1));
    assert_eq!(scene.verify_claims(&claims), Err(VerifyError::TokenRevoked));
    assert_eq!(scene.check(&standing), Err(VerifyError::TokenRevoked));
    scene.changed(revoke_before(id, now_ms));
    assert!(scene.verify_claims(&scene.claims()).is_ok(), "a new one is good");
}

#[test]
fn revoking_reaches_no_other_device_and_no_other_authorization_server() {
    let mut scene = Scene::new();
    let (stranger, second, now_ms) = (scene.stranger.clone(), Actor::new("second device"), scene.access.now_ms());
    scene.register_device(&second);
    scene.access.register_issuer(&stranger, URL, vec![new_key("stranger's key", now_ms)]).accepted();
    let (id, claims) = (scene.id(), scene.claims());
    // By another authorization server that says the same URL.
    for operation in [
        revoke_token(blake2b_256(claims.token_id.as_bytes()), claims.expires_ms()),
        revoke_before(id, now_ms + SECOND_MS),
    ] {
        scene.access.execute(&stranger, 1, operation).accepted();
    }
    assert!(scene.verify_claims(&claims).is_ok());
    // Of another device.
    scene.changed(revoke_before(second.device(), now_ms + SECOND_MS));
    assert!(scene.verify_claims(&claims).is_ok());
}

#[test]
fn a_deactivated_authorization_servers_tokens_are_dead_until_it_is_reactivated() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    scene.changed(AccessOperation::Deactivate);
    assert_eq!(scene.verify_claims(&claims), Err(VerifyError::UnknownIssuer));
    assert_eq!(scene.check(&standing), Err(VerifyError::UnknownIssuer));
    scene.changed(AccessOperation::Reactivate);
    assert!(scene.verify_claims(&claims).is_ok());
    assert_eq!(scene.check(&standing), Ok(()));
}

#[test]
fn an_authorization_server_is_its_number_and_its_url() {
    let mut scene = Scene::new();
    let (stranger, now_ms) = (scene.stranger.clone(), scene.access.now_ms());
    // A stranger registers the same URL with the same key, and gets another number.
    let key = scene.new_key(&scene.key);
    scene.access.register_issuer(&stranger, URL, vec![key]).accepted();
    let token = scene.key.issue(&scene.claims(), IssuerKeyRef { issuer: 1, key: 0 });
    assert_eq!(scene.verify(&token), Err(VerifyError::UntrustedIssuer));
    for number in [2, u32::MAX] {
        let token = scene.key.issue(&scene.claims(), IssuerKeyRef { issuer: number, key: 0 });
        assert_eq!(scene.verify(&token), Err(VerifyError::UnknownIssuer));
    }
    for url in [format!("{URL}/"), URL.to_uppercase().replace("HTTPS", "https"), URL[..URL.len() - 1].into()] {
        let claims = Claims { issuer: url, ..scene.claims() };
        assert_eq!(scene.verify_claims(&claims), Err(VerifyError::UnknownIssuer));
    }
    let standing = scene.verify_claims(&scene.claims()).unwrap();
    for (signed_by, expected) in [
        (IssuerKeyRef { issuer: 2, key: 0 }, VerifyError::UnknownIssuer),
        (IssuerKeyRef { issuer: ISSUER, key: 1 }, VerifyError::IssuerKeyNotValid),
    ] {
        assert_eq!(scene.check(&Standing { signed_by, ..standing.clone() }), Err(expected));
    }
    let outside = Standing { issued_ms: now_ms - 1, ..standing };
    assert_eq!(scene.check(&outside), Err(VerifyError::IssuerKeyNotValid));
}

/// A standing that is asked about names the reasons in the order in which a token's are named.
#[test]
fn a_standing_is_refused_in_the_same_order() {
    use marque_primitives::Operation;

    let mut scene = Scene::new();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    let id = scene.id();
    let (later_ms, token) = (scene.access.now_ms() + SECOND_MS, standing.token);
    // From the last reason to the first, each on top of the others.
    scene.changed(revoke_token(token, claims.expires_ms()));
    scene.changed(revoke_before(id, later_ms));
    assert_eq!(scene.check(&standing), Err(VerifyError::TokenRevoked));
    scene.on_device(Operation::BumpEpoch);
    assert_eq!(scene.check(&standing), Err(VerifyError::StaleEpoch));
    scene.on_device(Operation::Suspend);
    assert_eq!(scene.check(&standing), Err(VerifyError::DeviceSuspended));
    scene.on_device(Operation::Revoke);
    assert_eq!(scene.check(&standing), Err(VerifyError::DeviceRevoked));
    let unknown = Standing { device: Actor::new("unknown").device(), ..standing };
    assert_eq!(scene.check(&unknown), Err(VerifyError::DeviceUnknown));
    scene.wait(claims.expires_ms() + bounds::CLOCK_SKEW_MAX_MS - scene.access.now_ms());
    assert_eq!(scene.check(&unknown), Err(VerifyError::Expired));
    scene.changed(AccessOperation::RevokeKey { id: 0 });
    assert_eq!(scene.check(&unknown), Err(VerifyError::IssuerKeyNotValid));
    scene.changed(AccessOperation::Deactivate);
    assert_eq!(scene.check(&unknown), Err(VerifyError::UnknownIssuer));
}
