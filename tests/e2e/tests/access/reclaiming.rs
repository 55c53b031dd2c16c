//! What a revoked token takes on chain, and gives back.

use std::time::Duration;

use marque_e2e_tests::{Backend, access::Scene};
use marque_sdk::{
    Account, At, Receipt, Signer,
    primitives::{
        Hash,
        access::{AccessError, AccessOperation},
        bounds,
    },
};

/// How far the machine's clock may be ahead of the chain's, with what is done before the revocation is in a block.
const SOON_MS: u64 = 10_000;

/// A token that was revoked.
pub struct Revoked {
    token: Hash,
    expires_ms: u64,
}

/// What an account spent beside the fee: negative if it got something.
async fn spent<F: Future<Output = Receipt>>(scene: &Scene, account: &Account, act: F) -> i128 {
    let free = async || scene.chain().balance(&account.account(), At::Finalized).await.unwrap().free;
    let before = free().await;
    let receipt = act.await;
    let after = free().await;
    let fee = receipt.fee.expect("both chains tell the fee");
    before as i128 - after as i128 - fee as i128
}

pub async fn a_revocation_takes_the_deposit_that_reclaiming_costs(scene: &Scene) -> Revoked {
    let token = [0x5e; 32];
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let expires_ms = scene.now_ms().await.max(since_epoch.as_millis() as u64) + SOON_MS;
    let revoke = scene.on_issuer(AccessOperation::RevokeToken { token, expires_ms });
    let deposit = spent(scene, &scene.alice, revoke).await;
    let price = scene.access.info().await.unwrap().reclaim_price;
    assert_eq!(deposit, price as i128, "what the chain takes for an entry is what the contract has reclaiming cost");
    assert!(scene.access.is_token_revoked(scene.issuer, token).await.unwrap());
    let early = scene.access.reclaim(&scene.alice, scene.issuer, token).await.unwrap_err();
    assert_eq!(early.access_refusal(), Some(AccessError::TokenNotExpired), "{early}");
    Revoked { token, expires_ms }
}

pub async fn who_reclaims_it_has_spent_nothing_and_who_paid_it_has_it_back(
    scene: &Scene,
    backend: &Backend,
    Revoked { token, expires_ms }: Revoked,
) {
    let Scene { access, alice, issuer, .. } = scene;
    let anybody = Account::generate();
    scene.fund(&anybody.account()).await;
    let reclaimable_ms = expires_ms + bounds::CLOCK_SKEW_MAX_MS;
    if let Some(clock) = backend.clock() {
        clock.advance(Duration::from_millis(reclaimable_ms.saturating_sub(scene.now_ms().await)));
    }
    // A node's time goes on with its blocks alone.
    while scene.now_ms().await < reclaimable_ms {
        scene.fund(&anybody.account()).await;
    }
    let alices = async || scene.chain().balance(&alice.account(), At::Finalized).await.unwrap().free;
    let before = alices().await;
    let reclaim = async { access.reclaim(&anybody, *issuer, token).await.unwrap() };
    assert_eq!(spent(scene, &anybody, reclaim).await, 0, "the deposit that comes back is what it costs");
    assert_eq!(alices().await - before, access.info().await.unwrap().reclaim_price);
    assert!(!access.is_token_revoked(*issuer, token).await.unwrap());
    let again = access.reclaim(&anybody, *issuer, token).await.unwrap_err();
    assert_eq!(again.access_refusal(), Some(AccessError::TokenNotRevoked), "{again}");
}
