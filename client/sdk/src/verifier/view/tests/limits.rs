//! What a view forgets, how old it may be, and what it does not put up with.

use marque_primitives::{AccountId, Change, Device, LogEntry, Status, token::VerifyError};

use super::{
    super::{Answer, Changes, Contradiction, Limits, Question, Unfit, Unverified, View},
    LIMITS, SAMPLE, SKEW_MS, START_MS, at, begin,
    chain::{Act, Chain, Sample},
    device_id, verify,
};
use crate::{chain::BlockRef, verifier::Moment};

#[test]
fn a_view_from_the_beginning_asks_for_nothing() {
    let (chain, view) = begin(LIMITS);
    assert_eq!(verify(&view, &SAMPLE, at(chain.head().changes.time_ms)), Ok(()));
}

#[test]
fn a_view_that_nobody_confirms_grows_too_old_and_says_so() {
    let (chain, mut view) = begin(Limits { age_max_ms: 60_000, ..LIMITS });
    let block = chain.head().changes.block;
    assert_eq!(verify(&view, &SAMPLE, at(START_MS + 60_000)), Ok(()));
    let stale = |age_ms| Err(Unverified::Unfit(Unfit::Stale { age_ms, max_ms: 60_000 }));
    assert_eq!(verify(&view, &SAMPLE, at(START_MS + 60_001)), stale(60_001));
    view.heard(block, at(START_MS + 70_000)).unwrap();
    assert_eq!(verify(&view, &SAMPLE, at(START_MS + 130_000)), Ok(()));
    assert_eq!(verify(&view, &SAMPLE, at(START_MS + 130_001)), stale(60_001));
    assert_eq!(view.status(&at(START_MS + 130_001)).age_ms, 60_001);
}

#[test]
fn setting_the_clock_back_makes_no_view_younger() {
    let (chain, mut view) = begin(Limits { age_max_ms: 60_000, ..LIMITS });
    view.heard(chain.head().changes.block, at(START_MS + 10_000)).unwrap();
    let set_back = Moment { wall_ms: START_MS + 10_000, uptime_ms: START_MS + 80_000 };
    let stale = Err(Unverified::Unfit(Unfit::Stale { age_ms: 70_000, max_ms: 60_000 }));
    assert_eq!(verify(&view, &SAMPLE, set_back), stale);
}

#[test]
fn a_clock_that_is_behind_the_chain_verifies_nothing() {
    let (chain, view) = begin(LIMITS);
    let time_ms = chain.head().changes.time_ms;
    let with_skew = Moment { wall_ms: time_ms - SKEW_MS, uptime_ms: time_ms };
    assert_eq!(verify(&view, &SAMPLE, with_skew), Ok(()));
    let behind = Moment { wall_ms: time_ms - SKEW_MS - 1, uptime_ms: time_ms };
    let unfit = Unfit::ClockBehind { behind_ms: SKEW_MS + 1, max_ms: SKEW_MS };
    assert_eq!(verify(&view, &SAMPLE, behind), Err(Unverified::Unfit(unfit)));
}

#[test]
fn an_old_block_is_refused_where_blocks_are_expected() {
    let (chain, mut view) = begin(Limits { block_age_max_ms: Some(30_000), ..LIMITS });
    let Changes { block, time_ms, .. } = chain.head().changes;
    view.heard(block, at(time_ms + 30_001)).unwrap();
    assert_eq!(verify(&view, &SAMPLE, at(time_ms + 30_000)), Ok(()));
    let unfit = Unfit::StaleBlock { age_ms: 30_001, max_ms: 30_000 };
    assert_eq!(verify(&view, &SAMPLE, at(time_ms + 30_001)), Err(Unverified::Unfit(unfit)));
}

