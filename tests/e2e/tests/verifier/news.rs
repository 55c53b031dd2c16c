//! Whatever ends a token is known with the finalized block that it is in, not one later, and without a question.

use marque_e2e_tests::{
    Backend,
    access::{ED25519, id, issue, new_key, register_issuer},
};
use marque_sdk::{
    Account, Receipt, Signer,
    primitives::{
        NewKey, Operation, PublicKey, Relationships, Scheme,
        access::{AccessOperation, Sensitivity},
        blake2b_256,
        token::{Claims, IssuerKeyRef, SignedToken, VerifyError},
    },
};

use crate::watched::{Presented, Watched, soon};

async fn tell(backend: &Backend) {
    let watched = Watched::begin(backend.url()).await;
    of_devices(&watched).await;
    of_tokens(&watched).await;
    of_trust(&watched).await;
    of_issuers(&watched).await;
}

/// Checks that the verifier says so once it has come to the block of this receipt, and not before.
async fn known(watched: &Watched, presented: &Presented, receipt: Receipt, expected: Option<VerifyError>) {
    soon(watched.verifier.wait_for(receipt.block.number)).await.unwrap();
    let view = watched.verifier.view().unwrap();
    assert_eq!(view.block, receipt.block, "nothing came after it");
    assert_eq!(watched.look(presented).err().and_then(|error| error.refusal()), expected);
    let (standing, requirement) = (presented.token.standing(blake2b_256), watched.scene.requirement());
    let on_chain = watched.scene.access.check(&standing, &requirement).await;
    assert_eq!(on_chain.err().and_then(|error| error.token_refusal()), expected, "the chain says the same");
}

async fn of_devices(watched: &Watched) {
    let scene = &watched.scene;
    let spare = |key: &Account| NewKey {
        public_key: PublicKey::Ed25519(Signer::account(key).0),
        relationships: Relationships::AUTHENTICATION,
    };

    let suspended = watched.present().await;
    let receipt = scene.on_vehicle(&suspended.vehicle, Operation::Suspend).await;
    known(watched, &suspended, receipt, Some(VerifyError::DeviceSuspended)).await;
    let receipt = scene.on_vehicle(&suspended.vehicle, Operation::Resume).await;
    known(watched, &suspended, receipt, Some(VerifyError::StaleEpoch)).await;

    let bumped = watched.present().await;
    let receipt = scene.on_vehicle(&bumped.vehicle, Operation::BumpEpoch).await;
    known(watched, &bumped, receipt, Some(VerifyError::StaleEpoch)).await;

    let revoked = watched.present().await;
    let receipt = scene.on_vehicle(&revoked.vehicle, Operation::Revoke).await;
    known(watched, &revoked, receipt, Some(VerifyError::DeviceRevoked)).await;

    // A key of the device that comes and goes: what it presents is good in between, with a token of the epoch.
    let presented = watched.present().await;
    let key = Account::generate();
    let with_key = Presented { token: presented.token.clone(), vehicle: key.clone() };
    assert_eq!(watched.ask(&with_key).await, Err(VerifyError::PresenterIsNotSubject));
    let receipt = scene.on_vehicle(&presented.vehicle, Operation::AddKey { key: spare(&key) }).await;
    known(watched, &with_key, receipt, None).await;
    let receipt = scene.on_vehicle(&presented.vehicle, Operation::RevokeKey { id: 1 }).await;
    known(watched, &with_key, receipt, Some(VerifyError::StaleEpoch)).await;
}

async fn of_tokens(watched: &Watched) {
    let scene = &watched.scene;
    let revoked = watched.present().await;
    let (token, expires_ms) =
        (blake2b_256(revoked.token.claims.token_id.as_bytes()), revoked.token.claims.expires_ms());
    let receipt = scene.on_issuer(AccessOperation::RevokeToken { token, expires_ms }).await;
    known(watched, &revoked, receipt, Some(VerifyError::TokenRevoked)).await;

    let presented = watched.present().await;
    let (device, before_ms) = (id(&presented.vehicle), presented.token.claims.issued_ms() + 1);
    let receipt = scene.on_issuer(AccessOperation::RevokeTokensBefore { device, before_ms }).await;
    known(watched, &presented, receipt, Some(VerifyError::TokenRevoked)).await;
}

/// Of another authorization server, which the one that is asked for trusts for a while.
async fn of_trust(watched: &Watched) {
    let scene = &watched.scene;
    let (url, key) = ("https://partner.example/default", new_key(Scheme::Ed25519));
    let partner = register_issuer(&scene.access, &scene.alice, url, std::slice::from_ref(&key)).await;
    let vehicle = scene.vehicle().await;
    let claims = Claims { issuer: url.into(), ..scene.claims(&vehicle).await };
    let token = SignedToken::from_cwt(&issue(&claims, IssuerKeyRef { issuer: partner, key: 0 }, &key)).unwrap();
    let presented = Presented { token, vehicle };
    watched.catch_up().await;
    assert_eq!(watched.ask(&presented).await, Err(VerifyError::UntrustedIssuer));
    let (scopes, until_ms) = (claims.scopes.clone(), claims.expires_ms());
    let scope =
        AccessOperation::DefineScope { name: scopes[0].clone(), description: [1; 32], sensitivity: Sensitivity::Low };
    scene.on_issuer(scope).await;
    let receipt = scene.on_issuer(AccessOperation::SetTrust { issuer: partner, scopes, until_ms }).await;
    known(watched, &presented, receipt, None).await;
    let receipt = scene.on_issuer(AccessOperation::RemoveTrust { issuer: partner }).await;
    known(watched, &presented, receipt, Some(VerifyError::UntrustedIssuer)).await;
}

async fn of_issuers(watched: &Watched) {
    let scene = &watched.scene;
    let presented = watched.present().await;
    let receipt = scene.on_issuer(AccessOperation::Deactivate).await;
    known(watched, &presented, receipt, Some(VerifyError::UnknownIssuer)).await;
    let receipt = scene.on_issuer(AccessOperation::Reactivate).await;
    known(watched, &presented, receipt, None).await;
    let receipt = scene.on_issuer(AccessOperation::RevokeKey { id: ED25519 }).await;
    known(watched, &presented, receipt, Some(VerifyError::IssuerKeyNotValid)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_known_with_its_block_on_the_embedded_chain() {
    let backend = Backend::embedded().await;
    tell(&backend).await;
    backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_known_with_its_block_on_a_node() {
    let backend = Backend::node().await;
    tell(&backend).await;
    backend.stop().await;
}
