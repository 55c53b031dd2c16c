//! Random histories: whatever anyone does, the whole state stays within what always holds.

use super::*;
use marque_primitives::bounds;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("meter:read".to_owned()),
        Just("charge:start".to_owned()),
        Just("driver".to_owned()),
        Just("admin:all".to_owned()),
        (0u8..40).prop_map(|number| format!("meter:read{number}")),
    ]
}

fn account() -> impl Strategy<Value = AccountId> {
    prop_oneof![
        Just(OWNER),
        Just(BUYER),
        Just(OPERATOR),
        Just(KEY_MANAGER),
        any::<u8>().prop_map(|b| AccountId([b; 32]))
    ]
}

fn right() -> impl Strategy<Value = Right> {
    prop_oneof![name().prop_map(Right::Scope), name().prop_map(Right::Role)]
}

/// A time around the start, or anywhere.
fn time() -> impl Strategy<Value = TimestampMs> {
    prop_oneof![(0..3 * DAY_MS).prop_map(|ms| START_MS + ms), any::<u64>()]
}

fn key() -> impl Strategy<Value = NewIssuerKey> {
    (0u8..24, time(), time()).prop_map(|(fill, from, to)| window(fill, from, to))
}

fn role_of_delegate() -> impl Strategy<Value = IssuerRole> {
    prop_oneof![Just(IssuerRole::Operator), Just(IssuerRole::KeyManager)]
}

fn operation() -> impl Strategy<Value = AccessOperation> {
    let scopes = || proptest::collection::vec(name(), 0..4);
    let id = || 0u32..12;
    prop_oneof![
        key().prop_map(|key| AccessOperation::AddKey { key }),
        (id(), key()).prop_map(|(id, key)| AccessOperation::RotateKey { id, key }),
        id().prop_map(|id| AccessOperation::RevokeKey { id }),
        Just(AccessOperation::Deactivate),
        Just(AccessOperation::Reactivate),
        (account(), time()).prop_map(|(to, expires_ms)| AccessOperation::OfferTransfer { to, expires_ms }),
        Just(AccessOperation::AcceptTransfer),
        (account(), role_of_delegate(), time()).prop_map(|(account, role, expires_ms)| AccessOperation::SetDelegate {
            account,
            role,
            expires_ms
        }),
        name().prop_map(|name| define(&name)),
        name().prop_map(|name| AccessOperation::RetireScope { name }),
        (name(), scopes()).prop_map(|(name, scopes)| AccessOperation::SetRole { name, scopes }),
        name().prop_map(|name| AccessOperation::RemoveRole { name }),
        (right(), time()).prop_map(|(right, until_ms)| grant(right, until_ms)),
        right().prop_map(|right| AccessOperation::Withdraw { grantee: METER, right }),
        (any::<u8>(), time())
            .prop_map(|(fill, expires_ms)| AccessOperation::RevokeToken { token: [fill; 32], expires_ms }),
        time().prop_map(|before_ms| AccessOperation::RevokeTokensBefore { device: DEVICE, before_ms }),
        (0u32..3, scopes(), time()).prop_map(|(issuer, scopes, until_ms)| AccessOperation::SetTrust {
            issuer,
            scopes,
            until_ms
        }),
    ]
}

fn check(world: &World) {
    let Issuer { keys, delegates, .. } = &world.issuer;
    assert!(keys.len() <= bounds::ISSUER_KEYS_MAX && delegates.len() <= bounds::ISSUER_DELEGATES_MAX);
    for (index, key) in keys.iter().enumerate() {
        assert!(key.id < world.issuer.next_key_id);
        assert!(keys.iter().take(index).all(|other| other.id != key.id && other.public_key != key.public_key));
    }
    for grants in world.state.grants.values() {
        assert!((1..=bounds::GRANTS_MAX).contains(&grants.len()), "an empty list has no entry");
    }
    for (_, name) in world.state.scopes.keys() {
        assert!(marque_primitives::access::is_scope_name(name));
    }
    for scopes in world.state.roles.values().chain(world.state.trusts.values().map(|trust| &trust.scopes)) {
        assert!((1..=bounds::SCOPES_MAX).contains(&scopes.len()));
    }
    for entitlement in world.entitlements(Status::Active).scopes {
        let scope = world.state.scope(ID, &entitlement.scope).expect("only what is defined is given");
        assert!(!scope.is_retired && entitlement.until_ms > world.now_ms);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_always_holds_holds(steps in proptest::collection::vec((account(), operation(), 0..DAY_MS / 4), 1..80)) {
        let mut world = World::furnished();
        for (actor, operation, wait_ms) in steps {
            let before = world.clone();
            let retired: Vec<_> = before.state.scopes.iter().filter(|(_, scope)| scope.is_retired).collect();
            let dead_ms = before.state.tokens_before_ms(ID, &DEVICE);
            if world.act(actor, operation).is_err() {
                prop_assert_eq!(&world, &before, "what is refused changes nothing");
            }
            check(&world);
            for (name, scope) in retired {
                prop_assert_eq!(world.state.scopes.get(name), Some(scope), "retired is for ever");
            }
            for key in before.issuer.keys.iter().filter(|key| key.revoked_ms.is_some()) {
                let now = world.issuer.key(key.id);
                prop_assert!(now.is_none_or(|now| now.revoked_ms == key.revoked_ms), "a revoked key stays so");
            }
            prop_assert!(world.state.tokens_before_ms(ID, &DEVICE) >= dead_ms);
            world.now_ms += wait_ms;
        }
    }
}
