//! Suspending, resuming, epochs, revoking.

use marque_contract_tests::{Actor, samples};
use marque_primitives::{Change, Error, Operation, Relationships, Role, Status};

use crate::scene::{HOUR_MS, Scene};

#[test]
fn a_device_is_suspended_and_resumed() {
    let mut scene = Scene::controlled();
    assert_eq!(scene.refused(Operation::Resume), Error::NotSuspended);
    assert_eq!(scene.changed(Operation::Suspend), Change::Suspended);
    assert_eq!((scene.record().status, scene.record().epoch), (Status::Suspended, 1));
    assert_eq!(scene.refused(Operation::Suspend), Error::AlreadySuspended);
    assert_eq!(scene.changed(Operation::Resume), Change::Resumed);
    assert_eq!((scene.record().status, scene.record().epoch), (Status::Active, 1));
}

#[test]
fn a_suspended_device_keeps_its_keys_out() {
    let mut scene = Scene::controlled();
    scene.by_device(Operation::Suspend).receipt.result.unwrap();
    assert_eq!(scene.by_device(Operation::BumpEpoch).error(), Error::Suspended);
    assert_eq!(scene.by_device(Operation::Resume).error(), Error::NotAuthorized);
}

#[test]
fn a_self_controlled_device_resumes_itself() {
    let mut scene = Scene::self_controlled();
    scene.by_device(Operation::Suspend).receipt.result.unwrap();
    scene.by_device(Operation::Resume).receipt.result.unwrap();
}

#[test]
fn an_epoch_is_started_on_demand() {
    let mut scene = Scene::controlled();
    for epoch in 1..4 {
        assert_eq!(scene.changed(Operation::BumpEpoch), Change::EpochBumped);
        assert_eq!(scene.record().epoch, epoch);
    }
}

#[test]
fn revocation_leaves_a_tombstone_for_ever() {
    let mut scene = Scene::controlled();
    let operator = Actor::new("operator");
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    scene.changed(Operation::SetService { service: samples::service("meter") });
    scene.changed(Operation::SetDelegate { account: operator.account(), role: Role::Operator, expires_ms });
    scene.changed(Operation::AddKey { key: Actor::new("second").new_key(Relationships::AUTHENTICATION) });
    let before = scene.record().clone();
    scene.wait(HOUR_MS / 2);
    assert_eq!(scene.changed(Operation::Revoke), Change::Revoked);

    let record = scene.record().clone();
    assert_eq!((record.status, record.epoch, record.version), (Status::Revoked, before.epoch + 1, before.version + 1));
    assert!(record.keys.is_empty() && record.services.is_empty() && record.delegates.is_empty());
    assert_eq!((record.created_ms, record.controller), (before.created_ms, before.controller));
    for actor in [scene.controller.clone(), scene.device.clone(), operator, scene.stranger.clone()] {
        for operation in [Operation::Revoke, Operation::Resume, Operation::BumpEpoch, Operation::AcceptTransfer] {
            assert_eq!(scene.by(&actor, operation).error(), Error::Revoked);
        }
    }
    assert_eq!(scene.registry.info().registered, 1, "a revoked device was registered");
}

#[test]
fn a_suspended_device_can_be_revoked() {
    let mut scene = Scene::controlled();
    scene.changed(Operation::Suspend);
    scene.changed(Operation::Revoke);
    assert_eq!(scene.record().status, Status::Revoked);
}
