//! Who may do what: every actor times every operation.

use super::*;

/// Each operation, such that nothing but the actor could be wrong with it.
fn operations(world: &World) -> Vec<AccessOperation> {
    let soon = world.now_ms + HOUR_MS;
    vec![
        AccessOperation::AddKey { key: key_of(9) },
        AccessOperation::RotateKey { id: 0, key: key_of(9) },
        AccessOperation::RevokeKey { id: 0 },
        AccessOperation::Grant { grantee: METER, right: scope("meter:read"), until_ms: soon },
        AccessOperation::Withdraw { grantee: METER, right: role("driver") },
        AccessOperation::RevokeToken { token: [9; 32], expires_ms: soon },
        AccessOperation::RevokeTokensBefore { device: DEVICE, before_ms: world.now_ms },
        AccessOperation::Deactivate,
        AccessOperation::OfferTransfer { to: STRANGER, expires_ms: soon },
        AccessOperation::CancelTransfer,
        AccessOperation::SetDelegate { account: STRANGER, role: IssuerRole::Operator, expires_ms: soon },
        AccessOperation::RemoveDelegate { account: OPERATOR, role: IssuerRole::Operator },
        define("door:open"),
        AccessOperation::RetireScope { name: "meter:read".into() },
        set_role("driver", &["meter:read"]),
        AccessOperation::RemoveRole { name: "driver".into() },
        trust(OTHER, &["meter:read"], soon),
        AccessOperation::RemoveTrust { issuer: OTHER },
        AccessOperation::AcceptTransfer,
    ]
}

/// The first three are for keys, the next four for grants and tokens, the last is the offeree's.
const KEYS: std::ops::Range<usize> = 0..3;
const OPERATIONS: std::ops::Range<usize> = 3..7;

fn furnished() -> World {
    let mut world = World::furnished();
    let soon = world.now_ms + HOUR_MS;
    world.must(OWNER, grant(role("driver"), soon));
    world.must(OWNER, trust(OTHER, &["charge:start"], soon));
    world.must(OWNER, AccessOperation::OfferTransfer { to: BUYER, expires_ms: soon });
    world
}

#[test]
fn each_actor_may_do_what_it_may_and_nothing_else() {
    let world = furnished();
    let all = operations(&world);
    let last = all.len() - 1;
    for (index, operation) in all.into_iter().enumerate() {
        let is_accept = index == last;
        for (actor, may) in [
            (OWNER, !is_accept),
            (OPERATOR, OPERATIONS.contains(&index)),
            (KEY_MANAGER, KEYS.contains(&index)),
            (BUYER, is_accept),
            (STRANGER, false),
        ] {
            let decided = world.decide(actor, operation.clone());
            let context = format!("{actor:?} {operation:?}");
            if may {
                assert!(decided.is_ok(), "{context}: {decided:?}");
            } else {
                assert_eq!(decided, Err(AccessError::NotAuthorized), "{context}");
            }
        }
    }
}

#[test]
fn a_delegate_may_no_more_from_its_expiry_on() {
    let mut world = furnished();
    let expires_ms = world.now_ms + DAY_MS;
    let withdraw = AccessOperation::Withdraw { grantee: METER, right: role("driver") };
    world.now_ms = expires_ms - 1;
    assert!(world.decide(OPERATOR, withdraw.clone()).is_ok());
    world.now_ms = expires_ms;
    world.refuses(OPERATOR, withdraw, AccessError::NotAuthorized);
}

#[test]
fn after_a_transfer_the_previous_owner_and_its_delegates_may_nothing() {
    let mut world = furnished();
    world.must(BUYER, AccessOperation::AcceptTransfer);
    for operation in operations(&world) {
        for actor in [OWNER, OPERATOR, KEY_MANAGER] {
            let expected = match operation {
                AccessOperation::AcceptTransfer => AccessError::NoOffer,
                _ => AccessError::NotAuthorized,
            };
            world.refuses(actor, operation.clone(), expected);
        }
    }
    world.must(BUYER, AccessOperation::Deactivate);
}

#[test]
fn authority_comes_before_what_is_wrong_with_the_arguments() {
    let world = furnished();
    world.refuses(STRANGER, define("*"), AccessError::NotAuthorized);
    world.refuses(STRANGER, AccessOperation::RevokeKey { id: 99 }, AccessError::NotAuthorized);
}
