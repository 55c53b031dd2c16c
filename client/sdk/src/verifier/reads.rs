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

use super::{Answer, Question, VerifierError, shell::Shell};
use crate::{
    access::Access,
    chain::{At, BlockRef, CallError},
};

/// Reads that are under way at once at most.
pub(super) const READS_MAX: usize = 32;
/// How often a question is asked anew because the chain overtook the answer.
const ATTEMPTS_MAX: u32 = 8;

type Read = Shared<BoxFuture<'static, Result<(), VerifierError>>>;

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
    /// Has the answers put into the view.
    pub(super) async fn find_out(self: &Arc<Self>, questions: &[Question]) -> Result<(), VerifierError> {
        let reads: Vec<Read> = questions.iter().map(|question| self.read(*question)).collect();
        futures::future::try_join_all(reads).await.map(|_| ())
    }

    /// The read that is under way for this question, or a new one. It goes on when nobody waits any more.
    fn read(self: &Arc<Self>, question: Question) -> Read {
        let mut running = self.reads.running();
        if let Some(read) = running.get(&question) {
            return read.clone();
        }
        let shell = self.clone();
        let task = tokio::spawn(async move {
            let outcome = shell.settle(question).await;
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
