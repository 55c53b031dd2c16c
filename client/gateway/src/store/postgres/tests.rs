use futures::future::{join_all, try_join_all};

use super::*;
use crate::{
    limit::Counters,
    store::{
        Change, Kind, Remembered,
        conformance::{Place, conformance},
    },
};

#[path = "../../../tests/support/postgres.rs"]
mod server;

use server::{PostgresServer, database};

/// The URL of a database.
struct Database(String);

impl Place for Database {
    type Store = PostgresStore;

    async fn new() -> Self {
        Self(database().await)
    }

    async fn open(&self) -> PostgresStore {
        PostgresStore::connect(&self.0).await.unwrap()
    }

    async fn close(store: &PostgresStore) {
        store.close().await;
    }

    async fn tamper(&self, statement: &str) {
        sqlx::query(statement).execute(&mut self.connection().await).await.unwrap();
    }
}

impl Database {
    /// Somebody else at the same database.
    async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.0).await.unwrap()
    }
}

conformance!(Database);

fn uses(id: u8) -> Step {
    Step { uses: vec![Remembered { id: [id; 32], expires_ms: 1000 }], ..Step::default() }
}

const DONE: Outcome = Outcome::Done { revision: 0 };

#[tokio::test]
async fn replicas_start_at_once_and_write_one_chain() {
    let place = Database::new().await;
    let stores = join_all((0..3).map(|_| place.open())).await;
    // In turns of any size: each store commits on its own, while the others do.
    let all = (0..60).flat_map(|id| stores.iter().map(move |store| store.commit(uses(id))));
    let outcomes = try_join_all(all).await.unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == DONE).count(), 60, "each counts once");
    for store in &stores {
        assert_eq!(store.check_log().await.unwrap(), 60);
    }
}

#[tokio::test]
async fn what_one_replica_changes_is_old_for_another_at_once() {
    let place = Database::new().await;
    let (one, other) = (place.open().await, place.open().await);
    let change = |revision, id: &str| Step {
        revision: Some(revision),
        changes: vec![Change::Put(Document { kind: Kind::Zone, id: id.into(), body: "{}".into() })],
        ..Step::default()
    };
    assert_eq!(one.commit(change(0, "a")).await.unwrap(), Outcome::Done { revision: 1 });
    assert_eq!(other.commit(change(0, "b")).await.unwrap(), Outcome::Outdated);
    let all = (0..20).flat_map(|n| [&one, &other].map(|store| store.commit(change(1, &n.to_string()))));
    let outcomes = try_join_all(all).await.unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome != Outcome::Outdated).count(), 1);
    assert_eq!((one.revision().await.unwrap(), other.documents().await.unwrap().1.len()), (2, 2));
}

#[tokio::test]
async fn entries_are_dropped_while_others_are_written_and_checked() {
    let place = Database::new().await;
    let (one, other) = (place.open().await, place.open().await);
    try_join_all((0..100).map(|_| one.commit(Step::default()))).await.unwrap();
    let later = (0..100).map(|_| one.commit(Step { now_ms: 5, ..Step::default() }));
    let (written, dropped, checked) =
        tokio::join!(try_join_all(later), other.drop_entries(5), join_all((0..10).map(|_| other.check_log())));
    assert_eq!((written.unwrap().len(), dropped.unwrap()), (100, 100));
    assert!(checked.iter().all(Result::is_ok), "{checked:?}");
    assert_eq!(other.check_log().await.unwrap(), 200);
}

/// Whoever else is at the database may get in the way: the two can only both come to an end when one of them begins anew.
#[tokio::test]
async fn a_deadlock_is_tried_again() {
    let place = Database::new().await;
    let store = place.open().await;
    let mut other = place.connection().await;
    sqlx::query("SET deadlock_timeout = '1min'").execute(&mut other).await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE used").execute(&mut *transaction).await.unwrap();
    let (committed, ()) = tokio::join!(store.commit(uses(1)), async {
        let mut watch = place.connection().await;
        let waits =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watch).await.unwrap() == 0 {}
        // The store has the lock of those who write, and waits for the table.
        sqlx::query("SELECT number FROM revision FOR UPDATE").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    });
    assert_eq!(committed.unwrap(), DONE);
    assert_eq!(store.check_log().await.unwrap(), 1);
}

