//! Signed operations: submitter, deadline, lanes, nonces; and which keys may sign in a device's name.

use super::*;
use crate::policy::ensure_signs;
use marque_primitives::{bounds, Signature};

const SPONSOR: AccountId = AccountId([0x5f; 32]);

fn envelope(lane: u8, nonce: u64) -> Envelope {
    Envelope {
        device: World::id(),
        operation: Operation::BumpEpoch,
        signer: CONTROLLER,
        submitter: None,
        lane,
        nonce,
        deadline_ms: START_MS + 10,
    }
}

#[track_caller]
fn check(envelope: &Envelope, submitter: AccountId, expected: Result<(), Error>) {
    assert_eq!(ensure_submittable(envelope, submitter, START_MS), expected, "{envelope:?}");
}

#[test]
fn an_envelope_for_one_submitter_is_for_no_other() {
    let bound = Envelope { submitter: Some(SPONSOR), ..envelope(0, 0) };
    check(&bound, SPONSOR, Ok(()));
    check(&bound, STRANGER, Err(Error::WrongSubmitter));
    check(&bound, CONTROLLER, Err(Error::WrongSubmitter));
    check(&envelope(0, 0), STRANGER, Ok(()));
}

#[test]
fn a_deadline_is_the_last_good_time() {
    let with = |deadline_ms| Envelope { deadline_ms, ..envelope(0, 0) };
    let furthest = START_MS + bounds::DEADLINE_AHEAD_MAX_MS;
    check(&with(0), SPONSOR, Err(Error::DeadlinePassed));
    check(&with(START_MS - 1), SPONSOR, Err(Error::DeadlinePassed));
    check(&with(START_MS), SPONSOR, Ok(()));
    check(&with(furthest), SPONSOR, Ok(()));
    check(&with(furthest + 1), SPONSOR, Err(Error::DeadlineTooFar));
    check(&with(TimestampMs::MAX), SPONSOR, Err(Error::DeadlineTooFar));
}

#[test]
fn lanes_are_numbered_below_their_bound() {
    check(&envelope(bounds::LANES_MAX - 1, 0), SPONSOR, Ok(()));
    check(&envelope(bounds::LANES_MAX, 0), SPONSOR, Err(Error::InvalidLane));
    check(&envelope(u8::MAX, 0), SPONSOR, Err(Error::InvalidLane));
}

#[test]
fn the_first_error_of_an_envelope_is_given() {
    let bad = Envelope { submitter: Some(SPONSOR), deadline_ms: 0, ..envelope(u8::MAX, 9) };
    check(&bad, STRANGER, Err(Error::WrongSubmitter));
    check(&bad, SPONSOR, Err(Error::DeadlinePassed));
    let far = Envelope { deadline_ms: TimestampMs::MAX, ..bad.clone() };
    check(&far, SPONSOR, Err(Error::DeadlineTooFar));
    let good_time = Envelope { deadline_ms: START_MS, ..bad };
    check(&good_time, SPONSOR, Err(Error::InvalidLane));
}

#[test]
fn a_nonce_is_used_once_and_leaves_no_gap() {
    let mut world = World::of_account();
    assert_eq!(world.submit(envelope(0, 1), SPONSOR), Err(Error::InvalidNonce));
    for nonce in 0..3 {
        assert_eq!(world.submit(envelope(0, nonce), SPONSOR), Ok(()));
        assert_eq!(world.submit(envelope(0, nonce), SPONSOR), Err(Error::InvalidNonce), "a replay");
    }
    assert_eq!(world.submit(envelope(0, 4), SPONSOR), Err(Error::InvalidNonce));
}

#[test]
fn lanes_do_not_wait_for_each_other() {
    let mut world = World::of_account();
    for lane in [7, 0, 3] {
        assert_eq!(world.submit(envelope(lane, 0), SPONSOR), Ok(()));
    }
    assert_eq!(world.device().lanes, [1, 0, 0, 1, 0, 0, 0, 1]);
    assert_eq!(world.submit(envelope(3, 1), SPONSOR), Ok(()));
    assert_eq!(world.submit(envelope(4, 0), SPONSOR), Ok(()));
}

#[test]
fn a_refused_operation_keeps_its_nonce() {
    let mut world = World::of_account();
    let refused = Envelope { operation: Operation::Resume, ..envelope(0, 0) };
    assert_eq!(world.submit(refused, SPONSOR), Err(Error::NotSuspended));
    assert!(world.device().lanes.is_empty());
    assert_eq!(world.submit(envelope(0, 0), SPONSOR), Ok(()));
}

#[test]
fn direct_operations_use_no_nonce() {
    let mut world = World::of_account();
    world.must(CONTROLLER, Operation::BumpEpoch);
    assert!(world.device().lanes.is_empty());
    assert_eq!(world.history[1].0.nonce, None);
}

