//! Deactivating, and the transfer to another owner.

use marque_contract_tests::Actor;
use marque_primitives::{
    access::{AccessChange, AccessError, AccessOperation, IssuerOffer, IssuerRole, IssuerStatus},
    bounds,
};

use crate::{
    operations::{offer, set_delegate},
    scene::{HOUR_MS, Scene},
};

#[test]
fn is_deactivated_and_reactivated() {
    let mut scene = Scene::new();
    assert_eq!(scene.refused(AccessOperation::Reactivate), AccessError::NotDeactivated);
    assert_eq!(scene.changed(AccessOperation::Deactivate), AccessChange::Deactivated);
    assert_eq!(scene.record().status, IssuerStatus::Deactivated);
    assert_eq!(scene.refused(AccessOperation::Deactivate), AccessError::AlreadyDeactivated);
    assert_eq!(scene.changed(AccessOperation::Reactivate), AccessChange::Reactivated);
    assert_eq!(scene.record().status, IssuerStatus::Active);
}

#[test]
fn is_offered_and_accepted() {
    let mut scene = Scene::new();
    let (buyer, owner) = (Actor::new("buyer"), scene.owner.clone());
    let expires_ms = scene.access.now_ms() + HOUR_MS;
    scene.changed(set_delegate(&Actor::new("operator"), IssuerRole::Operator, expires_ms));
    let taken = IssuerOffer { to: buyer.account(), expires_ms };
    assert_eq!(scene.changed(offer(&buyer, expires_ms)), AccessChange::TransferOffered { offer: taken });
    scene.wait(HOUR_MS - 1);
    let written = scene.by(&buyer, AccessOperation::AcceptTransfer);
    let expected = AccessChange::Transferred { previous: owner.account(), owner: buyer.account() };
    assert_eq!(*written.change(), expected);
    assert_eq!((scene.record().owner, scene.record().offer), (buyer.account(), None));
    assert!(scene.record().delegates.is_empty(), "delegates go with who named them");
    assert_eq!(scene.refused(AccessOperation::Deactivate), AccessError::NotAuthorized);
    assert_eq!(scene.by(&buyer, AccessOperation::AcceptTransfer).error(), AccessError::NoOffer);
    scene.by(&buyer, AccessOperation::Deactivate).accepted();
}

#[test]
fn an_offer_is_replaced_withdrawn_and_over() {
    let mut scene = Scene::new();
    let (first, second) = (Actor::new("first"), Actor::new("second"));
    let expires_ms = scene.access.now_ms() + HOUR_MS;
    assert_eq!(scene.refused(AccessOperation::CancelTransfer), AccessError::NoOffer);
    scene.changed(offer(&first, expires_ms));
    scene.changed(offer(&second, expires_ms));
    assert_eq!(scene.by(&first, AccessOperation::AcceptTransfer).error(), AccessError::NotAuthorized);
    assert_eq!(scene.changed(AccessOperation::CancelTransfer), AccessChange::TransferCancelled);
    assert_eq!(scene.by(&second, AccessOperation::AcceptTransfer).error(), AccessError::NoOffer);
    scene.changed(offer(&second, expires_ms));
    scene.wait(HOUR_MS);
    assert_eq!(scene.by(&second, AccessOperation::AcceptTransfer).error(), AccessError::OfferExpired);
}

#[test]
fn an_offer_goes_to_somebody_else_and_has_its_bounds() {
    let mut scene = Scene::new();
    let (owner, buyer, now_ms) = (scene.owner.clone(), Actor::new("buyer"), scene.access.now_ms());
    assert_eq!(scene.refused(offer(&owner, now_ms + 1)), AccessError::SameOwner);
    for expires_ms in [0, now_ms, now_ms + bounds::OFFER_MAX_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(offer(&buyer, expires_ms)), AccessError::InvalidExpiry);
    }
    scene.changed(offer(&buyer, now_ms + bounds::OFFER_MAX_MS));
}
