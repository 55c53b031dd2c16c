//! What holds for every store. Each runs all of it against its own database.

use super::{Change, Document, Kind, LogRange, Outcome, Remembered, Step, Store, StoreError, writer::FORGET_AFTER_MS};

/// A database that a test has for itself.
pub(super) trait Place: Sized {
    type Store: Store;
    async fn new() -> Self;
    async fn open(&self) -> Self::Store;
    async fn close(store: &Self::Store);
    /// Does something to the tables behind the stores' backs.
    async fn tamper(&self, statement: &str);
}

/// All tests, at a [`Place`].
macro_rules! conformance {
    ($place:ty) => {
        $crate::store::conformance::conformance! { $place:
            what_may_be_used_once_is_until_it_expires_across_restarts
            what_expired_is_known_to_those_whose_clock_is_behind
            of_many_at_once_one_is_the_first
            settings_change_by_those_who_know_them
            what_one_step_puts_another_may_remove
            a_revoked_token_is_known_until_it_expires
            what_does_not_fit_fails_alone
            the_log_goes_on_across_restarts_and_in_order
            the_log_is_read_between_times
            old_entries_go_and_the_chain_holds
            a_log_that_was_changed_shows
            a_closed_store_fails
        }
    };
    ($place:ty: $($test:ident)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                let place = <$place as $crate::store::conformance::Place>::new().await;
                $crate::store::conformance::$test(&place).await;
            }
        )*
    };
}
pub(super) use conformance;

fn event(body: &str) -> Step {
    Step { event: body.into(), now_ms: 1, ..Step::default() }
}

fn uses(ids: &[u8], now_ms: u64, expires_ms: u64) -> Step {
    let uses = ids.iter().map(|id| Remembered { id: [*id; 32], expires_ms }).collect();
    Step { uses, now_ms, ..event("used") }
}

fn put(id: &str, body: &str) -> Change {
    Change::Put(Document { kind: Kind::Zone, id: id.into(), body: body.into() })
}

const DONE: Outcome = Outcome::Done { revision: 0 };

pub(super) async fn what_may_be_used_once_is_until_it_expires_across_restarts<P: Place>(place: &P) {
    let first = place.open().await;
    assert_eq!(first.commit(uses(&[1], 0, 5000)).await.unwrap(), DONE);
    assert_eq!(first.commit(uses(&[1], 0, 5000)).await.unwrap(), Outcome::UsedBefore { place: 0 });
    assert_eq!(first.commit(uses(&[2, 1], 0, 5000)).await.unwrap(), Outcome::UsedBefore { place: 1 });
    assert_eq!(first.commit(uses(&[2, 2], 0, 5000)).await.unwrap(), Outcome::UsedBefore { place: 1 });
    assert_eq!(first.commit(uses(&[2], 0, 5000)).await.unwrap(), DONE, "it was not used by what did not happen");
    assert_eq!(first.check_log().await.unwrap(), 2, "what did not happen is not written down");
    P::close(&first).await;
    let again = place.open().await;
    assert_eq!(again.commit(uses(&[1], 4999, 5000)).await.unwrap(), Outcome::UsedBefore { place: 0 });
    assert_eq!(again.commit(uses(&[1], 5000, 9000)).await.unwrap(), DONE, "it may be forgotten when it has expired");
}

pub(super) async fn what_expired_is_known_to_those_whose_clock_is_behind<P: Place>(place: &P) {
    let store = place.open().await;
    assert_eq!(store.commit(uses(&[1], 0, 5000)).await.unwrap(), DONE);
    assert_eq!(store.commit(uses(&[2], 4999 + FORGET_AFTER_MS, u64::from(u32::MAX))).await.unwrap(), DONE);
    assert_eq!(store.commit(uses(&[1], 4999, 5000)).await.unwrap(), Outcome::UsedBefore { place: 0 });
}

pub(super) async fn of_many_at_once_one_is_the_first<P: Place>(place: &P) {
    let store = place.open().await;
    let all = (0..600).map(|_| store.commit(uses(&[1], 0, 1000)));
    let outcomes = futures::future::try_join_all(all).await.unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == DONE).count(), 1);
    assert_eq!(store.check_log().await.unwrap(), 1);
}

