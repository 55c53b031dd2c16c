//! The one that writes. Steps that come while it writes wait, and are written together next: the disk is waited for once for all of them.

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use tokio::sync::{mpsc, oneshot};

use super::{Change, Outcome, Step, StoreError, signed};

/// The most steps that are written together.
const BATCH_MAX: usize = 256;
/// The most steps that wait.
const WAITING_MAX: usize = 4096;
/// How often what has expired is forgotten, in milliseconds.
const FORGET_EVERY_MS: u64 = 1000;
/// How long after it has expired, by the clock of whoever forgets, in milliseconds. The clocks of other replicas may be behind by this.
pub(super) const FORGET_AFTER_MS: u64 = 60_000;
/// The longest id of a document, in bytes: an index of PostgreSQL takes no more than 2700.
const ID_BYTES_MAX: usize = 1024;

type Answer = oneshot::Sender<Result<Outcome, StoreError>>;

/// What steps are written to.
pub(super) trait Database: Send + Sync + 'static {
    /// Takes steps one after the other, all in one transaction, having forgotten what has expired at a time, if one is given.
    fn write<'a>(
        &'a self,
        steps: &'a [Step],
        forget_ms: Option<TimestampMs>,
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>>;
}

/// Takes steps to the task that writes them.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<(Step, Answer)>);

impl Writer {
    /// Starts the task. It ends when nobody can send it steps any more.
    pub(super) fn start(database: impl Database) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(database, receiver));
        Self(sender)
    }

    pub(super) async fn commit(&self, step: Step) -> Result<Outcome, StoreError> {
        ensure_fit(&step)?;
        let (answer, answered) = oneshot::channel();
        self.0.try_send((step, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// A step that a database would refuse must not fail those that are written with it. PostgreSQL has no NUL in texts.
fn ensure_fit(step: &Step) -> Result<(), StoreError> {
    let times = step.uses.iter().chain(&step.revoked_tokens).map(|remembered| remembered.expires_ms);
    times.chain([step.now_ms]).try_for_each(|at_ms| signed(at_ms).map(drop))?;
    let changes_fit = step.changes.iter().all(|change| match change {
        Change::Put(document) => {
            document.id.len() <= ID_BYTES_MAX && !has_nul(&document.id) && !has_nul(&document.body)
        }
        Change::Remove { id, .. } => !has_nul(id),
    });
    if changes_fit && !has_nul(&step.event) { Ok(()) } else { Err(StoreError::OutOfRange) }
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

async fn run(database: impl Database, mut receiver: mpsc::Receiver<(Step, Answer)>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut forgotten_ms: TimestampMs = 0;
    while receiver.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (steps, answers): (Vec<Step>, Vec<Answer>) = batch.drain(..).unzip();
        let now_ms = steps.iter().map(|step| step.now_ms).max().unwrap_or_default();
        let is_due = forgotten_ms.saturating_add(FORGET_EVERY_MS) <= now_ms;
        let outcomes = match database.write(&steps, is_due.then(|| now_ms.saturating_sub(FORGET_AFTER_MS))).await {
            Ok(outcomes) => {
                forgotten_ms = if is_due { now_ms } else { forgotten_ms };
                outcomes.into_iter().map(Ok).collect()
            }
            Err(error) => vec![Err(error); answers.len()],
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Who asked may have gone away meanwhile.
            drop(answer.send(outcome));
        }
    }
}
