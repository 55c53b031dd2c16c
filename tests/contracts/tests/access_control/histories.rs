//! Random histories: whatever is done by whom, what the contract keeps is what its events say.

use std::{cell::RefCell, collections::BTreeSet};

use marque_contract_tests::{Actor, access::RECLAIM_PRICE};
use marque_primitives::access::{AccessOperation, IssuerId, IssuerKey, IssuerRole, Right};
use proptest::{
    prelude::*,
    test_runner::{TestRng, TestRunner},
};

use crate::{
    authority::{self, actor},
    operations::{
        define, grant, new_key, offer, remove_delegate, remove_role, remove_trust, retire, revoke_before, revoke_token,
        role, scope, set_delegate, set_role, trust, withdraw,
    },
    scene::{HOUR_MS, Scene},
};

/// Who acts besides the owner, and whom things are offered and delegated to. Most of what is done is allowed.
const ACTORS: [&str; 5] = ["owner", "operator", "keymgr", "offeree", "trusted"];
const SCOPES: [&str; 3] = ["meter:read", "meter:write", "door:open"];
const ROLES: [&str; 2] = ["driver", "reader"];

/// A step: an operation by its number, who does it (`None` for the owner), and numbers to choose its arguments by.
#[derive(Clone, Copy, Debug)]
struct Step {
    operation: u8,
    actor: Option<usize>,
    issuer: IssuerId,
    choice: [u8; 2],
    hours: u64,
}

fn step() -> impl Strategy<Value = Step> {
    let actor = prop::option::weighted(0.3, 0..ACTORS.len());
    let issuer = prop_oneof![4 => Just(0u32), 1 => Just(1)];
    let hours = prop_oneof![1 => Just(0u64), 9 => 1..4u64];
    (0..23u8, actor, issuer, any::<[u8; 2]>(), hours).prop_map(|(operation, actor, issuer, choice, hours)| Step {
        operation,
        actor,
        issuer,
        choice,
        hours,
    })
}

fn pick<'list>(list: &[&'list str], choice: u8) -> &'list str {
    list[usize::from(choice) % list.len()]
}

fn right([kind, which]: [u8; 2]) -> Right {
    if kind % 2 == 0 { scope(pick(&SCOPES, which)) } else { role(pick(&ROLES, which)) }
}

/// The operation of a step; `None` where the step is no operation.
fn operation(scene: &Scene, step: Step) -> Option<AccessOperation> {
    let (id, now_ms, [first, second]) = (scene.id(), scene.access.now_ms(), step.choice);
    let (later_ms, other) = (now_ms + step.hours * HOUR_MS, actor(pick(&ACTORS, first)));
    let delegate_role = if second % 2 == 0 { IssuerRole::Operator } else { IssuerRole::KeyManager };
    let key = new_key(&format!("key {}", first % 12), later_ms);
    Some(match step.operation {
        0 => AccessOperation::AddKey { key },
        1 => AccessOperation::RotateKey { id: u32::from(second % 8), key },
        2 => AccessOperation::RevokeKey { id: u32::from(second % 8) },
        3 => AccessOperation::Deactivate,
        4 => AccessOperation::Reactivate,
        5 => offer(&other, later_ms),
        6 => AccessOperation::CancelTransfer,
        7 => AccessOperation::AcceptTransfer,
        8 => set_delegate(&other, delegate_role, later_ms),
        9 => remove_delegate(&other, delegate_role),
        10 => define(pick(&SCOPES, first)),
        11 => retire(pick(&SCOPES, first)),
        12 => set_role(pick(&ROLES, first), &[pick(&SCOPES, second)]),
        13 => remove_role(pick(&ROLES, first)),
        14 => grant(id, right(step.choice), later_ms),
        15 => withdraw(id, right(step.choice)),
        16 => revoke_token([first % 3; 32], later_ms),
        17 => revoke_before(id, now_ms - u64::from(second)),
        18 => trust(1 - step.issuer, &[pick(&SCOPES, second)], later_ms),
        19 => remove_trust(1 - step.issuer),
        _ => return None,
    })
}

/// The owner as it is now, or another one.
fn caller(scene: &Scene, step: Step) -> Actor {
    let owner = scene.access.followed().issuers[step.issuer as usize].owner;
    let is_owner = |name: &&&str| actor(name).account() == owner;
    actor(step.actor.map_or_else(|| ACTORS.iter().find(is_owner).expect("one of them owns it"), |index| &ACTORS[index]))
}

/// Does the step, whatever comes of it, and tells whether it was accepted: the harness checks each.
fn act(scene: &mut Scene, step: Step) -> bool {
    let caller = caller(scene, step);
    match operation(scene, step) {
        Some(operation) => scene.access.execute(&caller, step.issuer, operation).receipt.result.is_ok(),
        None if step.operation == 20 => {
            let token = [step.choice[0] % 3; 32];
            scene.access.reclaim(&caller, step.issuer, token, RECLAIM_PRICE).receipt.result.is_ok()
        }
        None => {
            scene.wait(step.hours * HOUR_MS);
            true
        }
    }
}

#[test]
fn are_what_their_events_say() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let accepted = RefCell::new(BTreeSet::new());
    let outcome = runner.run(&prop::collection::vec(step(), 1..120), |steps| {
        let mut scene = authority::scene();
        let keys = scene.record().keys.clone();
        for step in steps {
            if act(&mut scene, step) {
                accepted.borrow_mut().insert(step.operation);
            }
        }
        scene.access.check_state();
        for issuer in &scene.access.followed().issuers {
            prop_assert!(issuer.keys.len() <= 8 && issuer.delegates.len() <= 8);
            let ids: Vec<u32> = issuer.keys.iter().map(|key| key.id).collect();
            prop_assert!(ids.is_sorted() && ids.iter().all(|id| *id < issuer.next_key_id));
        }
        let is_longer =
            |key: &IssuerKey| keys.iter().any(|old| old.id == key.id && old.not_after_ms < key.not_after_ms);
        prop_assert!(!scene.record().keys.iter().any(is_longer), "no window is ever made longer");
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(accepted.into_inner(), (0..23).collect(), "each step was taken at least once");
}
