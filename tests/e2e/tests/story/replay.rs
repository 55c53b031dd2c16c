//! A signed operation is good once, in one place, for a while, and for what it says.

use std::time::Duration;

use marque_devnet::ManualClock;
use marque_sdk::{
    Registry, Signer,
    chain::At,
    primitives::{Controller, Domain, Envelope, Error, Operation, Role, SignedOperation, bounds},
};

use super::world::{Registered, World, controlled_by, id};

pub async fn a_signed_operation_is_good_once_and_in_one_place(world: &World, device: &Registered) {
    let World { registry, alice, eve, .. } = world;
    let signed = registry.prepare(device.id, Operation::BumpEpoch).lane(1).sign(&device.key).await.unwrap();
    for (changed, with) in changed_in_each_part(world, device, &signed).await {
        world.refuse_signed(alice, changed, with).await;
    }
    for domain in elsewhere(world).await {
        let elsewhere = device.key.sign_operation(&domain, signed.envelope.clone()).unwrap();
        world.refuse_signed(alice, elsewhere, Error::InvalidSignature).await;
    }
    let bound = registry.prepare(device.id, Operation::BumpEpoch).only_by(id(alice)).sign(&device.key).await.unwrap();
    world.refuse_signed(eve, bound.clone(), Error::WrongSubmitter).await;
    registry.submit(alice, bound).await.unwrap();

    let before = world.record(device).await;
    registry.submit(alice, signed.clone()).await.unwrap();
    world.refuse_signed(alice, signed, Error::InvalidNonce).await;
    let after = world.record(device).await;
    assert_eq!((after.epoch, after.next_nonce(1)), (before.epoch + 1, 1));
}

async fn changed_in_each_part(
    world: &World,
    device: &Registered,
    signed: &SignedOperation,
) -> Vec<(SignedOperation, Error)> {
    let other = world.sponsor(Controller::Device).await;
    let with = |change: &dyn Fn(&mut Envelope)| {
        let mut changed = signed.clone();
        change(&mut changed.envelope);
        changed
    };
    let far_ms = world.chain.time_ms(At::Finalized).await.unwrap() + 2 * bounds::DEADLINE_AHEAD_MAX_MS;
    let mut forged = signed.clone();
    forged.signature = Signer::sign(&other.key, b"something else").unwrap();
    assert_ne!(other.id, device.id);
    vec![
        (with(&|envelope| envelope.device = other.id), Error::InvalidSignature),
        (with(&|envelope| envelope.operation = Operation::Suspend), Error::InvalidSignature),
        (with(&|envelope| envelope.signer = id(&other.key)), Error::InvalidSignature),
        (with(&|envelope| envelope.submitter = Some(id(&world.alice))), Error::InvalidSignature),
        (with(&|envelope| envelope.lane = 2), Error::InvalidSignature),
        (with(&|envelope| envelope.deadline_ms += 1), Error::InvalidSignature),
        (with(&|envelope| envelope.nonce = 1), Error::InvalidNonce),
        (with(&|envelope| envelope.lane = bounds::LANES_MAX), Error::InvalidLane),
        (with(&|envelope| envelope.deadline_ms = 1), Error::DeadlinePassed),
        (with(&|envelope| envelope.deadline_ms = far_ms), Error::DeadlineTooFar),
        (forged, Error::InvalidSignature),
    ]
}

async fn elsewhere(world: &World) -> [Domain; 2] {
    let here = world.registry.domain();
    let other = Registry::deploy(&world.chain, &world.alice).await.unwrap();
    [Domain { genesis_hash: [1; 32], ..here }, other.domain()]
}

/// On the chain whose clock can be moved.
pub async fn time_ends_what_was_signed_delegated_and_offered(world: &World, clock: Option<&ManualClock>) {
    let Some(clock) = clock else { return };
    let World { registry, alice, bob, charlie, .. } = world;
    let device = world.sponsor(controlled_by(alice)).await;
    let expires_ms = world.chain.time_ms(At::Finalized).await.unwrap() + 60_000;
    let role = Role::Operator;
    world.execute(alice, &device, Operation::SetDelegate { account: id(charlie), role, expires_ms }).await;
    world.execute(alice, &device, Operation::OfferTransfer { to: controlled_by(bob), expires_ms }).await;
    let prepared = registry.prepare(device.id, Operation::BumpEpoch).deadline_ms(expires_ms);
    let signed = prepared.sign(&device.key).await.unwrap();

    clock.advance(Duration::from_secs(120));
    // A block at the new time: what is refused is refused before it gets into one.
    world.execute(alice, &device, Operation::SetMetadata { hash: Some([1; 32]) }).await;
    world.refuse_signed(alice, signed, Error::DeadlinePassed).await;
    world.refuse(charlie, &device, Operation::Suspend, Error::NotAuthorized).await;
    world.refuse(bob, &device, Operation::AcceptTransfer, Error::OfferExpired).await;
}