#[tokio::test]
async fn who_keeps_the_others_from_writing_is_not_waited_for_without_end() {
    let place = Database::new().await;
    let store = place.open().await;
    let mut other = place.connection().await;
    let mut transaction = other.begin().await.unwrap();
    sqlx::query("SELECT number FROM revision FOR UPDATE").execute(&mut *transaction).await.unwrap();
    assert!(matches!(store.commit(uses(1)).await, Err(StoreError::Busy)));
    assert!(!store.is_token_revoked([1; 32]).await.unwrap(), "who reads does not wait");
    transaction.rollback().await.unwrap();
    assert_eq!(store.commit(uses(1)).await.unwrap(), DONE);
    assert_eq!(store.check_log().await.unwrap(), 1);
}

#[tokio::test]
async fn connections_that_are_cut_are_made_again() {
    let place = Database::new().await;
    let store = place.open().await;
    assert_eq!(store.commit(uses(1)).await.unwrap(), DONE);
    place
        .tamper(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    assert_eq!(store.commit(uses(1)).await.unwrap(), Outcome::UsedBefore { place: 0 });
    assert_eq!(store.commit(uses(2)).await.unwrap(), DONE);
}

#[tokio::test]
async fn a_database_that_is_gone_keeps_nothing_and_comes_back() {
    let mut server = PostgresServer::start();
    let store = PostgresStore::connect(&server.database().await).await.unwrap();
    assert_eq!(store.commit(uses(1)).await.unwrap(), DONE);
    server.stop();
    let (committed, ready, revoked) =
        tokio::join!(store.commit(uses(2)), store.ensure_ready(), store.is_token_revoked([1; 32]));
    assert!(matches!(committed, Err(StoreError::Database(_))), "{committed:?}");
    assert!(ready.is_err() && revoked.is_err());
    server.resume();
    assert_eq!(store.commit(uses(1)).await.unwrap(), Outcome::UsedBefore { place: 0 });
    assert_eq!(store.commit(uses(2)).await.unwrap(), DONE);
    assert_eq!(store.check_log().await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_written_is_on_disk_whatever_is_usual_there() {
    let place = Database::new().await;
    place
        .tamper(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
        )
        .await;
    let store = place.open().await;
    let show = sqlx::query_scalar::<_, String>("SHOW synchronous_commit").fetch_one(&store.writing).await.unwrap();
    assert_eq!(show, "on");
}

#[tokio::test]
async fn a_password_is_shown_nowhere() {
    let place = Database::new().await;
    let password = url::Url::parse(&place.0).unwrap().password().unwrap().to_owned();
    assert!(!format!("{:?}", place.open().await).contains(&password));
    for wrong in
        [format!("{}_none", place.0), place.0.replacen("marque:", "other:", 1), place.0.replace("%2F", "%2Fno")]
    {
        let refused = PostgresStore::connect(&wrong).await.unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains(&password), "{refused:?}");
    }
    let wrong = place.0.replacen(&password, "mistaken", 1);
    let refused = PostgresStore::connect(&wrong).await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("mistaken"), "{refused:?}");
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let place = Database::new().await;
    place.open().await.close().await;
    place
        .tamper(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (1000, 'newer', true, '', 0)",
        )
        .await;
    assert!(matches!(PostgresStore::connect(&place.0).await, Err(StoreError::Migration(_))));
}

#[tokio::test]
async fn replicas_count_together() {
    let place = Database::new().await;
    let (one, other) = (place.open().await, place.open().await);
    let all = (0..50).flat_map(|_| [&one, &other].map(|store| store.add([1; 32], 60_000, 0)));
    let mut counts = try_join_all(all).await.unwrap();
    counts.sort_unstable();
    assert!(counts.into_iter().eq(1..=100), "each is counted once");
    assert_eq!(one.add([2; 32], 60_000, 0).await.unwrap(), 1, "another is another");
    assert_eq!(other.add([1; 32], 60_000, 59_999).await.unwrap(), 101);
    assert_eq!(other.add([1; 32], 120_000, 60_000).await.unwrap(), 1, "it has ended");
    assert!(matches!(one.add([1; 32], u64::MAX, 0).await, Err(StoreError::OutOfRange)));
}

#[tokio::test]
async fn what_was_counted_is_forgotten_a_while_after_it_has_ended() {
    let place = Database::new().await;
    let store = place.open().await;
    let kept = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM counters").fetch_one(&mut place.connection().await).await.unwrap()
    };
    for bucket in 0..3 {
        store.add([bucket; 32], 60_000, 0).await.unwrap();
    }
    store.add([9; 32], 180_000, 119_999).await.unwrap();
    assert_eq!(kept().await, 4, "another's clock may be behind");
    store.add([9; 32], 180_000, 130_000).await.unwrap();
    assert_eq!(kept().await, 1);
}
