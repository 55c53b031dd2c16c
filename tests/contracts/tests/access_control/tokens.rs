//! Revoking tokens, and reclaiming the entries.

use marque_contract_tests::{Actor, access::RECLAIM_PRICE};
use marque_primitives::{
    access::{AccessChange, AccessError},
    bounds,
};

use crate::{
    deposits::ROUNDING,
    operations::{revoke_before, revoke_token},
    scene::{HOUR_MS, ISSUER, Scene},
};

const TOKEN: [u8; 32] = [7; 32];
/// From this time after a token's expiry on, its entry may go.
const SKEW_MS: u64 = bounds::CLOCK_SKEW_MAX_MS;

/// With a token that the owner revoked, and its expiry.
fn revoked() -> (Scene, u64) {
    let mut scene = Scene::new();
    let expires_ms = scene.access.now_ms() + HOUR_MS;
    scene.changed(revoke_token(TOKEN, expires_ms));
    (scene, expires_ms)
}

#[test]
fn a_token_is_revoked_once() {
    let mut scene = Scene::new();
    let expires_ms = scene.access.now_ms() + HOUR_MS;
    assert!(!scene.access.is_token_revoked(ISSUER, TOKEN));
    let change = AccessChange::TokenRevoked { token: TOKEN, expires_ms };
    assert_eq!(scene.changed(revoke_token(TOKEN, expires_ms)), change);
    assert_eq!(scene.refused(revoke_token(TOKEN, expires_ms)), AccessError::TokenAlreadyRevoked);
    assert!(!scene.access.is_token_revoked(1, TOKEN));
}

#[test]
fn a_revocation_is_for_as_long_as_a_token_can_be_good() {
    let mut scene = Scene::new();
    let now_ms = scene.access.now_ms();
    let longest_ms = bounds::TOKEN_LIFETIME_MAX_MS + 2 * SKEW_MS;
    for expires_ms in [0, now_ms, now_ms + longest_ms + 1, u64::MAX] {
        assert_eq!(scene.refused(revoke_token(TOKEN, expires_ms)), AccessError::InvalidExpiry);
    }
    scene.changed(revoke_token(TOKEN, now_ms + longest_ms));
}

#[test]
fn a_devices_tokens_are_revoked_up_to_a_time_that_only_rises() {
    let mut scene = Scene::new();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    assert_eq!(scene.access.tokens_before(ISSUER, id), 0);
    for before_ms in [0, now_ms + SKEW_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(revoke_before(id, before_ms)), AccessError::InvalidTime);
    }
    let change = AccessChange::TokensRevokedBefore { device: id, before_ms: now_ms };
    assert_eq!(scene.changed(revoke_before(id, now_ms)), change);
    for before_ms in [now_ms, now_ms - 1] {
        assert_eq!(scene.refused(revoke_before(id, before_ms)), AccessError::InvalidTime);
    }
    scene.changed(revoke_before(id, now_ms + SKEW_MS));
}

/// The price is the deposit that the chain gives back for the entry: who reclaims pays what it gets, and who revoked gets what it paid.
#[test]
fn reclaiming_gives_the_payer_what_it_paid() {
    let mut scene = Scene::new();
    let (payer, cleaner) = (scene.owner.clone(), Actor::new("cleaner"));
    let expires_ms = scene.access.now_ms() + HOUR_MS;
    let balances = move |scene: &mut Scene| {
        [&payer, &cleaner].map(|actor| {
            scene.access.chain().fund(actor.account());
            scene.access.chain().free_balance(actor.account())
        })
    };
    let before = balances(&mut scene);
    let taken = scene.by(&scene.owner.clone(), revoke_token(TOKEN, expires_ms)).receipt.deposit;
    assert_eq!(taken, i128::try_from(RECLAIM_PRICE).unwrap(), "the price that was given at deployment");
    scene.wait(HOUR_MS + SKEW_MS);
    let written = scene.access.reclaim(&Actor::new("cleaner"), ISSUER, TOKEN, RECLAIM_PRICE);
    let change = AccessChange::TokenReclaimed { token: TOKEN, payer: scene.owner.account() };
    assert_eq!(*written.change(), change);
    let after = balances(&mut scene);
    assert_eq!(after[0], before[0], "the payer has what it paid");
    let short = i128::try_from(before[1] - after[1]).unwrap();
    assert!((0..=ROUNDING).contains(&short), "the cleaner has what it paid, but for the chain's rounding: {short}");
}