pub(super) async fn settings_change_by_those_who_know_them<P: Place>(place: &P) {
    let store = place.open().await;
    let step = |revision, change| Step { revision: Some(revision), changes: vec![change], ..event("changed") };
    assert_eq!(store.commit(step(0, put("a", "1"))).await.unwrap(), Outcome::Done { revision: 1 });
    assert_eq!(store.commit(step(0, put("a", "2"))).await.unwrap(), Outcome::Outdated);
    let decided_before = Step { revision: Some(0), ..event("a token") };
    assert_eq!(store.commit(decided_before).await.unwrap(), Outcome::Outdated);
    assert_eq!(store.commit(step(1, put("b", "2"))).await.unwrap(), Outcome::Done { revision: 2 });
    let remove = Change::Remove { kind: Kind::Zone, id: "a".into() };
    assert_eq!(store.commit(step(2, remove)).await.unwrap(), Outcome::Done { revision: 3 });
    let (revision, documents) = store.documents().await.unwrap();
    assert_eq!((revision, documents.len(), documents[0].body.as_str()), (3, 1, "2"));
    assert_eq!(store.revision().await.unwrap(), 3);
    assert!(!format!("{documents:?}").contains('2'), "what a document says is not shown");
}

pub(super) async fn what_one_step_puts_another_may_remove<P: Place>(place: &P) {
    let store = place.open().await;
    let remove = |id: &str| Change::Remove { kind: Kind::Zone, id: id.into() };
    let steps =
        [vec![put("a", "1"), put("B", "1"), put("a", "2")], vec![remove("B"), put("b", "1")], vec![remove("none")]];
    let all = steps.into_iter().map(|changes| store.commit(Step { changes, ..event("changed") }));
    let outcomes = futures::future::try_join_all(all).await.unwrap();
    assert_eq!(outcomes, [1, 2, 3].map(|revision| Outcome::Done { revision }));
    let (revision, documents) = store.documents().await.unwrap();
    let said: Vec<_> = documents.iter().map(|document| (document.id.as_str(), document.body.as_str())).collect();
    assert_eq!((revision, said), (3, vec![("a", "2"), ("b", "1")]));
}

pub(super) async fn a_revoked_token_is_known_until_it_expires<P: Place>(place: &P) {
    let store = place.open().await;
    let revoke = |id: u8, expires_ms, now_ms| Step {
        revoked_tokens: vec![Remembered { id: [id; 32], expires_ms }],
        now_ms,
        ..event("revoked")
    };
    store.commit(revoke(1, 9000, 0)).await.unwrap();
    store.commit(revoke(1, 5000, 0)).await.unwrap();
    assert!(store.is_token_revoked([1; 32]).await.unwrap());
    assert!(!store.is_token_revoked([2; 32]).await.unwrap());
    store.commit(revoke(2, 20_000, 8999)).await.unwrap();
    assert!(store.is_token_revoked([1; 32]).await.unwrap(), "the later end counts");
    store.commit(revoke(2, 20_000, 8999 + FORGET_AFTER_MS)).await.unwrap();
    assert!(store.is_token_revoked([1; 32]).await.unwrap(), "another's clock may be behind");
    store.commit(revoke(2, 20_000, 10_000 + FORGET_AFTER_MS)).await.unwrap();
    assert!(!store.is_token_revoked([1; 32]).await.unwrap(), "it has expired by itself");
}

pub(super) async fn what_does_not_fit_fails_alone<P: Place>(place: &P) {
    let store = place.open().await;
    let bad = [
        uses(&[1], 0, u64::MAX),
        event("\0"),
        Step { changes: vec![put("a", "\0")], ..event("put") },
        Step { changes: vec![put("\0", "a")], ..event("put") },
        Step { changes: vec![put(&"a".repeat(1025), "a")], ..event("put") },
        Step { changes: vec![Change::Remove { kind: Kind::Zone, id: "\0".into() }], ..event("remove") },
    ];
    let all_bad = futures::future::join_all(bad.into_iter().map(|step| store.commit(step)));
    let (refused, good) = tokio::join!(all_bad, store.commit(uses(&[1], 0, 1)));
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(StoreError::OutOfRange))), "{refused:?}");
    assert_eq!(good.unwrap(), DONE);
    let longest = Step { changes: vec![put(&"ü".repeat(512), "é\n\"")], ..event("ß") };
    assert_eq!(store.commit(longest).await.unwrap(), Outcome::Done { revision: 1 });
    assert_eq!(store.documents().await.unwrap().1[0].body, "é\n\"");
}

