//! Suspending, resuming, epochs, revoking.

use super::*;
use marque_primitives::Status;

#[test]
fn suspending_starts_an_epoch_and_resuming_does_not() {
    let mut world = World::of_account();
    world.must(CONTROLLER, Operation::Suspend);
    assert_eq!((world.device().status, world.device().epoch), (Status::Suspended, 1));
    world.refuses(CONTROLLER, Operation::Suspend, Error::AlreadySuspended);
    world.must(CONTROLLER, Operation::Resume);
    assert_eq!((world.device().status, world.device().epoch), (Status::Active, 1));
    world.refuses(CONTROLLER, Operation::Resume, Error::NotSuspended);
    world.must(CONTROLLER, Operation::BumpEpoch);
    assert_eq!(world.device().epoch, 2);
}

#[test]
fn a_device_that_suspends_itself_for_its_controller_cannot_resume() {
    let mut world = World::of_account();
    world.must(key_account(0), Operation::Suspend);
    world.refuses(key_account(0), Operation::Suspend, Error::Suspended);
    world.refuses(key_account(0), Operation::Resume, Error::NotAuthorized);
    world.must(CONTROLLER, Operation::Resume);
}

#[test]
fn keys_can_be_replaced_while_the_device_is_suspended() {
    let mut world = World::of_account();
    world.must(CONTROLLER, set_delegate(ROTATOR, Role::Rotator, START_MS + 1));
    world.must(CONTROLLER, Operation::Suspend);
    world.must(ROTATOR, rotate(0, ed25519(1)));
    assert_eq!(world.device().status, Status::Suspended);
}

#[test]
fn revoking_leaves_an_empty_tombstone_in_a_new_epoch() {
    for suspended in [false, true] {
        let mut world = World::of_account();
        world.must(CONTROLLER, add_key(1, AUTHENTICATE));
        world.must(CONTROLLER, set_service("meter"));
        world.must(CONTROLLER, Operation::SetMetadata { hash: Some([1; 32]) });
        world.must(CONTROLLER, set_delegate(OPERATOR, Role::Operator, START_MS + 1));
        let to = Controller::Account(OFFEREE);
        world.must(CONTROLLER, Operation::OfferTransfer { to, expires_ms: START_MS + 1 });
        if suspended {
            world.must(CONTROLLER, Operation::Suspend);
        }
        let before = world.device().clone();
        world.must(CONTROLLER, Operation::Revoke);
        let expected = Device {
            status: Status::Revoked,
            epoch: before.epoch + 1,
            version: before.version + 1,
            changed_block: before.changed_block + 1,
            offer: None,
            metadata: None,
            lanes: vec![],
            keys: vec![],
            services: vec![],
            delegates: vec![],
            ..before
        };
        assert_eq!(world.device(), &expected);
        world.refuses(OFFEREE, Operation::AcceptTransfer, Error::Revoked);
        world.refuses(key_account(0), register(Controller::Device), Error::AlreadyExists);
    }
}

#[test]
fn counters_end_in_an_error() {
    let mut world = World::of_account();
    world.record.as_mut().unwrap().epoch = u32::MAX;
    world.refuses(CONTROLLER, Operation::BumpEpoch, Error::Overflow);
    world.must(CONTROLLER, set_service("meter"));
    world.record.as_mut().unwrap().version = u32::MAX;
    world.refuses(CONTROLLER, set_service("meter"), Error::Overflow);
}
