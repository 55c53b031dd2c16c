use super::*;
use crate::store::{Change, Remembered};

async fn store(folder: &tempfile::TempDir) -> SqliteStore {
    SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap()
}

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

#[tokio::test]
async fn what_may_be_used_once_is_until_it_expires_across_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(&folder).await;
    assert_eq!(first.commit(uses(&[1], 0, 5000)).await.unwrap(), DONE);
    assert_eq!(first.commit(uses(&[1], 0, 5000)).await.unwrap(), Outcome::UsedBefore { place: 0 });
    assert_eq!(first.commit(uses(&[2, 1], 0, 5000)).await.unwrap(), Outcome::UsedBefore { place: 1 });
    assert_eq!(first.commit(uses(&[2, 2], 0, 5000)).await.unwrap(), Outcome::UsedBefore { place: 1 });
    assert_eq!(first.commit(uses(&[2], 0, 5000)).await.unwrap(), DONE, "it was not used by what did not happen");
    assert_eq!(first.check_log().await.unwrap(), 2, "what did not happen is not written down");
    first.close().await;
    let again = store(&folder).await;
    assert_eq!(again.commit(uses(&[1], 4999, 5000)).await.unwrap(), Outcome::UsedBefore { place: 0 });
    assert_eq!(again.commit(uses(&[1], 5000, 9000)).await.unwrap(), DONE, "it was forgotten when it had expired");
}

#[tokio::test]
async fn of_many_at_once_one_is_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let all = (0..600).map(|_| store.commit(uses(&[1], 0, 1000)));
    let outcomes = futures::future::try_join_all(all).await.unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == DONE).count(), 1);
    assert_eq!(store.check_log().await.unwrap(), 1);
}

#[tokio::test]
async fn settings_change_by_those_who_know_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
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

#[tokio::test]
async fn a_revoked_token_is_known_until_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
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
    store.commit(revoke(2, 20_000, 10_000)).await.unwrap();
    assert!(!store.is_token_revoked([1; 32]).await.unwrap(), "it has expired by itself");
}

#[tokio::test]
async fn a_number_out_of_range_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let (bad, good) = tokio::join!(store.commit(uses(&[1], 0, u64::MAX)), store.commit(uses(&[1], 0, 1)));
    assert!(matches!(bad, Err(StoreError::OutOfRange)));
    assert_eq!(good.unwrap(), DONE);
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    store.commit(event("a")).await.unwrap();
    let modes =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().permissions().mode());
    let modes: Vec<u32> = modes.map(|mode| mode & 0o777).collect();
    assert!(modes.len() > 1 && modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
}

#[tokio::test]
async fn the_log_goes_on_across_restarts_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(&folder).await;
    futures::future::try_join_all((0..8).map(|n| first.commit(event(&format!("{n}"))))).await.unwrap();
    first.close().await;
    let again = store(&folder).await;
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

#[tokio::test]
async fn old_entries_go_and_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for at_ms in [10, 20, 15, 30] {
        store.commit(Step { now_ms: at_ms, ..event("e") }).await.unwrap();
    }
    assert_eq!(store.drop_entries(10).await.unwrap(), 0);
    assert_eq!(store.drop_entries(20).await.unwrap(), 1, "the one of 15 follows one that stays");
    assert_eq!(store.check_log().await.unwrap(), 4);
    assert_eq!(store.drop_entries(100).await.unwrap(), 3);
    store.commit(event("next")).await.unwrap();
    assert_eq!(store.check_log().await.unwrap(), 5);
    sqlx::query("UPDATE log_start SET hash = zeroblob(32)").execute(&store.pool).await.unwrap();
    assert!(matches!(store.check_log().await, Err(StoreError::LogBroken { number: 5 })));
}

#[tokio::test]
async fn a_log_that_was_changed_shows() {
    for (change, first_bad) in [
        ("UPDATE log SET body = 'x' WHERE number = 2", 2),
        ("UPDATE log SET published_ms = 7 WHERE number = 3", 3),
        ("DELETE FROM log WHERE number = 1", 1),
        ("DELETE FROM log WHERE number = 2", 2),
        ("UPDATE log SET hash = (SELECT hash FROM log WHERE number = 1) WHERE number = 2", 2),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        for body in ["a", "b", "c"] {
            store.commit(event(body)).await.unwrap();
        }
        sqlx::query(change).execute(&store.pool).await.unwrap();
        let checked = store.check_log().await;
        assert!(
            matches!(checked, Err(StoreError::LogBroken { number }) if number == first_bad),
            "{change}: {checked:?}"
        );
    }
}