#[test]
fn who_revoked_may_reclaim_itself() {
    let (mut scene, _) = revoked();
    scene.wait(HOUR_MS + SKEW_MS);
    let owner = scene.owner.clone();
    let before = scene.access.chain().free_balance(owner.account());
    scene.access.reclaim(&owner, ISSUER, TOKEN, RECLAIM_PRICE).accepted();
    let refund = i128::try_from(scene.access.chain().free_balance(owner.account()) - before).unwrap();
    let price = i128::try_from(RECLAIM_PRICE).unwrap();
    assert!((price - ROUNDING..=price).contains(&refund), "{refund}");
    // The entry is gone, and the token can be revoked anew.
    assert_eq!(scene.access.reclaim(&owner, ISSUER, TOKEN, RECLAIM_PRICE).error(), AccessError::TokenNotRevoked);
    let expires_ms = scene.access.now_ms() + HOUR_MS;
    scene.changed(revoke_token(TOKEN, expires_ms));
}

#[test]
fn reclaiming_takes_exactly_the_price_before_anything_else() {
    let (mut scene, _) = revoked();
    scene.wait(HOUR_MS + SKEW_MS);
    let cleaner = scene.stranger.clone();
    for payment in [0, 1, RECLAIM_PRICE - 1, RECLAIM_PRICE + 1, 1_000_000_000] {
        scene.access.chain().fund(cleaner.account());
        let before = scene.access.chain().free_balance(cleaner.account());
        for (issuer, token) in [(ISSUER, TOKEN), (9, TOKEN), (ISSUER, [0; 32])] {
            let written = scene.access.reclaim(&cleaner, issuer, token, payment);
            assert_eq!(written.error(), AccessError::WrongPayment, "{payment}");
        }
        assert_eq!(scene.access.chain().free_balance(cleaner.account()), before, "the payment came back");
    }
    scene.access.reclaim(&cleaner, ISSUER, TOKEN, RECLAIM_PRICE).accepted();
}

#[test]
fn only_what_is_revoked_and_over_is_reclaimed() {
    let (mut scene, _) = revoked();
    let cleaner = scene.stranger.clone();
    let reclaim =
        |scene: &mut Scene, issuer, token| scene.access.reclaim(&cleaner, issuer, token, RECLAIM_PRICE).error();
    assert_eq!(reclaim(&mut scene, 1, TOKEN), AccessError::IssuerNotFound);
    assert_eq!(reclaim(&mut scene, ISSUER, [0; 32]), AccessError::TokenNotRevoked);
    for ms in [0, HOUR_MS, SKEW_MS - 1] {
        scene.wait(ms);
        assert_eq!(reclaim(&mut scene, ISSUER, TOKEN), AccessError::TokenNotExpired);
    }
    scene.wait(1);
    scene.access.reclaim(&cleaner, ISSUER, TOKEN, RECLAIM_PRICE).accepted();
}

#[test]
fn a_payer_that_can_not_be_paid_keeps_its_entry() {
    let (mut scene, _) = revoked();
    scene.wait(HOUR_MS + SKEW_MS);
    let (owner, cleaner) = (scene.owner.account(), scene.stranger.clone());
    scene.access.chain().fill(owner, 0);
    scene.access.chain().fund(cleaner.account());
    let before = scene.access.chain().free_balance(cleaner.account());
    let written = scene.access.reclaim(&cleaner, ISSUER, TOKEN, RECLAIM_PRICE);
    assert_eq!(written.error(), AccessError::PaymentFailed);
    assert_eq!(scene.access.chain().free_balance(cleaner.account()), before, "the payment came back");
    assert!(scene.access.is_token_revoked(ISSUER, TOKEN));
}
