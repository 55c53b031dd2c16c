//! The one that writes. Steps that come while it writes wait, and are written together next: the disk is waited for once for all of them.

use marque_sdk::primitives::TimestampMs;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::{
    super::{Change, Outcome, Remembered, Step, StoreError, signed, unsigned},
    log::{self, Tail},
};

/// The most steps that are written together.
const BATCH_MAX: usize = 256;
/// The most steps that wait.
const WAITING_MAX: usize = 4096;
/// How often what has expired is forgotten, in milliseconds.
const FORGET_EVERY_MS: u64 = 1000;

type Answer = oneshot::Sender<Result<Outcome, StoreError>>;

/// Takes steps to the task that writes them.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<(Step, Answer)>);

impl Writer {
    /// Starts the task. It ends when nobody can send it steps any more.
    pub(super) fn start(pool: SqlitePool) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(pool, receiver));
        Self(sender)
    }

    pub(super) async fn commit(&self, step: Step) -> Result<Outcome, StoreError> {
        ensure_in_range(&step)?;
        let (answer, answered) = oneshot::channel();
        self.0.try_send((step, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// A step that the database would refuse must not fail those that are written with it.
fn ensure_in_range(step: &Step) -> Result<(), StoreError> {
    let times = step.uses.iter().chain(&step.revoked_tokens).map(|remembered| remembered.expires_ms);
    times.chain([step.now_ms]).try_for_each(|at_ms| signed(at_ms).map(drop))
}

async fn run(pool: SqlitePool, mut receiver: mpsc::Receiver<(Step, Answer)>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut forgotten_ms = 0;
    while receiver.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (steps, answers): (Vec<Step>, Vec<Answer>) = batch.drain(..).unzip();
        let outcomes = match write(&pool, &steps, &mut forgotten_ms).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error); answers.len()],
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Who asked may have gone away meanwhile.
            drop(answer.send(outcome));
        }
    }
}

async fn write(pool: &SqlitePool, steps: &[Step], forgotten_ms: &mut TimestampMs) -> Result<Vec<Outcome>, StoreError> {
    // Begins as a writer, so that nothing changes between what is read and what is written.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let now_ms = steps.iter().map(|step| step.now_ms).max().unwrap_or_default();
    let is_due = forgotten_ms.saturating_add(FORGET_EVERY_MS) <= now_ms;
    if is_due {
        forget(&mut transaction, now_ms).await?;
    }
    let mut state = State { tail: log::tail(&mut transaction).await?, revision: revision(&mut transaction).await? };
    let mut outcomes = Vec::with_capacity(steps.len());
    for step in steps {
        outcomes.push(take(&mut transaction, step, &mut state).await?);
    }
    transaction.commit().await?;
    if is_due {
        *forgotten_ms = now_ms;
    }
    Ok(outcomes)
}

pub(super) async fn revision(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    unsigned(sqlx::query_scalar("SELECT number FROM revision").fetch_one(connection).await?)
}

async fn forget(connection: &mut SqliteConnection, now_ms: TimestampMs) -> Result<(), StoreError> {
    for statement in ["DELETE FROM used WHERE expires_ms <= ?", "DELETE FROM revoked_tokens WHERE expires_ms <= ?"] {
        sqlx::query(statement).bind(signed(now_ms)?).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What the next step follows.
struct State {
    tail: Tail,
    revision: u64,
}

async fn take(connection: &mut SqliteConnection, step: &Step, state: &mut State) -> Result<Outcome, StoreError> {
    if step.revision.is_some_and(|revision| revision != state.revision) {
        return Ok(Outcome::Outdated);
    }
    for (place, used) in step.uses.iter().enumerate() {
        if !use_up(connection, used, step.now_ms).await? {
            give_back(connection, &step.uses[..place]).await?;
            return Ok(Outcome::UsedBefore { place });
        }
    }
    for token in &step.revoked_tokens {
        let insert = "INSERT INTO revoked_tokens (id, expires_ms) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET expires_ms = max(expires_ms, excluded.expires_ms)";
        let insert = sqlx::query(insert).bind(&token.id[..]).bind(signed(token.expires_ms)?);
        insert.execute(&mut *connection).await?;
    }
    if !step.changes.is_empty() {
        state.revision = change(connection, &step.changes, state.revision).await?;
    }
    state.tail = log::append(connection, state.tail, step.now_ms, &step.event).await?;
    Ok(Outcome::Done { revision: state.revision })
}

/// Whether it was not used before, or so long ago that it was forgotten.
async fn use_up(connection: &mut SqliteConnection, used: &Remembered, now_ms: TimestampMs) -> Result<bool, StoreError> {
    let insert = "INSERT INTO used (id, expires_ms) VALUES (?, ?)
        ON CONFLICT (id) DO UPDATE SET expires_ms = excluded.expires_ms WHERE expires_ms <= ?";
    let insert = sqlx::query(insert).bind(&used.id[..]).bind(signed(used.expires_ms)?).bind(signed(now_ms)?);
    Ok(insert.execute(connection).await?.rows_affected() == 1)
}

async fn give_back(connection: &mut SqliteConnection, uses: &[Remembered]) -> Result<(), StoreError> {
    for used in uses {
        sqlx::query("DELETE FROM used WHERE id = ?").bind(&used.id[..]).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn change(connection: &mut SqliteConnection, changes: &[Change], revision: u64) -> Result<u64, StoreError> {
    for change in changes {
        let statement = match change {
            Change::Put(document) => {
                let put = "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)
                    ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body";
                sqlx::query(put).bind(document.kind.name()).bind(&document.id).bind(&document.body)
            }
            Change::Remove { kind, id } => {
                sqlx::query("DELETE FROM documents WHERE kind = ? AND id = ?").bind(kind.name()).bind(id)
            }
        };
        statement.execute(&mut *connection).await?;
    }
    let revision = revision.checked_add(1).ok_or(StoreError::OutOfRange)?;
    sqlx::query("UPDATE revision SET number = ?").bind(signed(revision)?).execute(connection).await?;
    Ok(revision)
}
