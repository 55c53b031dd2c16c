//! Transfer of control.

use marque_contract_tests::Actor;
use marque_primitives::{Change, Controller, Error, Offer, Operation, Relationships, Role, bounds};

use crate::scene::{HOUR_MS, Scene};

fn offer(to: Controller, expires_ms: u64) -> Operation {
    Operation::OfferTransfer { to, expires_ms }
}

#[test]
fn takes_an_offer_and_its_acceptance() {
    let mut scene = Scene::controlled();
    let buyer = Actor::new("buyer");
    let to = Controller::Account(buyer.account());
    let previous = scene.record().controller;
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    let account = Actor::new("operator").account();
    scene.changed(Operation::SetDelegate { account, role: Role::Operator, expires_ms });
    assert_eq!(scene.changed(offer(to, expires_ms)), Change::TransferOffered { offer: Offer { to, expires_ms } });
    assert_eq!((scene.record().controller, scene.record().epoch), (previous, 0), "an offer changes no rights");

    let accepted = scene.by(&buyer, Operation::AcceptTransfer);
    assert_eq!(*accepted.change(), Change::Transferred { previous, controller: to });
    let record = scene.record();
    assert_eq!((record.controller, record.offer, record.epoch), (to, None, 1));
    assert!(record.delegates.is_empty(), "the delegates were the previous controller's");
    assert_eq!(scene.refused(Operation::BumpEpoch), Error::NotAuthorized);
    scene.by(&buyer, Operation::BumpEpoch).receipt.result.unwrap();
    assert_eq!(scene.by(&buyer, Operation::AcceptTransfer).error(), Error::NoOffer);
}

#[test]
fn goes_to_the_device_itself_and_back() {
    let mut scene = Scene::controlled();
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    scene.changed(offer(Controller::Device, expires_ms));
    assert_eq!(scene.by(&scene.stranger.clone(), Operation::AcceptTransfer).error(), Error::NotAuthorized);
    scene.by_device(Operation::AcceptTransfer).receipt.result.unwrap();
    let back = Controller::Account(scene.controller.account());
    scene.by_device(offer(back, expires_ms)).receipt.result.unwrap();
    scene.by_controller(Operation::AcceptTransfer).receipt.result.unwrap();
    assert_eq!(scene.record().controller, back);
}

#[test]
fn to_the_device_takes_a_key_that_may_invoke() {
    let mut scene = Scene::controlled();
    let reader = Actor::new("reader");
    scene.changed(Operation::AddKey { key: reader.new_key(Relationships::AUTHENTICATION) });
    scene.changed(Operation::RevokeKey { id: 0 });
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    scene.changed(offer(Controller::Device, expires_ms));
    assert_eq!(scene.by(&reader, Operation::AcceptTransfer).error(), Error::NotAuthorized);
}

#[test]
fn an_offer_is_replaced_and_withdrawn() {
    let mut scene = Scene::controlled();
    let (first, second) = (Actor::new("first"), Actor::new("second"));
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    assert_eq!(scene.refused(Operation::CancelTransfer), Error::NoOffer);
    scene.changed(offer(Controller::Account(first.account()), expires_ms));
    scene.changed(offer(Controller::Account(second.account()), expires_ms));
    assert_eq!(scene.by(&first, Operation::AcceptTransfer).error(), Error::NotAuthorized);
    assert_eq!(scene.changed(Operation::CancelTransfer), Change::TransferCancelled);
    assert_eq!(scene.by(&second, Operation::AcceptTransfer).error(), Error::NoOffer);
}

#[test]
fn an_offer_has_its_time() {
    let mut scene = Scene::controlled();
    let buyer = Actor::new("buyer");
    let to = Controller::Account(buyer.account());
    let now_ms = scene.registry.now_ms();
    for expires_ms in [0, now_ms, now_ms + bounds::OFFER_MAX_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(offer(to, expires_ms)), Error::InvalidExpiry);
    }
    let own = scene.record().controller;
    assert_eq!(scene.refused(offer(own, 0)), Error::SameController, "before the expiry");
    scene.changed(offer(to, now_ms + bounds::OFFER_MAX_MS));
    scene.changed(offer(to, now_ms + HOUR_MS));
    scene.wait(HOUR_MS);
    assert_eq!(scene.by(&buyer, Operation::AcceptTransfer).error(), Error::OfferExpired);
    assert_eq!(scene.by(&scene.stranger.clone(), Operation::AcceptTransfer).error(), Error::NotAuthorized);
    scene.changed(Operation::CancelTransfer);
}

#[test]
fn a_suspended_device_can_not_free_itself_by_accepting() {
    let mut scene = Scene::controlled();
    let expires_ms = scene.registry.now_ms() + HOUR_MS;
    scene.changed(offer(Controller::Device, expires_ms));
    scene.changed(Operation::Suspend);
    assert_eq!(scene.by_device(Operation::AcceptTransfer).error(), Error::Suspended);
    let signed = scene.registry.sign(&scene.device, scene.id(), Operation::AcceptTransfer);
    assert_eq!(scene.registry.submit(&scene.stranger.clone(), signed).error(), Error::Suspended);
    scene.changed(Operation::Resume);
    scene.by_device(Operation::AcceptTransfer).receipt.result.unwrap();
}
