//! What is not in memory, read from the chain: once for all who wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::sync::Semaphore;

use super::{
    Answer, Moment, Question, Unverified, VerifierError, View,
    shell::{Shell, Unsettled},
};
use crate::{
    access::Access,
    chain::{At, BlockRef, CallError},
};

/// Reads that are under way at once at most.
pub(super) const READS_MAX: usize = 32;
/// How often a question is asked anew because the chain overtook the answer.
const ATTEMPTS_MAX: u32 = 8;

/// A read, for all who wait for it.
pub(super) type Read = Shared<BoxFuture<'static, Result<(), VerifierError>>>;

/// Who knows the answers.
pub(super) trait Source: Send + Sync {
    /// The answer as of this block.
    fn answer(&self, question: Question, block: BlockRef) -> BoxFuture<'_, Result<Answer, CallError>>;
}

/// The reads that are under way.
pub(super) struct Reads {
    source: Box<dyn Source>,
    running: Mutex<HashMap<Question, Read>>,
    turns: Semaphore,
}

impl Reads {
    pub(super) fn new(source: Box<dyn Source>) -> Self {
        Self { source, running: Mutex::default(), turns: Semaphore::new(READS_MAX) }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<Question, Read>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shell {
    /// The reads of what a look at the view misses. It looks once more, while no read can end: the answer of one that has ended since it
    /// looked last is in the view, and is not read again.
    pub(super) fn reads_for<T>(self: &Arc<Self>, look: impl Fn(&View, &Moment) -> Result<T, Unverified>) -> Vec<Read> {
        let mut running = self.reads.running();
        match self.look(look) {
            Err(Unsettled::Missing(questions)) => {
                questions.into_iter().map(|question| self.read(&mut running, question)).collect()
            }
            Ok(_) | Err(Unsettled::Final(_)) => Vec::new(),
        }
    }

    /// The read that is under way for this question, or a new one. It goes on when nobody waits any more.
    fn read(self: &Arc<Self>, running: &mut HashMap<Question, Read>, question: Question) -> Read {
        if let Some(read) = running.get(&question) {
            return read.clone();
        }
        let shell = self.clone();
        let task = tokio::spawn(async move {
            let outcome = shell.settle(question).await;
            // After its answer is in the view.
            shell.reads.running().remove(&question);
            outcome
        });
        // A task ends without an outcome only when its runtime does.
        let read = async move { task.await.unwrap_or(Err(VerifierError::Unsettled)) }.boxed().shared();
        running.insert(question, read.clone());
        read
    }

    async fn settle(&self, question: Question) -> Result<(), VerifierError> {
        let _turn = self.reads.turns.acquire().await;
        for _ in 0..ATTEMPTS_MAX {
            let block = self.view_mut()?.ask(question);
            match self.reads.source.answer(question, block).await {
                Ok(answer) => {
                    if self.view_mut()?.answer(&question, answer) {
                        return Ok(());
                    }
                }
                Err(error) => {
                    self.view_mut()?.withdraw(&question);
                    return Err(VerifierError::Read(Arc::new(error)));
                }
            }
        }
        Err(VerifierError::Unsettled)
    }
}

impl Source for Access {
    fn answer(&self, question: Question, block: BlockRef) -> BoxFuture<'_, Result<Answer, CallError>> {
        let at = At::Block(block.hash);
        async move {
            Ok(match question {
                Question::Issuer(issuer) => Answer::Issuer(self.issuer_at(issuer, at).await?),
                Question::Trust { by, of } => Answer::Trust(self.trust_at(by, of, at).await?),
                Question::Device(device) => Answer::Device(self.registry().device_at(device, at).await?.map(Box::new)),
                Question::Token { issuer, token } => Answer::Token(self.is_token_revoked_at(issuer, token, at).await?),
                Question::TokensBefore { issuer, device } => {
                    Answer::TokensBefore(self.tokens_before_at(issuer, device, at).await?)
                }
            })
        }
        .boxed()
    }
}
