//! Tokens on chain, told by one function on both chains: verified, refused for every reason, charged with, revoked, and their revocations
//! paid back.

mod charging;
mod granting;
mod reclaiming;
mod refusing;
mod unavailable;

use marque_e2e_tests::{Backend, access::Scene};

async fn tell(backend: &Backend) {
    let scene = Scene::begin(&backend.connect().await).await;
    let revoked = reclaiming::a_revocation_takes_the_deposit_that_reclaiming_costs(&scene).await;
    granting::what_is_granted_is_the_ceiling(&scene).await;
    refusing::each_refusal_has_its_reason_on_chain_as_off_chain(&scene).await;
    unavailable::too_little_execution_says_nothing_of_the_token(&scene, backend).await;
    charging::a_vehicle_charges(&scene).await;
    reclaiming::who_reclaims_it_has_spent_nothing_and_who_paid_it_has_it_back(&scene, backend, revoked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_good_for_what_they_say_on_the_embedded_chain() {
    let backend = Backend::embedded().await;
    tell(&backend).await;
    backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_good_for_what_they_say_on_a_node() {
    let backend = Backend::node().await;
    tell(&backend).await;
    backend.stop().await;
}
