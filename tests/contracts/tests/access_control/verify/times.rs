//! The token's times and those of its key.

use marque_contract_tests::TokenKey;
use marque_primitives::{
    access::AccessOperation,
    bounds,
    token::{Claims, IssuerKeyRef, VerifyError},
};

use crate::{
    operations::{new_key, window},
    scene::{DAY_MS, HOUR_MS, ISSUER, SECOND_MS, Scene},
};

/// Seconds by which clocks may differ.
const SKEW_S: u64 = bounds::CLOCK_SKEW_MAX_MS / 1000;

fn verify(scene: &mut Scene, claims: &Claims) -> Result<(), VerifyError> {
    scene.verify_claims(claims).map(|_| ())
}

#[test]
fn a_token_is_good_until_it_expires_and_for_the_skew() {
    let mut scene = Scene::new();
    let claims = scene.claims();
    let over_ms = (claims.expires_s + SKEW_S) * SECOND_MS;
    let standing = scene.verify_claims(&claims).unwrap();
    for (now_ms, expected) in [
        (claims.expires_ms(), Ok(())),
        (over_ms - 1, Ok(())),
        (over_ms, Err(VerifyError::Expired)),
        (over_ms + 365 * DAY_MS, Err(VerifyError::Expired)),
    ] {
        scene.access.chain().set_time(now_ms);
        // The key's window is over by then, which is nothing to a token that was issued within it.
        assert_eq!(verify(&mut scene, &claims), expected);
        assert_eq!(scene.check(&standing), expected);
    }
}

#[test]
fn a_token_of_the_future_waits_but_for_the_skew() {
    let mut scene = Scene::new();
    let now_s = scene.access.now_ms() / 1000;
    let issued = |issued_s, not_before_s, claims: Claims| Claims { issued_s, not_before_s, ..claims };
    for (issued_s, not_before_s, expected) in [
        (now_s + SKEW_S, None, Ok(())),
        (now_s + SKEW_S + 1, None, Err(VerifyError::NotYetValid)),
        (now_s, Some(now_s + SKEW_S), Ok(())),
        (now_s, Some(now_s + SKEW_S + 1), Err(VerifyError::NotYetValid)),
        // An `nbf` of the past makes no token good that is yet to be issued.
        (now_s + SKEW_S + 1, Some(0), Err(VerifyError::NotYetValid)),
        (now_s, Some(0), Ok(())),
    ] {
        let claims = issued(issued_s, not_before_s, scene.claims());
        assert_eq!(verify(&mut scene, &claims), expected, "{issued_s} {not_before_s:?}");
    }
    let claims = issued(now_s + SKEW_S + 1, None, scene.claims());
    scene.wait(SECOND_MS - 1);
    assert_eq!(verify(&mut scene, &claims), Err(VerifyError::NotYetValid));
    scene.wait(1);
    assert_eq!(verify(&mut scene, &claims), Ok(()));
}

#[test]
fn a_token_lives_a_day_at_most() {
    let mut scene = Scene::new();
    let day_s = bounds::TOKEN_LIFETIME_MAX_MS / 1000;
    let claims = scene.claims();
    let lives = |seconds| Claims { expires_s: claims.issued_s + seconds, ..claims.clone() };
    assert_eq!(verify(&mut scene, &lives(day_s)), Ok(()));
    assert_eq!(verify(&mut scene, &lives(day_s + 1)), Err(VerifyError::LifetimeTooLong));
    // The last second of the year 9999.
    let longest = Claims { expires_s: 253_402_300_799, ..claims.clone() };
    assert_eq!(verify(&mut scene, &longest), Err(VerifyError::LifetimeTooLong));
}

#[test]
fn a_key_signs_within_its_window() {
    let mut scene = Scene::new();
    let start_s = scene.access.now_ms() / 1000;
    let end_s = start_s + 30 * DAY_MS / 1000;
    let refused = Err(VerifyError::IssuerKeyNotValid);
    for (issued_s, expected) in [(start_s - 1, refused), (start_s, Ok(())), (end_s - 1, Ok(())), (end_s, refused)] {
        scene.access.chain().set_time(issued_s * SECOND_MS);
        let claims = Claims { issued_s, expires_s: issued_s + 600, ..scene.claims() };
        assert_eq!(verify(&mut scene, &claims), expected, "{issued_s}");
    }
    // A token that was issued within the window outlives it.
    let claims = Claims { issued_s: end_s - 1, expires_s: end_s + 599, ..scene.claims() };
    scene.access.chain().set_time((end_s + 300) * SECOND_MS);
    assert_eq!(verify(&mut scene, &claims), Ok(()));
}

