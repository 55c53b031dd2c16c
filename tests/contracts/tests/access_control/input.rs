//! Bad input: a typed error or a language error, never a trap, and nothing changed on chain.

use marque_contract_tests::{Failure, chain::Means};
use marque_primitives::{
    AccountId,
    access::{AccessError, AccessOperation},
    bounds,
};
use parity_scale_codec::Encode;

use crate::{
    authority,
    messages::{self, input},
    operations::{define, grant, new_key, remove_role, retire, role, scope, set_role},
    scene::{ISSUER, Scene, URL},
};

/// Longer than any key of the storage may be.
const LONG: usize = 12_000;

fn unreadable(scene: &mut Scene, input: Vec<u8>, context: &str) {
    let caller = scene.owner.account();
    let answer = scene.access.call_raw(input, caller, Means::default());
    assert_eq!(answer.map(|receipt| receipt.result), Err(Failure::Language), "{context}");
}

#[test]
fn unknown_messages_are_refused() {
    let mut scene = Scene::new();
    for input in [vec![], vec![0xd0], vec![0; 3], vec![0; 4], vec![0xff; 4], vec![0xff; 100]] {
        unreadable(&mut scene, input.clone(), &format!("{input:02x?}"));
    }
    let constructor = input(&scene.access, "new", &[0; 112]);
    unreadable(&mut scene, constructor, "a constructor is no message");
    scene.access.check_state();
}

#[test]
fn truncated_input_is_refused_at_every_byte() {
    let mut scene = Scene::new();
    let messages = messages::all(&scene);
    // All but the constructor.
    assert_eq!(messages.len() + 1, scene.access.bundle().names().count());
    let operations = authority::names().map(|name| {
        let operation = authority::operation(name, &scene);
        (name, input(&scene.access, "execute", &(ISSUER, operation).encode()))
    });
    let operations: Vec<(&str, Vec<u8>)> = operations.collect();
    for (name, whole) in messages.into_iter().chain(operations) {
        for length in 0..whole.len() {
            unreadable(&mut scene, whole[..length].to_vec(), &format!("{name}: {length} of {}", whole.len()));
        }
    }
    scene.access.check_state();
}

/// ink! reads what a message takes and stops there: what follows is ignored.
#[test]
fn trailing_bytes_are_ignored() {
    let mut scene = Scene::new();
    let caller = scene.owner.account();
    for (name, whole) in messages::all(&scene) {
        let longer = [&whole[..], b"trailing"].concat();
        let answers = [whole, longer].map(|input| {
            scene.access.trial(|access| {
                let receipt = access.call_raw(input, caller, Means::default()).unwrap();
                (receipt.result, receipt.events)
            })
        });
        assert_eq!(answers[0], answers[1], "{name}");
    }
}

#[test]
fn unknown_variants_and_bad_texts_are_refused() {
    let mut scene = Scene::new();
    let of_execute =
        |scene: &Scene, operation: &[u8]| input(&scene.access, "execute", &[&ISSUER.encode(), operation].concat());
    for variant in 20..=255u8 {
        let operation = [&[variant][..], &[0; 64]].concat();
        let input = of_execute(&scene, &operation);
        unreadable(&mut scene, input, &format!("operation {variant}"));
    }
    for variant in 1..=255u8 {
        let grants = input(&scene.access, "grants", &[&ISSUER.encode()[..], &[variant], &[0; 32]].concat());
        unreadable(&mut scene, grants, &format!("grantee {variant}"));
    }
    let mut invalid_utf8 = of_execute(&scene, &retire("abc").encode());
    *invalid_utf8.last_mut().unwrap() = 0xff;
    unreadable(&mut scene, invalid_utf8, "text that is no UTF-8");
    // Lengths that promise more than there is: nothing is allocated for them.
    for promised in [[0xfe, 0xff, 0xff, 0xff].to_vec(), [0x03, 0xff, 0xff, 0xff, 0xff].to_vec(), vec![0x33; 17]] {
        let keys = input(&scene.access, "register_issuer", &[&URL.encode()[..], &promised].concat());
        unreadable(&mut scene, keys, "keys without an end");
        let token = input(&scene.access, "verify", &promised);
        unreadable(&mut scene, token, "a token without an end");
        let scopes = of_execute(&scene, &[&[12, 4, b'a'][..], &promised].concat());
        unreadable(&mut scene, scopes, "scopes without an end");
    }
    scene.access.check_state();
}

