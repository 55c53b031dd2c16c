//! Revoked tokens: known, not known, forgotten, dead.

use marque_primitives::{
    AccountId, TimestampMs,
    access::{AccessChange, AccessLogEntry},
    blake2b_256, bounds,
    token::{SignedToken, VerifyError},
};

use super::{
    super::{Answer, Changes, Limits, Question, Unverified, View},
    LIMITS, SAMPLE, SKEW_MS, START_MS, at, begin,
    chain::{Act, Chain, Sample},
    device_id, verify, verify_token,
};
use crate::chain::BlockRef;

/// An entry of the access contract's log that revokes a token of this number.
fn revocation(number: usize, at_ms: u64) -> (u32, AccessLogEntry) {
    let token = blake2b_256(format!("token-{number}").as_bytes());
    let change = AccessChange::TokenRevoked { token, expires_ms: START_MS + 86_400_000 };
    (0, AccessLogEntry { at_ms, actor: AccountId([0; 32]), change })
}

fn revoke(view: &mut View, numbers: std::ops::Range<usize>, time_ms: u64) {
    let number = view.block().number + 1;
    let block = BlockRef { number, hash: [number as u8; 32] };
    let issuers = numbers.map(|number| revocation(number, time_ms)).collect();
    view.apply(&Changes { block, time_ms, devices: vec![], issuers }).unwrap();
}

#[test]
fn what_made_room_is_asked_for_again_and_never_taken_for_good() {
    let (_, mut view) = begin(Limits { tokens_max: 10, ..LIMITS });
    let now_ms = START_MS + 12_000;
    revoke(&mut view, 0..1, now_ms);
    assert_eq!(verify(&view, &SAMPLE, at(now_ms)), Err(Unverified::Refused(VerifyError::TokenRevoked)));
    revoke(&mut view, 1..11, now_ms);
    let token = blake2b_256(b"token-0");
    let question = Question::Token { issuer: 0, token };
    assert_eq!(verify(&view, &SAMPLE, at(now_ms)), Err(Unverified::Missing(vec![question])));
    assert_eq!(view.status(&at(now_ms)).revoked_tokens, 10);
    view.ask(question);
    assert!(view.answer(&question, Answer::Token(true)));
    assert_eq!(verify(&view, &SAMPLE, at(now_ms)), Err(Unverified::Refused(VerifyError::TokenRevoked)));
}

#[test]
fn a_token_that_was_cleared_and_then_revoked_is_never_good_again() {
    let (_, mut view) = begin(Limits { tokens_max: 3, ..LIMITS });
    let now_ms = START_MS + 12_000;
    let token = blake2b_256(b"token-0");
    let question = Question::Token { issuer: 0, token };
    view.ask(question);
    assert!(view.answer(&question, Answer::Token(false)));
    for numbers in [0..1, 1..4] {
        revoke(&mut view, numbers, now_ms);
        let outcome = verify(&view, &SAMPLE, at(now_ms));
        assert!(outcome.is_err(), "revoked, or to be asked for: {outcome:?}");
    }
}

#[test]
fn revoked_tokens_are_kept_until_they_are_dead_and_no_longer() {
    let (_, mut view) = begin(LIMITS);
    let revoked_ms = START_MS + 12_000;
    revoke(&mut view, 0..5, revoked_ms);
    let dead_ms = revoked_ms + bounds::TOKEN_LIFETIME_MAX_MS + 4 * SKEW_MS;
    revoke(&mut view, 0..0, dead_ms - 1);
    assert_eq!(view.status(&at(dead_ms)).revoked_tokens, 5);
    revoke(&mut view, 0..0, dead_ms);
    assert_eq!(view.status(&at(dead_ms)).revoked_tokens, 0);
}

/// A chain with an authorization server and a device in block 1, and a view from there on that knows them.
fn begin_later() -> (Chain, View) {
    let mut chain = Chain::new(vec![SAMPLE.token(0)]);
    chain.make_block(6, &[Act::RegisterIssuer, Act::Register(1)]);
    let origin = chain.origin(1);
    let mut view = View::begin(origin, at(origin.time_ms), LIMITS);
    for question in [Question::Issuer(0), Question::Device(device_id(1))] {
        answer(&chain, &mut view, question);
    }
    (chain, view)
}

fn answer(chain: &Chain, view: &mut View, question: Question) {
    view.ask(question);
    assert!(view.answer(&question, chain.head().state.answer(&question)));
}

/// What has to be asked about a token.
fn missing(view: &View, token: &SignedToken, now_ms: TimestampMs) -> Vec<Question> {
    match verify_token(view, token, at(now_ms)) {
        Err(Unverified::Missing(questions)) => questions,
        Ok(()) => vec![],
        Err(other) => panic!("{other:?}"),
    }
}

/// A token that was issued then, with an id of its own.
fn issued(issued_ms: TimestampMs) -> SignedToken {
    Sample { issued_s: (issued_ms - START_MS) / 1000, ..SAMPLE }.token(1)
}

#[test]
fn a_view_that_began_later_asks_for_each_token_for_a_day() {
    let (chain, mut view) = begin_later();
    let start_ms = chain.head().changes.time_ms;
    let known_ms = start_ms + bounds::TOKEN_LIFETIME_MAX_MS + 4 * SKEW_MS;
    for time_ms in [start_ms + SKEW_MS, known_ms - 1] {
        revoke(&mut view, 0..0, time_ms);
        let token = issued(time_ms);
        let question = Question::Token { issuer: 0, token: blake2b_256(token.claims.token_id.as_bytes()) };
        assert_eq!(missing(&view, &token, time_ms), [question]);
        let mut view = begin_later().1;
        answer(&chain, &mut view, question);
        assert_eq!(missing(&view, &token, time_ms), [], "it is asked for once");
    }
    revoke(&mut view, 0..0, known_ms);
    assert_eq!(missing(&view, &issued(known_ms), known_ms), [], "all revocations that matter are known");
}

#[test]
fn the_tokens_that_a_device_got_before_a_view_began_may_all_be_revoked() {
    let (chain, view) = begin_later();
    let start_ms = chain.head().changes.time_ms;
    let question = Question::TokensBefore { issuer: 0, device: device_id(1) };
    // Whoever revoked them may have a clock that is ahead.
    for (issued_ms, is_asked) in [(start_ms, true), (start_ms + SKEW_MS - 1000, true), (start_ms + SKEW_MS, false)] {
        let questions = missing(&view, &issued(issued_ms), issued_ms);
        assert_eq!(questions.contains(&question), is_asked, "issued {} ms after", issued_ms - start_ms);
    }
}

#[test]
fn before_which_time_a_devices_tokens_are_revoked_may_be_forgotten_and_is_asked_for_then() {
    let (mut chain, mut view) = begin(Limits { tokens_max: 3, ..LIMITS });
    for device in 1..5 {
        chain.make_block(6, &[Act::RevokeBefore(0, device, false)]);
        view.apply(&chain.head().changes).unwrap();
    }
    let now_ms = chain.head().changes.time_ms;
    let question = Question::TokensBefore { issuer: 0, device: device_id(1) };
    assert_eq!(missing(&view, &SAMPLE.token(0), now_ms), [question]);
    assert_eq!(missing(&view, &issued(now_ms + SKEW_MS), now_ms), [], "none that is issued from now on is concerned");
    answer(&chain, &mut view, question);
    assert_eq!(verify(&view, &SAMPLE, at(now_ms)), Err(Unverified::Refused(VerifyError::TokenRevoked)));
}
