//! Federation: which authorization server trusts which.

use marque_primitives::{
    access::{AccessChange, AccessError, Trust},
    bounds,
};

use crate::{
    operations::{define, remove_trust, texts, trust},
    scene::{HOUR_MS, ISSUER, Scene},
};

/// With another authorization server, number 1, and a scope.
fn scene() -> Scene {
    let mut scene = Scene::new();
    let stranger = scene.stranger.clone();
    scene.access.register_issuer(&stranger, "https://other.example", Vec::new()).accepted();
    scene.changed(define("meter:read"));
    scene
}

#[test]
fn is_set_replaced_and_removed() {
    let mut scene = scene();
    let now_ms = scene.access.now_ms();
    scene.changed(define("meter:write"));
    for (scopes, until_ms) in [(&["meter:read", "meter:write"][..], now_ms + HOUR_MS), (&["meter:write"], now_ms + 1)] {
        let expected = Trust { scopes: texts(scopes), until_ms };
        let change = AccessChange::TrustSet { issuer: 1, trust: expected };
        assert_eq!(scene.changed(trust(1, scopes, until_ms)), change);
    }
    assert_eq!(scene.access.trust(1, ISSUER), None, "trust is not mutual");
    assert_eq!(scene.changed(remove_trust(1)), AccessChange::TrustRemoved { issuer: 1 });
    assert_eq!(scene.refused(remove_trust(1)), AccessError::TrustNotFound);
}

#[test]
fn is_in_others_for_a_while_and_for_own_scopes() {
    let mut scene = scene();
    let now_ms = scene.access.now_ms();
    assert_eq!(scene.refused(trust(ISSUER, &[], 0)), AccessError::SameIssuer);
    assert_eq!(scene.refused(trust(2, &[], 0)), AccessError::IssuerNotFound);
    for until_ms in [0, now_ms, now_ms + bounds::TRUST_MAX_MS + 1, u64::MAX] {
        assert_eq!(scene.refused(trust(1, &[], until_ms)), AccessError::InvalidExpiry);
    }
    assert_eq!(scene.refused(trust(1, &[], now_ms + 1)), AccessError::InvalidScopes);
    assert_eq!(scene.refused(trust(1, &["door:open"], now_ms + 1)), AccessError::ScopeNotFound);
    scene.changed(trust(1, &["meter:read"], now_ms + bounds::TRUST_MAX_MS));
}
