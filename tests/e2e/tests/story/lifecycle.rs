//! Delegates, suspension, transfer, revocation.

use marque_sdk::{
    Account, Signer,
    chain::At,
    did::VersionSelector,
    primitives::{Change, Error, NewKey, Operation, Relationships, Role, Status},
};

use super::world::{Registered, World, controlled_by, id, register};

const HOUR_MS: u64 = 60 * 60 * 1000;

pub async fn delegates_act_in_their_roles_alone(world: &World, device: &Registered) {
    let World { alice, charlie, dave, eve, .. } = world;
    let expires_ms = world.chain.time_ms(At::Finalized).await.unwrap() + HOUR_MS;
    let set = |account: &Account, role| Operation::SetDelegate { account: id(account), role, expires_ms };
    world.refuse(charlie, device, Operation::Suspend, Error::NotAuthorized).await;
    world.refuse(eve, device, set(eve, Role::Operator), Error::NotAuthorized).await;
    world.execute(alice, device, set(charlie, Role::Operator)).await;
    let record = world.execute(alice, device, set(dave, Role::Rotator)).await;
    assert_eq!(record.delegates.len(), 2);

    world.execute(charlie, device, Operation::Suspend).await;
    world.execute(charlie, device, Operation::Resume).await;
    world.refuse(charlie, device, Operation::RevokeKey { id: 0 }, Error::NotAuthorized).await;

    let public_key = Account::generate().public_key();
    let key = NewKey { public_key, relationships: Relationships::ASSERTION_METHOD };
    world.execute(dave, device, Operation::AddKey { key }).await;
    world.refuse(dave, device, Operation::Suspend, Error::NotAuthorized).await;
    world.refuse(dave, device, Operation::Revoke, Error::NotAuthorized).await;

    world.execute(alice, device, Operation::RemoveDelegate { account: id(charlie), role: Role::Operator }).await;
    world.refuse(charlie, device, Operation::Suspend, Error::NotAuthorized).await;
    let gone = Operation::RemoveDelegate { account: id(charlie), role: Role::Operator };
    world.refuse(alice, device, gone, Error::DelegateNotFound).await;
    let past = Operation::SetDelegate { account: id(charlie), role: Role::Operator, expires_ms: 1 };
    world.refuse(alice, device, past, Error::InvalidExpiry).await;
}

pub async fn a_suspended_device_is_not_trusted(world: &World, device: &Registered) {
    let before = world.record(device).await;
    let record = world.execute(&world.alice, device, Operation::Suspend).await;
    assert_eq!((record.status, record.epoch), (Status::Suspended, before.epoch + 1));
    world.refuse(&world.alice, device, Operation::Suspend, Error::AlreadySuspended).await;
    let did = world.registry.did(device.id);
    let resolution = world.registry.resolve(&did).await.unwrap();
    assert_eq!(resolution.did_document_metadata.status.as_deref(), Some("suspended"));
    assert!(resolution.did_document.unwrap().authentication.is_empty(), "its keys prove nothing now");

    // Its own key could bump the epoch, if the device were active; somebody else has to submit it, as it has no funds.
    let signed = world.registry.prepare(device.id, Operation::BumpEpoch).sign(&device.key).await.unwrap();
    world.refuse_signed(&world.alice, signed, Error::Suspended).await;
    let record = world.execute(&world.alice, device, Operation::Resume).await;
    assert_eq!((record.status, record.epoch), (Status::Active, before.epoch + 1));
    world.refuse(&world.alice, device, Operation::Resume, Error::NotSuspended).await;

    let signed = world.registry.prepare(device.id, Operation::BumpEpoch).lane(3).sign(&device.key).await.unwrap();
    world.registry.submit(&world.eve, signed).await.unwrap();
    assert_eq!(world.record(device).await.epoch, before.epoch + 2);
}

pub async fn control_passes_by_offer_and_acceptance(world: &World, device: &Registered) {
    let World { alice, bob, dave, eve, .. } = world;
    let expires_ms = world.chain.time_ms(At::Finalized).await.unwrap() + HOUR_MS;
    let offer = |to: &Account| Operation::OfferTransfer { to: controlled_by(to), expires_ms };
    world.refuse(bob, device, Operation::AcceptTransfer, Error::NoOffer).await;
    world.refuse(alice, device, offer(alice), Error::SameController).await;
    world.execute(alice, device, offer(eve)).await;
    let record = world.execute(alice, device, Operation::CancelTransfer).await;
    assert_eq!(record.offer, None);
    world.refuse(eve, device, Operation::AcceptTransfer, Error::NoOffer).await;

    let before = world.execute(alice, device, offer(bob)).await;
    world.refuse(eve, device, Operation::AcceptTransfer, Error::NotAuthorized).await;
    let record = world.execute(bob, device, Operation::AcceptTransfer).await;
    assert_eq!((record.controller, record.epoch), (controlled_by(bob), before.epoch + 1));
    assert_eq!(record.delegates, [], "delegates of the controller before are gone");
    world.refuse(alice, device, Operation::Suspend, Error::NotAuthorized).await;
    world.refuse(dave, device, Operation::RevokeKey { id: 0 }, Error::NotAuthorized).await;
}

pub async fn revocation_is_for_ever(world: &World, device: &Registered) {
    let World { registry, alice, bob, .. } = world;
    let did = registry.did(device.id);
    let before = world.record(device).await;
    world.refuse(alice, device, Operation::Revoke, Error::NotAuthorized).await;
    let tombstone = world.execute(bob, device, Operation::Revoke).await;
    assert_eq!((tombstone.status, tombstone.epoch), (Status::Revoked, before.epoch + 1));
    assert!(tombstone.keys.is_empty() && tombstone.services.is_empty() && tombstone.delegates.is_empty());
    for operation in [Operation::Resume, Operation::Revoke, Operation::BumpEpoch] {
        world.refuse(bob, device, operation, Error::Revoked).await;
    }
    let again = registry.prepare(device.id, register(controlled_by(bob))).sign(&device.key).await.unwrap();
    world.refuse_signed(bob, again, Error::AlreadyExists).await;

    let resolution = registry.resolve(&did).await.unwrap();
    assert!(resolution.is_deactivated() && resolution.did_document.is_none());
    the_history_tells_it_all(world, device).await;
    let past = registry.resolve_version(&did, VersionSelector::Id(1)).await.unwrap();
    assert_eq!(past.did_document_metadata.next_version_id.as_deref(), Some("2"));
    assert!(past.did_document.is_some() && !past.is_deactivated());
    let at = VersionSelector::At(before.updated_ms);
    let then = registry.resolve_version(&did, at).await.unwrap();
    assert_eq!(then.did_document_metadata.version_id, Some(before.version.to_string()));
    let never = registry.resolve_version(&did, VersionSelector::Id(10_000)).await.unwrap();
    assert!(never.did_resolution_metadata.error.is_some());
}

async fn the_history_tells_it_all(world: &World, device: &Registered) {
    let history = world.registry.history(device.id).await.unwrap();
    let versions: Vec<u32> = history.iter().map(|entry| entry.event.entry.version).collect();
    let last = world.record(device).await.version;
    assert_eq!(versions, (1..=last).collect::<Vec<_>>());
    assert!(matches!(history[0].event.entry.change, Change::Registered { .. }));
    assert_eq!(history[0].event.entry.actor, Signer::account(&device.key));
    let last = history.last().unwrap();
    assert_eq!((&last.event.entry.change, &last.record), (&Change::Revoked, &world.record(device).await));
}