pub(super) async fn the_log_goes_on_across_restarts_and_in_order<P: Place>(place: &P) {
    let first = place.open().await;
    futures::future::try_join_all((0..8).map(|n| first.commit(event(&format!("{n}"))))).await.unwrap();
    P::close(&first).await;
    let again = place.open().await;
    again.commit(event("last")).await.unwrap();
    assert_eq!(again.check_log().await.unwrap(), 9);
    let numbers = async |range| {
        let entries = again.entries(range).await.unwrap();
        entries.iter().map(|entry| entry.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(LogRange::past(7, 10)).await, [8, 9]);
    let last_first = LogRange { past: None, descending: true, ..LogRange::past(0, 2) };
    assert_eq!(numbers(last_first).await, [9, 8]);
    assert_eq!(numbers(LogRange { past: Some(8), ..last_first }).await, [7, 6]);
    assert_eq!(numbers(LogRange { since_ms: 2, ..LogRange::past(0, 10) }).await, [0; 0]);
}

pub(super) async fn the_log_is_read_between_times<P: Place>(place: &P) {
    let store = place.open().await;
    for at_ms in [10, 20, 15, 30] {
        store.commit(Step { now_ms: at_ms, ..event("e") }).await.unwrap();
    }
    let range = LogRange { since_ms: 15, until_ms: 30, ..LogRange::past(0, 10) };
    let entries = store.entries(range).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.published_ms).collect::<Vec<_>>(), [20, 15]);
    let too_late = LogRange { since_ms: u64::MAX, ..range };
    assert!(matches!(store.entries(too_late).await, Err(StoreError::OutOfRange)));
}

pub(super) async fn old_entries_go_and_the_chain_holds<P: Place>(place: &P) {
    let store = place.open().await;
    for at_ms in [10, 20, 15, 30] {
        store.commit(Step { now_ms: at_ms, ..event("e") }).await.unwrap();
    }
    assert_eq!(store.drop_entries(10).await.unwrap(), 0);
    assert_eq!(store.drop_entries(20).await.unwrap(), 1, "the one of 15 follows one that stays");
    assert_eq!(store.check_log().await.unwrap(), 4);
    assert_eq!(store.drop_entries(100).await.unwrap(), 3);
    store.commit(event("next")).await.unwrap();
    assert_eq!(store.check_log().await.unwrap(), 5);
    place.tamper("UPDATE log_start SET hash = (SELECT hash FROM log WHERE number = 5)").await;
    assert!(matches!(store.check_log().await, Err(StoreError::LogBroken { number: 5 })));
}

pub(super) async fn a_log_that_was_changed_shows<P: Place>(_: &P) {
    for (change, first_bad) in [
        ("UPDATE log SET body = 'x' WHERE number = 2", 2),
        ("UPDATE log SET published_ms = 7 WHERE number = 3", 3),
        ("DELETE FROM log WHERE number = 1", 1),
        ("DELETE FROM log WHERE number = 2", 2),
        ("UPDATE log SET hash = (SELECT hash FROM log WHERE number = 1) WHERE number = 2", 2),
    ] {
        let place = P::new().await;
        let store = place.open().await;
        for body in ["a", "b", "c"] {
            store.commit(event(body)).await.unwrap();
        }
        place.tamper(change).await;
        let checked = store.check_log().await;
        assert!(
            matches!(checked, Err(StoreError::LogBroken { number }) if number == first_bad),
            "{change}: {checked:?}"
        );
    }
}

pub(super) async fn a_closed_store_fails<P: Place>(place: &P) {
    let store = place.open().await;
    store.ensure_ready().await.unwrap();
    P::close(&store).await;
    assert!(store.ensure_ready().await.is_err());
    assert!(store.commit(event("a")).await.is_err());
    assert_eq!(place.open().await.check_log().await.unwrap(), 0);
}