#[test]
fn a_rotated_key_hands_over_at_the_new_ones_start() {
    let mut scene = Scene::new();
    let (before, handover_ms) = (scene.claims(), scene.access.now_ms() + HOUR_MS);
    scene.changed(AccessOperation::RotateKey { id: 0, key: new_key("second key", handover_ms) });
    let (first, second) = (TokenKey::ed25519("issuer key"), TokenKey::ed25519("second key"));
    let signed = |scene: &mut Scene, key: &TokenKey, id, claims: &Claims| {
        let token = key.issue(claims, IssuerKeyRef { issuer: ISSUER, key: id });
        scene.verify(&token).map(|_| ())
    };
    let refused = Err(VerifyError::IssuerKeyNotValid);
    assert_eq!(signed(&mut scene, &second, 1, &before), refused, "it signs nothing yet");
    scene.wait(HOUR_MS);
    let late = Claims { expires_s: before.expires_s + 2 * HOUR_MS / 1000, ..before };
    assert_eq!(signed(&mut scene, &first, 0, &late), Ok(()), "what it signed before stays good");
    let after = scene.claims();
    assert_eq!(signed(&mut scene, &first, 0, &after), refused, "it signs nothing more");
    assert_eq!(signed(&mut scene, &second, 1, &after), Ok(()));
    assert_eq!(signed(&mut scene, &second, 0, &late), Err(VerifyError::InvalidSignature), "under the other's name");
}

#[test]
fn a_revoked_key_signed_nothing() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let claims = scene.claims();
    let standing = scene.verify_claims(&claims).unwrap();
    scene.changed(AccessOperation::AddKey { key: new_key("second key", now_ms) });
    scene.changed(AccessOperation::RevokeKey { id: 0 });
    assert_eq!(verify(&mut scene, &claims), Err(VerifyError::IssuerKeyNotValid));
    assert_eq!(scene.check(&standing), Err(VerifyError::IssuerKeyNotValid));
    let token = TokenKey::ed25519("second key").issue(&claims, IssuerKeyRef { issuer: ISSUER, key: 1 });
    assert!(scene.verify(&token).is_ok());
}

#[test]
fn a_key_that_is_no_point_or_a_weak_one_signed_nothing() {
    use marque_primitives::PublicKey;

    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let mut identity = [0; 32];
    identity[0] = 1;
    let keys = [
        PublicKey::Ed25519(no_point),
        PublicKey::Ed25519(identity),
        PublicKey::Sr25519([0; 32]),
        PublicKey::Sr25519([0xff; 32]),
    ];
    for (id, public_key) in (1..).zip(keys) {
        scene.changed(AccessOperation::AddKey { key: window(public_key, now_ms, now_ms + DAY_MS) });
        let scheme = match public_key {
            PublicKey::Sr25519(_) => marque_primitives::Scheme::Sr25519,
            _ => marque_primitives::Scheme::Ed25519,
        };
        let signed_by = IssuerKeyRef { issuer: ISSUER, key: id };
        let unsigned = marque_primitives::token::cwt::unsigned(&scene.claims(), signed_by, scheme).unwrap();
        for signature in [
            [0; 64],
            {
                let mut bytes = [0; 64];
                bytes[0] = 1;
                bytes
            },
            [0xff; 64],
        ] {
            let token = unsigned.finish(signature);
            assert_eq!(scene.verify(&token).map(|_| ()), Err(VerifyError::InvalidSignature), "{public_key:?}");
        }
    }
}

#[test]
fn the_scheme_is_the_keys_and_not_the_tokens() {
    for (registered, signing) in [
        (TokenKey::ed25519("issuer key"), TokenKey::sr25519("issuer key")),
        (TokenKey::sr25519("issuer key"), TokenKey::ed25519("issuer key")),
    ] {
        let mut scene = Scene::with_key(registered);
        scene.key = signing;
        let claims = scene.claims();
        assert_eq!(verify(&mut scene, &claims), Err(VerifyError::InvalidSignature));
    }
}