#[test]
fn after_a_contradiction_nothing_is_said_any_more() {
    let other_block = BlockRef { number: 1, hash: [99; 32] };
    let next = |number, devices| {
        let block = BlockRef { number, hash: [2; 32] };
        Changes { block, time_ms: START_MS + 12_000, devices, issuers: vec![] }
    };
    let skipped = LogEntry {
        version: 3,
        epoch: 0,
        at_ms: START_MS,
        actor: AccountId([0; 32]),
        previous_block: 1,
        nonce: None,
        change: Change::EpochBumped,
    };
    type Tell = Box<dyn Fn(&mut View) -> Result<(), Contradiction>>;
    let lies: [(Tell, Contradiction); 4] = [
        (Box::new(move |view| view.heard(other_block, at(START_MS))), Contradiction::OtherBlock { number: 1 }),
        (Box::new(move |view| view.apply(&next(1, vec![]))), Contradiction::Gap { last: 1, found: 1 }),
        (Box::new(move |view| view.apply(&next(3, vec![]))), Contradiction::Gap { last: 1, found: 3 }),
        (
            Box::new(move |view| view.apply(&next(2, vec![(device_id(1), skipped.clone())]))),
            Contradiction::MissingChange { block: 2 },
        ),
    ];
    for (tell, contradiction) in lies {
        let (mut chain, mut view) = begin(LIMITS);
        assert_eq!(tell(&mut view), Err(contradiction));
        let refused = Err(Unverified::Unfit(Unfit::Contradiction(contradiction)));
        assert_eq!(verify(&view, &SAMPLE, at(START_MS + 12_000)), refused);
        chain.make_block(6, &[]);
        assert_eq!(view.apply(&chain.head().changes), Err(contradiction), "not even the truth helps then");
        assert_eq!(view.heard(chain.head().changes.block, at(START_MS)), Err(contradiction));
    }
}

#[test]
fn devices_that_are_asked_for_stay_and_others_make_room() {
    let (_, mut view) = begin(Limits { devices_max: 3, ..LIMITS });
    let now = at(START_MS + 6000);
    for device in 10..60 {
        let question = Question::Device(device_id(device));
        view.ask(question);
        assert!(view.answer(&question, Answer::Device(None)));
        assert_eq!(verify(&view, &SAMPLE, now), Ok(()), "device 1 is asked for each time");
        assert!(view.status(&now).devices <= 3);
    }
}

#[test]
fn a_device_with_many_keys_takes_the_room_of_many() {
    let mut chain = Chain::new(vec![SAMPLE.token(0)]);
    let origin = chain.origin(0);
    let mut view = View::begin(origin, at(START_MS), Limits { devices_max: 4, ..LIMITS });
    chain.make_block(6, &[Act::RegisterIssuer, Act::Register(1), Act::Register(2), Act::Register(3)]);
    view.apply(&chain.head().changes).unwrap();
    assert_eq!(view.status(&at(START_MS)).devices, 3);
    chain.make_block(6, &[Act::AddKey(1, true), Act::AddKey(1, true), Act::AddKey(1, true)]);
    view.apply(&chain.head().changes).unwrap();
    assert!(view.status(&at(START_MS)).devices < 3);
}

#[test]
fn an_answer_to_something_else_is_not_taken() {
    let (chain, mut view) = begin(LIMITS);
    let question = Question::Device(device_id(2));
    assert!(!view.answer(&question, Answer::Device(None)), "nobody asked");
    view.ask(question);
    assert!(!view.answer(&question, Answer::Token(false)), "that was not the question");
    view.ask(question);
    view.withdraw(&question);
    assert!(!view.answer(&question, Answer::Device(None)), "it was withdrawn");
    let sample = Sample { device: 2, ..SAMPLE };
    let missing = Err(Unverified::Missing(vec![question]));
    assert_eq!(verify(&view, &sample, at(chain.head().changes.time_ms)), missing);
}

#[test]
fn an_answer_that_the_chain_has_overtaken_is_not_taken() {
    let (mut chain, mut view) = begin(Limits { devices_max: 1, ..LIMITS });
    let question = Question::Device(device_id(1));
    view.ask(question);
    let Answer::Device(Some(record)) = chain.head().state.answer(&question) else { panic!("it is registered") };
    let record: Device = *record;
    assert_eq!(record.status, Status::Active);
    chain.make_block(6, &[Act::RevokeDevice(1)]);
    view.apply(&chain.head().changes).unwrap();
    assert!(!view.answer(&question, Answer::Device(Some(Box::new(record)))));
    let now = at(chain.head().changes.time_ms);
    assert_eq!(verify(&view, &SAMPLE, now), Err(Unverified::Refused(VerifyError::DeviceRevoked)));
}
