//! Scopes and roles.

use marque_primitives::{
    access::{AccessChange, AccessError, AccessOperation, Scope, Sensitivity},
    bounds,
};

use crate::{
    operations::{define, grant, remove_role, retire, role, scope, set_role, texts, trust},
    scene::{HOUR_MS, ISSUER, Scene},
};

#[test]
fn a_scope_is_defined_once_and_retired_for_ever() {
    let mut scene = Scene::new();
    assert_eq!(scene.access.scope(ISSUER, "meter:read"), None);
    let define_high = AccessOperation::DefineScope {
        name: "meter:read".into(),
        description: [7; 32],
        sensitivity: Sensitivity::High,
    };
    assert_eq!(scene.refused(retire("meter:read")), AccessError::ScopeNotFound);
    let defined = Scope { description: [7; 32], sensitivity: Sensitivity::High, is_retired: false };
    assert_eq!(scene.changed(define_high), AccessChange::ScopeSet { name: "meter:read".into(), scope: defined });
    assert_eq!(scene.refused(define("meter:read")), AccessError::ScopeAlreadyExists);
    scene.changed(retire("meter:read"));
    assert_eq!(scene.access.scope(ISSUER, "meter:read"), Some(Scope { is_retired: true, ..defined }));
    assert_eq!(scene.refused(retire("meter:read")), AccessError::ScopeRetired);
    assert_eq!(scene.refused(define("meter:read")), AccessError::ScopeAlreadyExists);
}

#[test]
fn a_scope_is_one_resource_and_one_action() {
    let mut scene = Scene::new();
    let longest = format!("meter:{}", "r".repeat(bounds::SCOPE_BYTES_MAX - 6));
    for name in ["a:b", "charge-point.1:start_now", "0:0", &longest] {
        scene.changed(define(name));
    }
    let over = format!("{longest}r");
    let bad = ["", ":", "meter", "meter:", ":read", "a:b:c", "*", "*:*", "meter:*", "admin", "admin:read", "meter:all"];
    let also_bad = ["meter:full_access", "root:x", "Meter:read", "meter:réad", " meter:read", "meter:read\0", &over];
    for name in bad.into_iter().chain(also_bad) {
        assert_eq!(scene.refused(define(name)), AccessError::InvalidScopeName, "{name}");
    }
}

#[test]
fn one_authorization_server_knows_nothing_of_anothers() {
    let mut scene = Scene::new();
    let other = scene.stranger.clone();
    scene.access.register_issuer(&other, "https://other.example", Vec::new()).accepted();
    scene.changed(define("meter:read"));
    scene.changed(set_role("reader", &["meter:read"]));
    assert_eq!((scene.access.scope(1, "meter:read"), scene.access.role(1, "reader")), (None, None));
    let set = set_role("reader", &["meter:read"]);
    assert_eq!(scene.access.execute(&other, 1, set).error(), AccessError::ScopeNotFound);
}

#[test]
fn a_role_bundles_current_scopes() {
    let mut scene = Scene::new();
    for name in ["meter:read", "meter:write", "old:one"] {
        scene.changed(define(name));
    }
    scene.changed(retire("old:one"));
    let set = |scopes: &[&str]| set_role("reader", scopes);
    let change = AccessChange::RoleSet { name: "reader".into(), scopes: texts(&["meter:read"]) };
    assert_eq!(scene.changed(set(&["meter:read"])), change);
    scene.changed(set(&["meter:write", "meter:read"]));
    let many: Vec<String> = (0..=bounds::SCOPES_MAX).map(|number| format!("a:{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for scopes in [&[][..], &["meter:read", "meter:read"], &many] {
        assert_eq!(scene.refused(set(scopes)), AccessError::InvalidScopes);
    }
    assert_eq!(scene.refused(set(&["meter:read", "door:open"])), AccessError::ScopeNotFound);
    assert_eq!(scene.refused(set(&["old:one", "door:open"])), AccessError::ScopeRetired);
    let long = "r".repeat(bounds::ROLE_BYTES_MAX + 1);
    for name in ["", "admin", "*", "Reader", "a b", "a:b", &long] {
        assert_eq!(scene.refused(set_role(name, &["meter:read"])), AccessError::InvalidRoleName, "{name}");
    }
    scene.changed(set_role(&long[1..], &["meter:read"]));
    scene.changed(remove_role("reader"));
    assert_eq!(scene.refused(remove_role("reader")), AccessError::RoleNotFound);
}

#[test]
fn a_role_has_as_many_scopes_as_it_may() {
    let mut scene = Scene::new();
    let names: Vec<String> = (0..bounds::SCOPES_MAX).map(|number| format!("a:{number:062}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in &names {
        scene.changed(define(name));
    }
    scene.changed(set_role("largest", &names));
}

#[test]
fn a_retired_scope_is_given_to_nobody() {
    let mut scene = Scene::new();
    let (id, until_ms) = (scene.id(), scene.access.now_ms() + HOUR_MS);
    let other = scene.stranger.clone();
    scene.access.register_issuer(&other, "https://other.example", Vec::new()).accepted();
    scene.changed(define("meter:read"));
    scene.changed(set_role("reader", &["meter:read"]));
    scene.changed(retire("meter:read"));
    let refused = AccessError::ScopeRetired;
    assert_eq!(scene.refused(grant(id, scope("meter:read"), until_ms)), refused);
    assert_eq!(scene.refused(set_role("reader", &["meter:read"])), refused);
    assert_eq!(scene.refused(trust(1, &["meter:read"], until_ms)), refused);
    // The role is still there: what it gives is read when it is asked for.
    scene.changed(grant(id, role("reader"), until_ms));
    assert!(scene.access.entitlements(ISSUER, id).unwrap().scopes.is_empty());
}