#[test]
fn a_registration_has_nonce_zero_in_any_lane_and_uses_it() {
    let registration = |lane, nonce| Envelope {
        operation: register(Controller::Account(CONTROLLER)),
        signer: key_account(0),
        ..envelope(lane, nonce)
    };
    let mut world = World::empty();
    assert_eq!(world.submit(registration(2, 1), SPONSOR), Err(Error::InvalidNonce));
    assert_eq!(world.submit(registration(2, 0), SPONSOR), Ok(()));
    assert_eq!(world.device().lanes, [0, 0, 1]);
    assert_eq!(world.submit(registration(2, 0), SPONSOR), Err(Error::InvalidNonce), "a replay");
    assert_eq!(world.submit(registration(1, 0), SPONSOR), Err(Error::AlreadyExists));
}

#[test]
fn the_last_nonce_is_never_used() {
    let mut world = World::of_account();
    world.record.as_mut().unwrap().lanes = vec![u64::MAX - 1];
    assert_eq!(world.submit(envelope(0, u64::MAX - 1), SPONSOR), Ok(()));
    assert_eq!(world.device().lanes, [u64::MAX]);
    assert_eq!(world.submit(envelope(0, u64::MAX), SPONSOR), Err(Error::Overflow));
    assert_eq!(world.submit(envelope(0, 0), SPONSOR), Err(Error::InvalidNonce));
    assert_eq!(world.submit(envelope(1, 0), SPONSOR), Ok(()), "other lanes go on");
}

#[test]
fn the_rights_are_the_signer_s_and_not_the_submitter_s() {
    let mut world = World::of_account();
    let by_stranger = Envelope { signer: STRANGER, ..envelope(0, 0) };
    assert_eq!(world.submit(by_stranger, CONTROLLER), Err(Error::NotAuthorized));
    assert_eq!(world.submit(envelope(0, 0), STRANGER), Ok(()));
    assert_eq!(world.history[1].0.actor, CONTROLLER);
}

#[test]
fn nothing_signed_reaches_a_revoked_device() {
    let mut world = World::of_account();
    assert_eq!(world.submit(envelope(0, 0), SPONSOR), Ok(()));
    world.must(CONTROLLER, Operation::Revoke);
    // The tombstone has no nonces: the old number is next again, and the status is what refuses it.
    assert_eq!(world.submit(envelope(0, 0), SPONSOR), Err(Error::Revoked));
    assert_eq!(world.submit(envelope(0, 1), SPONSOR), Err(Error::InvalidNonce));
}

#[test]
fn a_key_signs_for_an_active_device_by_its_own_scheme() {
    const ED25519_SIGNATURE: Signature = Signature::Ed25519([0; 64]);
    const SR25519_SIGNATURE: Signature = Signature::Sr25519([0; 64]);
    let mut world = World::of_account();
    world.must(CONTROLLER, add_key(1, AUTHENTICATE));
    let signs = |world: &World, account: AccountId, relationships, signature: &Signature| {
        ensure_signs(world.device(), &account, relationships, signature)
    };
    let own = key_account(1);
    assert_eq!(signs(&world, own, AUTHENTICATE, &ED25519_SIGNATURE), Ok(()));
    assert_eq!(signs(&world, own, Relationships(0), &ED25519_SIGNATURE), Ok(()));
    assert_eq!(signs(&world, own, AUTHENTICATE, &SR25519_SIGNATURE), Err(Error::KeyNotFound));
    assert_eq!(signs(&world, own, AUTHENTICATE.union(INVOKE), &ED25519_SIGNATURE), Err(Error::KeyNotFound));
    assert_eq!(signs(&world, own, Relationships(0xff), &ED25519_SIGNATURE), Err(Error::KeyNotFound));
    assert_eq!(signs(&world, CONTROLLER, AUTHENTICATE, &ED25519_SIGNATURE), Err(Error::KeyNotFound));

    let sr25519 = NewKey { public_key: SR25519[0], relationships: AUTHENTICATE };
    world.must(CONTROLLER, Operation::AddKey { key: sr25519 });
    let other = sr25519.public_key.account().unwrap();
    assert_eq!(signs(&world, other, AUTHENTICATE, &SR25519_SIGNATURE), Ok(()));
    assert_eq!(signs(&world, other, AUTHENTICATE, &ED25519_SIGNATURE), Err(Error::KeyNotFound));

    world.must(CONTROLLER, Operation::Suspend);
    assert_eq!(signs(&world, STRANGER, AUTHENTICATE, &ED25519_SIGNATURE), Err(Error::Suspended));
    world.must(CONTROLLER, Operation::Resume);
    world.must(CONTROLLER, revoke_key(1));
    assert_eq!(signs(&world, own, AUTHENTICATE, &ED25519_SIGNATURE), Err(Error::KeyNotFound));
    world.must(CONTROLLER, Operation::Revoke);
    assert_eq!(signs(&world, own, AUTHENTICATE, &ED25519_SIGNATURE), Err(Error::Revoked));
}
