//! Grants, and what a device is entitled to by them.

use marque_contract_tests::Actor;
use marque_primitives::{
    Operation,
    access::{AccessChange, AccessError, AccessOperation, Entitlement, Entitlements, Grant, Grantee, Sensitivity},
    bounds,
};

use crate::{
    operations::{define, grant, retire, revoke_before, role, scope, set_role, withdraw},
    scene::{HOUR_MS, ISSUER, Scene},
};

/// With two scopes and a role.
fn furnished() -> Scene {
    let mut scene = Scene::new();
    scene.changed(define("meter:read"));
    scene.changed(define("charge:start"));
    scene.changed(set_role("driver", &["charge:start"]));
    scene
}

fn entitled(scene: &mut Scene) -> Vec<String> {
    let entitlements = scene.access.entitlements(ISSUER, scene.device.device()).unwrap();
    entitlements.scopes.into_iter().map(|entitlement| entitlement.scope).collect()
}

#[test]
fn are_given_prolonged_and_withdrawn() {
    let mut scene = furnished();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    for until_ms in [now_ms + HOUR_MS, now_ms + 2 * HOUR_MS] {
        let granted = Grant { right: scope("meter:read"), until_ms };
        let change = AccessChange::Granted { grantee: Grantee::Device(id), grant: granted.clone() };
        assert_eq!(scene.changed(grant(id, scope("meter:read"), until_ms)), change);
        assert_eq!(scene.access.grants(ISSUER, Grantee::Device(id)), [granted]);
    }
    scene.changed(grant(id, role("driver"), now_ms + HOUR_MS));
    assert_eq!(entitled(&mut scene), ["charge:start", "meter:read"]);
    assert_eq!(scene.refused(withdraw(id, scope("charge:start"))), AccessError::GrantNotFound, "it is the role's");
    scene.changed(withdraw(id, role("driver")));
    scene.changed(withdraw(id, scope("meter:read")));
    assert_eq!(scene.refused(withdraw(id, scope("meter:read"))), AccessError::GrantNotFound);
    assert!(scene.access.grants(ISSUER, Grantee::Device(id)).is_empty());
}

#[test]
fn are_for_what_is_defined_and_within_their_bounds() {
    let mut scene = furnished();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    for until_ms in [0, now_ms, now_ms + bounds::GRANT_MAX_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(grant(id, scope("x"), until_ms)), AccessError::InvalidExpiry);
    }
    scene.changed(grant(id, scope("meter:read"), now_ms + bounds::GRANT_MAX_MS));
    assert_eq!(scene.refused(grant(id, scope("door:open"), now_ms + 1)), AccessError::ScopeNotFound);
    assert_eq!(scene.refused(grant(id, role("reader"), now_ms + 1)), AccessError::RoleNotFound);
}

#[test]
fn have_a_bound_and_make_room_when_they_are_over() {
    let mut scene = furnished();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    let name = |number: usize| format!("a:{number}");
    for number in 0..=bounds::GRANTS_MAX {
        scene.changed(define(&name(number)));
    }
    for number in 0..bounds::GRANTS_MAX {
        let hours = 1 + number as u64 % 2;
        scene.changed(grant(id, scope(&name(number)), now_ms + hours * HOUR_MS));
    }
    let next = grant(id, scope(&name(bounds::GRANTS_MAX)), now_ms + 3 * HOUR_MS);
    assert_eq!(scene.refused(next.clone()), AccessError::MaxGrantsExceeded);
    scene.changed(grant(id, scope(&name(1)), now_ms + 3 * HOUR_MS));
    scene.wait(HOUR_MS);
    assert_eq!(entitled(&mut scene).len(), bounds::GRANTS_MAX / 2);
    scene.changed(next);
    assert_eq!(
        scene.access.grants(ISSUER, Grantee::Device(id)).len(),
        bounds::GRANTS_MAX / 2 + 1,
        "all that were over went"
    );
}