#[test]
fn over_long_lists_are_refused_by_their_bounds() {
    let mut scene = Scene::new();
    let (owner, now_ms) = (scene.owner.clone(), scene.access.now_ms());
    let keys = vec![new_key("a", now_ms); 300];
    assert_eq!(scene.access.register_issuer(&owner, URL, keys).error(), AccessError::MaxKeysExceeded);
    let long = "x".repeat(LONG);
    assert_eq!(scene.access.register_issuer(&owner, &long, Vec::new()).error(), AccessError::InvalidUrl);
    let scopes = ["a:b"; 3000];
    assert_eq!(scene.refused(set_role("reader", &scopes)), AccessError::InvalidScopes);
}

#[test]
fn unknown_numbers_are_none() {
    let mut scene = Scene::new();
    for number in [1, 2, u32::MAX] {
        assert_eq!(scene.access.issuer(number), None);
        assert_eq!(scene.access.scope(number, "a:b"), None);
        assert_eq!(scene.access.role(number, "a"), None);
        assert_eq!(scene.access.trust(number, ISSUER), None);
        assert_eq!(scene.access.entitlements(number, scene.device.device()), None);
        let owner = scene.owner.clone();
        let written = scene.access.execute(&owner, number, AccessOperation::Deactivate);
        assert_eq!(written.error(), AccessError::IssuerNotFound);
    }
}

/// The chain ends a call that asks for a storage key over 128 bytes, so no name may become one.
#[test]
fn names_of_any_length_are_answered() {
    let mut scene = Scene::new();
    let id = scene.id();
    let soon_ms = scene.access.now_ms() + 1;
    for length in (0..=200).chain([1000, LONG]) {
        let name = "x".repeat(length);
        assert_eq!(scene.access.scope(ISSUER, &name), None, "{length}");
        assert_eq!(scene.access.role(ISSUER, &name), None, "{length}");
        assert_eq!(scene.refused(define(&name)), AccessError::InvalidScopeName, "{length}");
        assert_eq!(scene.refused(retire(&name)), AccessError::ScopeNotFound, "{length}");
        assert_eq!(scene.refused(remove_role(&name)), AccessError::RoleNotFound, "{length}");
        assert_eq!(scene.refused(grant(id, scope(&name), soon_ms)), AccessError::ScopeNotFound, "{length}");
        assert_eq!(scene.refused(grant(id, role(&name), soon_ms)), AccessError::RoleNotFound, "{length}");
    }
}

/// ink!'s buffer has 16 KiB. What is longer ends in the contract's trap before any of its code runs: the chain undoes the call.
#[test]
fn input_over_the_buffer_is_undone_by_the_chain() {
    let mut scene = Scene::new();
    let caller = scene.owner.account();
    for (name, mut input) in messages::all(&scene) {
        input.resize(bounds::CALL_BYTES_MAX + 1, 0);
        let answer = scene.access.call_raw(input, caller, Means::default()).map(|receipt| receipt.result);
        assert!(matches!(answer, Err(Failure::Chain(_))), "{name}: {answer:?}");
    }
    scene.access.check_state();
}

#[test]
fn origins_without_a_key_are_accounts_like_others() {
    let mut scene = Scene::new();
    let deactivate = (ISSUER, AccessOperation::Deactivate);
    for origin in [AccountId([0; 32]), AccountId([0xff; 32]), scene.access.contract, scene.access.registry.contract] {
        let answer =
            scene.access.call::<Result<(), AccessError>>("execute", deactivate.clone(), origin, Means::default());
        assert_eq!(answer.unwrap().result, Err(AccessError::NotAuthorized), "{origin:?}");
    }
    scene.access.check_state();
}
