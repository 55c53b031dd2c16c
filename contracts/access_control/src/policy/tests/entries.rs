//! Scopes, roles, grants, entitlements, trust.

use super::*;
use marque_primitives::bounds;

#[test]
fn scopes_are_resource_and_action_and_never_everything() {
    let world = World::new();
    for name in ["meter:read", "a:b", "charge-point.1:start_now", "0:0"] {
        assert!(world.decide(OWNER, define(name)).is_ok(), "{name}");
    }
    let long = format!("meter:{}", "r".repeat(59));
    for name in [
        "",
        ":",
        "meter",
        "meter:",
        ":read",
        "meter:read:all",
        "*",
        "*:*",
        "meter:*",
        "meter:read ",
        " meter:read",
        "Meter:read",
        "meter:réad",
        "meter\u{200b}:read",
        "admin",
        "admin:read",
        "meter:admin",
        "meter:all",
        "any:read",
        "full_access:x",
        "x:full_access",
        "root:x",
        "meter:.read",
        "meter:-",
        "meter:read\n",
        &long,
    ] {
        world.refuses(OWNER, define(name), AccessError::InvalidScopeName);
    }
}

#[test]
fn a_scope_is_defined_once_and_retired_for_ever() {
    let mut world = World::new();
    let retire = || AccessOperation::RetireScope { name: "meter:read".into() };
    world.refuses(OWNER, retire(), AccessError::ScopeNotFound);
    world.must(OWNER, define("meter:read"));
    world.refuses(OWNER, define("meter:read"), AccessError::ScopeAlreadyExists);
    world.must(OWNER, retire());
    world.refuses(OWNER, retire(), AccessError::ScopeRetired);
    world.refuses(OWNER, define("meter:read"), AccessError::ScopeAlreadyExists);
    world.refuses(OWNER, set_role("reader", &["meter:read"]), AccessError::ScopeRetired);
    world.refuses(OWNER, grant(scope("meter:read"), world.now_ms + 1), AccessError::ScopeRetired);
    world.refuses(OWNER, trust(OTHER, &["meter:read"], world.now_ms + 1), AccessError::ScopeRetired);
}

#[test]
fn roles_bundle_defined_scopes() {
    let mut world = World::furnished();
    for name in ["", "admin", "all", "Driver", "a b", "*", &"r".repeat(33)] {
        world.refuses(OWNER, set_role(name, &["meter:read"]), AccessError::InvalidRoleName);
    }
    world.refuses(OWNER, set_role("reader", &[]), AccessError::InvalidScopes);
    world.refuses(OWNER, set_role("reader", &["meter:read"; 2]), AccessError::InvalidScopes);
    world.refuses(OWNER, set_role("reader", &["a:b"; 17]), AccessError::InvalidScopes);
    world.refuses(OWNER, set_role("reader", &["meter:write"]), AccessError::ScopeNotFound);
    world.must(OWNER, set_role("driver", &["charge:start", "meter:read"]));
    let remove = || AccessOperation::RemoveRole { name: "driver".into() };
    world.must(OWNER, remove());
    world.refuses(OWNER, remove(), AccessError::RoleNotFound);
    world.refuses(OWNER, grant(role("driver"), world.now_ms + 1), AccessError::RoleNotFound);
}

#[test]
fn grants_give_their_scopes_until_they_are_over() {
    let mut world = World::furnished();
    let now = world.now_ms;
    world.refuses(OWNER, grant(scope("meter:read"), now), AccessError::InvalidExpiry);
    world.refuses(OWNER, grant(scope("meter:read"), now + bounds::GRANT_MAX_MS + 1), AccessError::InvalidExpiry);
    world.refuses(OWNER, grant(scope("meter:write"), now + 1), AccessError::ScopeNotFound);
    assert!(world.entitled().is_empty());
    world.must(OPERATOR, grant(scope("meter:read"), now + HOUR_MS));
    world.must(OPERATOR, grant(role("driver"), now + 2 * HOUR_MS));
    assert_eq!(world.entitled(), ["charge:start", "meter:read"], "in the order of their names");
    world.now_ms = now + HOUR_MS;
    assert_eq!(world.entitled(), ["charge:start"]);
    world.must(OWNER, grant(scope("charge:start"), now + 5 * HOUR_MS));
    let longest = world.entitlements(Status::Active).scopes;
    assert_eq!(longest.len(), 1, "a scope is listed once");
    assert_eq!(longest[0].until_ms, now + 5 * HOUR_MS, "by the longest of its grants");
}