#[test]
fn entitlements_say_all_that_a_token_needs() {
    let mut scene = furnished();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    let define_high =
        AccessOperation::DefineScope { name: "door:open".into(), description: [1; 32], sensitivity: Sensitivity::High };
    scene.changed(define_high);
    scene.changed(set_role("driver", &["door:open", "charge:start"]));
    scene.changed(grant(id, scope("charge:start"), now_ms + 2 * HOUR_MS));
    scene.changed(grant(id, role("driver"), now_ms + HOUR_MS));
    scene.changed(revoke_before(id, now_ms));
    scene.on_device(Operation::BumpEpoch);
    let entitlement = |scope: &str, sensitivity, until_ms| Entitlement { scope: scope.into(), sensitivity, until_ms };
    let expected = Entitlements {
        is_active: true,
        epoch: Some(1),
        tokens_before_ms: now_ms,
        scopes: vec![
            entitlement("charge:start", Sensitivity::Medium, now_ms + 2 * HOUR_MS),
            entitlement("door:open", Sensitivity::High, now_ms + HOUR_MS),
        ],
    };
    assert_eq!(scene.access.entitlements(ISSUER, id), Some(expected));
    scene.wait(HOUR_MS);
    assert_eq!(entitled(&mut scene), ["charge:start"]);
    scene.changed(retire("charge:start"));
    assert!(entitled(&mut scene).is_empty());
}

/// As many as there can be, with names as long as they may be: still one answer.
#[test]
fn entitlements_fit_in_one_answer() {
    let mut scene = Scene::new();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    let scope_name = |number: usize| format!("s:{number:0width$}", width = bounds::SCOPE_BYTES_MAX - 2);
    let role_name = |number: usize| format!("{number:0width$}", width = bounds::ROLE_BYTES_MAX);
    for number in 0..bounds::GRANTS_MAX {
        let names: Vec<String> =
            (0..bounds::SCOPES_MAX).map(|of| scope_name(number * bounds::SCOPES_MAX + of)).collect();
        names.iter().for_each(|name| drop(scene.changed(define(name))));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        scene.changed(set_role(&role_name(number), &names));
        scene.changed(grant(id, role(&role_name(number)), now_ms + HOUR_MS));
    }
    let all: Vec<String> = (0..bounds::GRANTS_MAX * bounds::SCOPES_MAX).map(scope_name).collect();
    assert_eq!(entitled(&mut scene), all);
}

#[test]
fn entitlements_follow_the_role() {
    let mut scene = furnished();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    scene.changed(grant(id, role("driver"), now_ms + HOUR_MS));
    scene.changed(set_role("driver", &["meter:read"]));
    assert_eq!(entitled(&mut scene), ["meter:read"]);
    scene.changed(crate::operations::remove_role("driver"));
    assert!(entitled(&mut scene).is_empty());
}

#[test]
fn entitlements_are_of_this_authorization_server_and_device() {
    let mut scene = furnished();
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    let (other, second) = (scene.stranger.clone(), Actor::new("second device"));
    scene.register_device(&second);
    scene.access.register_issuer(&other, "https://other.example", Vec::new()).accepted();
    scene.changed(grant(id, scope("meter:read"), now_ms + HOUR_MS));
    assert!(scene.access.entitlements(1, id).unwrap().scopes.is_empty());
    assert!(scene.access.entitlements(ISSUER, second.device()).unwrap().scopes.is_empty());
    assert_eq!(scene.access.entitlements(2, id), None);
}

#[test]
fn entitlements_are_active_while_both_sides_are() {
    let mut scene = furnished();
    let is_active = |scene: &mut Scene| {
        let entitlements = scene.access.entitlements(ISSUER, scene.device.device()).unwrap();
        (entitlements.is_active, entitlements.epoch)
    };
    assert_eq!(is_active(&mut scene), (true, Some(0)));
    scene.changed(AccessOperation::Deactivate);
    assert_eq!(is_active(&mut scene), (false, Some(0)));
    scene.changed(AccessOperation::Reactivate);
    for (operation, expected) in [
        (Operation::Suspend, (false, Some(1))),
        (Operation::Resume, (true, Some(1))),
        (Operation::Revoke, (false, Some(2))),
    ] {
        scene.on_device(operation);
        assert_eq!(is_active(&mut scene), expected);
    }
    let unknown = scene.access.entitlements(ISSUER, Actor::new("unknown").device()).unwrap();
    assert_eq!((unknown.is_active, unknown.epoch), (false, None));
}
