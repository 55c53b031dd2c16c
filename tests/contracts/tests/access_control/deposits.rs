//! Storage deposits: what an entry takes comes back when it goes, to whoever removes it.
//!
//! The chain refunds a share of what the contract's bytes cost and one of what its items cost, each rounded down: on this chain, where a byte
//! or an item costs one unit, it may be a unit less for each. Where they cost billions of units, as on the node, that is nothing.

use marque_contract_tests::Actor;
use marque_primitives::access::{AccessOperation, IssuerRole};

use crate::{
    operations::{
        define, grant, offer, remove_delegate, remove_role, remove_trust, role, scope, set_delegate, set_role, trust,
        withdraw,
    },
    scene::{HOUR_MS, Scene},
};

/// Units by which the chain rounds down.
pub const ROUNDING: i128 = 2;

/// With another authorization server, two scopes and a role.
fn furnished() -> Scene {
    let mut scene = Scene::new();
    let stranger = scene.stranger.clone();
    scene.access.register_issuer(&stranger, "https://other.example", Vec::new()).accepted();
    for name in ["meter:read", "charge:start"] {
        scene.changed(define(name));
    }
    scene.changed(set_role("driver", &["charge:start"]));
    scene
}

#[test]
fn an_entry_gives_back_what_it_took() {
    let mut scene = furnished();
    let (id, until_ms, actor) = (scene.id(), scene.access.now_ms() + HOUR_MS, Actor::new("actor"));
    let pairs = [
        (set_role("reader", &["meter:read", "charge:start"]), remove_role("reader")),
        (grant(id, scope("meter:read"), until_ms), withdraw(id, scope("meter:read"))),
        (grant(id, role("driver"), until_ms), withdraw(id, role("driver"))),
        (trust(1, &["meter:read", "charge:start"], until_ms), remove_trust(1)),
        (set_delegate(&actor, IssuerRole::Operator, until_ms), remove_delegate(&actor, IssuerRole::Operator)),
        (offer(&actor, until_ms), AccessOperation::CancelTransfer),
    ];
    for (add, remove) in pairs {
        let owner = scene.owner.clone();
        let taken = scene.by(&owner, add.clone()).receipt.deposit;
        let returned = scene.by(&owner, remove).receipt.deposit;
        assert!(taken > 0, "{add:?}");
        assert!((0..=ROUNDING).contains(&(taken + returned)), "{add:?}: {taken} {returned}");
    }
}

#[test]
fn grants_that_are_over_give_back_what_they_took() {
    let mut scene = furnished();
    let (id, owner, now_ms) = (scene.id(), scene.owner.clone(), scene.access.now_ms());
    let first = scene.by(&owner, grant(id, scope("meter:read"), now_ms + HOUR_MS)).receipt.deposit;
    scene.by(&owner, grant(id, scope("charge:start"), now_ms + HOUR_MS)).accepted();
    scene.wait(HOUR_MS);
    scene.by(&owner, grant(id, scope("meter:read"), now_ms + 2 * HOUR_MS)).accepted();
    let last = -scene.by(&owner, withdraw(id, scope("meter:read"))).receipt.deposit;
    assert!((0..=ROUNDING).contains(&(first - last)), "{first} {last}");
}

#[test]
fn who_removes_is_paid_whoever_had_paid() {
    let mut scene = furnished();
    let (id, until_ms, operator) = (scene.id(), scene.access.now_ms() + HOUR_MS, Actor::new("operator"));
    scene.changed(set_delegate(&operator, IssuerRole::Operator, until_ms));
    let owner = scene.owner.clone();
    let paid = scene.by(&owner, grant(id, scope("meter:read"), until_ms)).receipt.deposit;
    scene.access.chain().fund(operator.account());
    let before = scene.access.chain().free_balance(operator.account());
    scene.by(&operator, withdraw(id, scope("meter:read"))).accepted();
    let received = scene.access.chain().free_balance(operator.account()) - before;
    assert!((0..=ROUNDING).contains(&(paid - i128::try_from(received).unwrap())));
}

/// A transfer takes away the delegates and the offer.
#[test]
fn a_transfer_gives_back_what_it_takes_away() {
    let mut scene = furnished();
    let (owner, buyer) = (scene.owner.clone(), Actor::new("buyer"));
    let until_ms = scene.access.now_ms() + HOUR_MS;
    let mut taken = 0;
    for number in 0..8 {
        let set = set_delegate(&Actor::new(format!("delegate {number}")), IssuerRole::Operator, until_ms);
        taken += scene.by(&owner, set).receipt.deposit;
    }
    taken += scene.by(&owner, offer(&buyer, until_ms)).receipt.deposit;
    let returned = -scene.by(&buyer, AccessOperation::AcceptTransfer).receipt.deposit;
    assert!((0..=ROUNDING).contains(&(taken - returned)), "{taken} {returned}");
}
