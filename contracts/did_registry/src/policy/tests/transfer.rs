//! Transfer of control.

use super::*;
use marque_primitives::{bounds, Offer};

const ACCEPT: Operation = Operation::AcceptTransfer;
const CANCEL: Operation = Operation::CancelTransfer;

fn offer(to: Controller, expires_ms: TimestampMs) -> Operation {
    Operation::OfferTransfer { to, expires_ms }
}

/// A device of an account, offered to another one until 10 milliseconds from the start.
fn offered() -> World {
    let mut world = World::of_account();
    world.must(CONTROLLER, set_delegate(OPERATOR, Role::Operator, START_MS + 100));
    world.must(CONTROLLER, offer(Controller::Account(OFFEREE), START_MS + 10));
    world
}

#[test]
fn accepting_passes_control_removes_delegates_and_starts_an_epoch() {
    let mut world = offered();
    assert_eq!(world.device().epoch, 0, "an offer changes nothing yet");
    world.must(CONTROLLER, Operation::BumpEpoch);
    world.must(OFFEREE, ACCEPT);
    let device = world.device();
    assert_eq!(device.controller, Controller::Account(OFFEREE));
    assert_eq!((device.offer, device.delegates.len(), device.epoch), (None, 0, 2));
    world.refuses(CONTROLLER, Operation::Suspend, Error::NotAuthorized);
    world.refuses(OPERATOR, Operation::Suspend, Error::NotAuthorized);
    world.refuses(OFFEREE, ACCEPT, Error::NoOffer);
    world.must(OFFEREE, Operation::Suspend);
}

#[test]
fn an_offer_holds_until_just_before_its_expiry() {
    let mut world = offered();
    world.now_ms = START_MS + 10;
    world.refuses(STRANGER, ACCEPT, Error::NotAuthorized);
    world.refuses(OFFEREE, ACCEPT, Error::OfferExpired);
    world.now_ms = START_MS + 9;
    world.must(OFFEREE, ACCEPT);
}

#[test]
fn the_expiry_of_an_offer_is_bounded() {
    let world = World::of_account();
    let furthest = START_MS + bounds::OFFER_MAX_MS;
    for (expires_ms, expected) in [
        (START_MS, Err(Error::InvalidExpiry)),
        (START_MS + 1, Ok(())),
        (furthest, Ok(())),
        (furthest + 1, Err(Error::InvalidExpiry)),
    ] {
        let decided = world.decide(CONTROLLER, offer(Controller::Device, expires_ms)).map(|_| ());
        assert_eq!(decided, expected, "{expires_ms}");
    }
}

#[test]
fn offering_to_who_controls_it_is_the_first_error() {
    World::of_account().refuses(CONTROLLER, offer(Controller::Account(CONTROLLER), 0), Error::SameController);
    World::of_itself().refuses(key_account(0), offer(Controller::Device, 0), Error::SameController);
}

#[test]
fn a_new_offer_takes_the_place_of_the_old_one() {
    let mut world = offered();
    world.must(CONTROLLER, offer(Controller::Account(STRANGER), START_MS + 20));
    let expected = Offer { to: Controller::Account(STRANGER), expires_ms: START_MS + 20 };
    assert_eq!(world.device().offer, Some(expected));
    world.refuses(OFFEREE, ACCEPT, Error::NotAuthorized);
    world.must(STRANGER, ACCEPT);
}

#[test]
fn a_withdrawn_offer_is_gone() {
    let mut world = offered();
    world.must(CONTROLLER, CANCEL);
    world.refuses(OFFEREE, ACCEPT, Error::NoOffer);
    world.refuses(STRANGER, ACCEPT, Error::NoOffer);
    world.refuses(CONTROLLER, CANCEL, Error::NoOffer);
}

#[test]
fn control_goes_to_the_device_and_back() {
    let mut world = World::of_account();
    world.must(CONTROLLER, add_key(1, AUTHENTICATE));
    world.must(CONTROLLER, offer(Controller::Device, START_MS + 10));
    world.refuses(key_account(1), ACCEPT, Error::NotAuthorized);
    world.must(key_account(0), ACCEPT);
    world.refuses(CONTROLLER, Operation::Suspend, Error::NotAuthorized);
    world.refuses(key_account(0), revoke_key(0), Error::LastKey);
    world.must(key_account(0), offer(Controller::Account(CONTROLLER), START_MS + 10));
    world.must(CONTROLLER, ACCEPT);
    world.refuses(key_account(0), Operation::Revoke, Error::NotAuthorized);
}

#[test]
fn a_device_suspended_after_it_was_offered_to_itself_cannot_free_itself() {
    let mut world = World::of_account();
    world.must(CONTROLLER, offer(Controller::Device, START_MS + 10));
    world.must(CONTROLLER, Operation::Suspend);
    world.refuses(key_account(0), ACCEPT, Error::Suspended);
    world.must(CONTROLLER, Operation::Resume);
    world.must(key_account(0), ACCEPT);
}

#[test]
fn an_account_takes_over_a_suspended_device_as_it_is() {
    let mut world = offered();
    world.must(CONTROLLER, Operation::Suspend);
    world.must(OFFEREE, ACCEPT);
    world.refuses(key_account(0), Operation::BumpEpoch, Error::Suspended);
    world.must(OFFEREE, Operation::Resume);
}