#[test]
fn a_role_gives_what_it_bundles_now() {
    let mut world = World::furnished();
    world.must(OWNER, grant(role("driver"), world.now_ms + HOUR_MS));
    world.must(OWNER, set_role("driver", &["meter:read"]));
    assert_eq!(world.entitled(), ["meter:read"]);
    world.must(OWNER, AccessOperation::RetireScope { name: "meter:read".into() });
    assert!(world.entitled().is_empty(), "a retired scope is given no more");
    world.must(OWNER, AccessOperation::RemoveRole { name: "driver".into() });
    assert!(world.entitled().is_empty());
}

#[test]
fn a_withdrawn_grant_gives_nothing_and_its_entry_goes() {
    let mut world = World::furnished();
    let withdraw = || AccessOperation::Withdraw { grantee: METER, right: scope("meter:read") };
    world.refuses(OWNER, withdraw(), AccessError::GrantNotFound);
    world.must(OWNER, grant(scope("meter:read"), world.now_ms + HOUR_MS));
    world.must(OWNER, withdraw());
    assert!(world.entitled().is_empty() && world.state.grants.is_empty());
}

#[test]
fn grants_are_bounded_and_those_that_are_over_make_room() {
    let mut world = World::new();
    let names: Vec<String> = (0..=bounds::GRANTS_MAX).map(|number| format!("meter:read{number}")).collect();
    let until_ms = world.now_ms + HOUR_MS;
    for name in &names {
        world.must(OWNER, define(name));
    }
    for name in names.iter().take(bounds::GRANTS_MAX) {
        world.must(OWNER, grant(scope(name), until_ms));
    }
    let last = names.last().unwrap();
    world.refuses(OWNER, grant(scope(last), until_ms), AccessError::MaxGrantsExceeded);
    world.must(OWNER, grant(scope(&names[0]), until_ms + 1));
    world.now_ms = until_ms;
    world.must(OWNER, grant(scope(last), until_ms + HOUR_MS));
    assert_eq!(world.state.grants(ID, &METER).len(), 2, "what is over goes");
}

#[test]
fn what_a_device_may_get_says_whether_it_may_get_anything() {
    let mut world = World::furnished();
    assert!(world.entitlements(Status::Active).is_active);
    for status in [Status::Suspended, Status::Revoked] {
        assert!(!world.entitlements(status).is_active);
    }
    let unknown = entitlements(&world.state, ID, &world.issuer, &DEVICE, None, world.now_ms);
    assert_eq!((unknown.is_active, unknown.epoch), (false, None));
    world.must(OWNER, AccessOperation::Deactivate);
    let deactivated = world.entitlements(Status::Active);
    assert_eq!((deactivated.is_active, deactivated.epoch), (false, Some(3)));
}

#[test]
fn trust_is_for_named_scopes_and_a_while() {
    let mut world = World::furnished();
    let now = world.now_ms;
    world.refuses(OWNER, trust(ID, &["meter:read"], now + 1), AccessError::SameIssuer);
    world.refuses(OWNER, trust(OTHER + 1, &["meter:read"], now + 1), AccessError::IssuerNotFound);
    world.refuses(OWNER, trust(OTHER, &["meter:read"], now), AccessError::InvalidExpiry);
    world.refuses(OWNER, trust(OTHER, &["meter:read"], now + bounds::TRUST_MAX_MS + 1), AccessError::InvalidExpiry);
    world.refuses(OWNER, trust(OTHER, &[], now + 1), AccessError::InvalidScopes);
    world.refuses(OWNER, trust(OTHER, &["door:open"], now + 1), AccessError::ScopeNotFound);
    world.refuses(OWNER, AccessOperation::RemoveTrust { issuer: OTHER }, AccessError::TrustNotFound);
    world.must(OWNER, trust(OTHER, &["meter:read"], now + 1));
    let kept = Trust { scopes: texts(&["meter:read"]), until_ms: now + 1 };
    assert_eq!(world.state.trust(ID, OTHER), Some(kept));
    world.must(OWNER, AccessOperation::RemoveTrust { issuer: OTHER });
    assert!(world.state.trusts.is_empty());
}
