//! Random histories: whatever is done by whom, what the contract keeps is what its events say.

use marque_contract_tests::access::RECLAIM_PRICE;
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

/// Who acts, so that most of what they do is allowed.
const ACTORS: [&str; 5] = ["owner", "operator", "keymgr", "offeree", "trusted"];
const SCOPES: [&str; 3] = ["meter:read", "meter:write", "door:open"];
const ROLES: [&str; 2] = ["driver", "reader"];

/// A step: an operation by its number and three numbers to choose its arguments by.
#[derive(Clone, Copy, Debug)]
struct Step {
    operation: u8,
    actor: usize,
    issuer: IssuerId,
    choice: [u8; 2],
    hours: u64,
}

fn step() -> impl Strategy<Value = Step> {
    (0..23u8, 0..ACTORS.len(), 0..2u32, any::<[u8; 2]>(), 0..4u64)
        .prop_map(|(operation, actor, issuer, choice, hours)| Step { operation, actor, issuer, choice, hours })
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

fn act(scene: &mut Scene, step: Step) {
    let caller = actor(ACTORS[step.actor]);
    match operation(scene, step) {
        Some(operation) => drop(scene.access.execute(&caller, step.issuer, operation)),
        None if step.operation == 20 => {
            drop(scene.access.reclaim(&caller, step.issuer, [step.choice[0] % 3; 32], RECLAIM_PRICE));
        }
        None => scene.wait(step.hours * HOUR_MS),
    }
}

#[test]
fn are_what_their_events_say() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&prop::collection::vec(step(), 1..80), |steps| {
        let mut scene = authority::scene();
        let keys = scene.record().keys.clone();
        steps.into_iter().for_each(|step| act(&mut scene, step));
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
}
