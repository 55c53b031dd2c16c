//! Revoking tokens, and reclaiming their entries.

use super::*;
use marque_primitives::bounds;

const TOKEN: Hash = [5; 32];

fn revoke(expires_ms: TimestampMs) -> AccessOperation {
    AccessOperation::RevokeToken { token: TOKEN, expires_ms }
}

#[test]
fn a_token_is_revoked_once_and_for_no_longer_than_it_can_live() {
    let mut world = World::new();
    let longest = world.now_ms + bounds::TOKEN_LIFETIME_MAX_MS + 2 * bounds::CLOCK_SKEW_MAX_MS;
    world.refuses(OWNER, revoke(world.now_ms), AccessError::InvalidExpiry);
    world.refuses(OWNER, revoke(longest + 1), AccessError::InvalidExpiry);
    world.refuses(OWNER, revoke(u64::MAX), AccessError::InvalidExpiry);
    world.must(OWNER, revoke(longest));
    world.refuses(OWNER, revoke(longest), AccessError::TokenAlreadyRevoked);
}

#[test]
fn an_entry_is_reclaimed_by_anyone_once_the_token_is_dead_for_every_clock() {
    let mut world = World::furnished();
    let expires_ms = world.now_ms + HOUR_MS;
    assert_eq!(world.reclaim(STRANGER, TOKEN), Err(AccessError::TokenNotRevoked));
    world.must(OPERATOR, revoke(expires_ms));
    world.now_ms = expires_ms + bounds::CLOCK_SKEW_MAX_MS - 1;
    assert_eq!(world.reclaim(STRANGER, TOKEN), Err(AccessError::TokenNotExpired));
    world.now_ms += 1;
    assert_eq!(world.reclaim(STRANGER, TOKEN), Ok(OPERATOR), "the deposit is the revoker's");
    assert!(world.state.revocations.is_empty());
    assert_eq!(world.reclaim(STRANGER, TOKEN), Err(AccessError::TokenNotRevoked));
}

#[test]
fn the_time_before_which_all_tokens_are_dead_only_rises() {
    let mut world = World::new();
    let before = |before_ms| AccessOperation::RevokeTokensBefore { device: DEVICE, before_ms };
    let now = world.now_ms;
    world.refuses(OWNER, before(0), AccessError::InvalidTime);
    world.refuses(OWNER, before(now + bounds::CLOCK_SKEW_MAX_MS + 1), AccessError::InvalidTime);
    world.must(OWNER, before(now));
    world.refuses(OWNER, before(now), AccessError::InvalidTime);
    world.refuses(OWNER, before(now - 1), AccessError::InvalidTime);
    world.must(OWNER, before(now + bounds::CLOCK_SKEW_MAX_MS));
    assert_eq!(world.entitlements(Status::Active).tokens_before_ms, now + bounds::CLOCK_SKEW_MAX_MS);
}
