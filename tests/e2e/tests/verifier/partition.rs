//! A verifier that is cut off from its node: it says what it knew while that is young enough, then nothing, and never what is wrong.

use std::time::Duration;

use marque_e2e_tests::Backend;
use marque_sdk::{
    VerifierError,
    primitives::{Operation, access::AccessOperation, blake2b_256, token::VerifyError},
};

use crate::watched::{AGE_MAX, Presented, Watched, soon};

/// Blocks that are missed: more than a follower reads ahead.
const MISSED: u32 = 12;

async fn tell(backend: &Backend) {
    let watched = Watched::begin(backend.url()).await;
    // Both ways to be cut off: nobody is there, and nobody answers.
    is_cut_off_and_comes_back(&watched, || watched.line.cut()).await;
    is_cut_off_and_comes_back(&watched, || watched.line.silence()).await;
}

async fn is_cut_off_and_comes_back(watched: &Watched, cut_off: impl FnOnce()) {
    let Watched { scene, line, clock, verifier, .. } = watched;
    let (stays, revoked, suspended) = (watched.present().await, watched.present().await, watched.present().await);
    cut_off();
    let before = verifier.view().unwrap();

    // Revoked behind its back, with blocks that it misses.
    let claims = &revoked.token.claims;
    let (token, expires_ms) = (blake2b_256(claims.token_id.as_bytes()), claims.expires_ms());
    scene.on_issuer(AccessOperation::RevokeToken { token, expires_ms }).await;
    scene.on_vehicle(&suspended.vehicle, Operation::Suspend).await;
    let mut head = 0;
    for _ in 0..MISSED {
        head = watched.block().await;
    }
    assert_eq!(verifier.view().unwrap().block, before.block, "it is cut off");

    // Young enough by half: what it says is what held then, and it says how old that is.
    clock.advance(AGE_MAX / 2);
    for presented in [&stays, &revoked, &suspended] {
        assert!(watched.look(presented).is_ok(), "the bound is what a partition gains at most");
    }
    assert!(verifier.view().unwrap().age_ms >= AGE_MAX.as_millis() as u64 / 2);
    clock.advance(AGE_MAX / 2 + Duration::from_millis(1));
    for presented in [&stays, &revoked, &suspended] {
        let stale = watched.look(presented).unwrap_err();
        assert!(stale.is_stale() && stale.is_unreachable(), "{stale}");
        let presenter = marque_sdk::Signer::account(&presented.vehicle);
        let read = verifier.verify(&presented.token, &scene.requirement(), Some(&presenter)).await.unwrap_err();
        assert!(read.is_stale(), "{read}");
    }
    let new = watched.token_of(scene.vehicle().await).await;
    assert!(watched.look(&new).unwrap_err().is_stale(), "nor does it read anything");

    // From the first bytes that come through until it is current again, whoever asks is told nothing that is wrong.
    let is_current = soon(async {
        line.mend();
        tokio::select! {
            current = verifier.wait_until_fit() => current,
            () = ask_again_and_again(watched, [&revoked, &suspended]) => unreachable!("it asks for ever"),
        }
    });
    is_current.await.unwrap();
    assert!(verifier.view().unwrap().block.number >= head, "nothing was left out");
    assert_eq!(watched.ask(&stays).await, Ok(()));
    assert_eq!(watched.ask(&revoked).await, Err(VerifyError::TokenRevoked));
    assert_eq!(watched.ask(&suspended).await, Err(VerifyError::DeviceSuspended));
    assert_eq!(watched.ask(&new).await, Ok(()));
}

/// None of these is good any more.
async fn ask_again_and_again(watched: &Watched, dead: [&Presented; 2]) {
    loop {
        for presented in dead {
            match watched.look(presented) {
                Err(VerifierError::Refused(VerifyError::TokenRevoked | VerifyError::DeviceSuspended)) => {}
                Err(error) => assert!(error.is_stale(), "{error}"),
                Ok(()) => panic!("it was revoked"),
            }
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_is_cut_off_says_nothing_wrong_on_the_embedded_chain() {
    let backend = Backend::embedded().await;
    tell(&backend).await;
    backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_is_cut_off_says_nothing_wrong_on_a_node() {
    let backend = Backend::node().await;
    tell(&backend).await;
    backend.stop().await;
}
