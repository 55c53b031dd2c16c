//! What the task that follows the chain and all who verify share.

use std::sync::{Arc, OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use super::{
    Changes, Contradiction, EndReason, Moment, Question, Unverified, VerifierConfig, VerifierError, View,
    reads::{Reads, Source},
};
use crate::chain::BlockRef;

/// How often a verification asks the chain: for the authorization servers, the trust between them, the device and the token, each of
/// which may be forgotten again before the next.
const ROUNDS_MAX: u32 = 16;

pub(super) struct Shell {
    pub(super) config: VerifierConfig,
    pub(super) reads: Reads,
    view: RwLock<View>,
    /// Told whenever the view goes on, is confirmed, or ends.
    news: watch::Sender<()>,
    ended: OnceLock<Arc<EndReason>>,
}

impl Shell {
    pub(super) fn new(config: VerifierConfig, source: Box<dyn Source>, view: View) -> Self {
        let (reads, news) = (Reads::new(source), watch::Sender::new(()));
        Self { config, reads, view: RwLock::new(view), news, ended: OnceLock::new() }
    }

    pub(super) fn now(&self) -> Moment {
        self.config.clock.now()
    }

    /// The view, unless following has ended. A view that somebody left half changed says nothing either.
    pub(super) fn view(&self) -> Result<RwLockReadGuard<'_, View>, VerifierError> {
        self.ensure_running()?;
        self.view.read().map_err(|_| stopped())
    }

    pub(super) fn view_mut(&self) -> Result<RwLockWriteGuard<'_, View>, VerifierError> {
        self.ensure_running()?;
        self.view.write().map_err(|_| stopped())
    }

    /// Looks at the view once.
    pub(super) fn look<T>(&self, look: impl FnOnce(&View, &Moment) -> Result<T, Unverified>) -> Result<T, Unsettled> {
        let view = self.view().map_err(Unsettled::Final)?;
        look(&view, &self.now()).map_err(Unsettled::from)
    }

    /// Looks at the view, and has what is missing read from the chain, until nothing is.
    pub(super) async fn look_until_settled<T>(
        self: &Arc<Self>,
        look: impl Fn(&View, &Moment) -> Result<T, Unverified>,
    ) -> Result<T, VerifierError> {
        for _ in 0..ROUNDS_MAX {
            match self.look(&look) {
                Ok(found) => return Ok(found),
                Err(Unsettled::Final(error)) => return Err(error),
                Err(Unsettled::Missing(_)) => {
                    let reads = self.reads_for(&look);
                    futures::future::try_join_all(reads).await?;
                }
            }
        }
        Err(VerifierError::Unsettled)
    }

    pub(super) fn apply(&self, changes: &Changes) -> Result<(), EndReason> {
        self.change(|view| view.apply(changes))
    }

    pub(super) fn heard(&self, head: BlockRef, asked: Moment) -> Result<(), EndReason> {
        self.change(|view| view.heard(head, asked))
    }

    /// Puts another view in the place of this one, which can't go on.
    pub(super) fn begin_anew(&self, begun: View) -> Result<(), EndReason> {
        self.change(|view| {
            *view = begun;
            Ok(())
        })
    }

    pub(super) fn end(&self, reason: EndReason) {
        tracing::error!(%reason, "the verifier has ended");
        // It ends once.
        let _ = self.ended.set(Arc::new(reason));
        self.news.send_replace(());
    }

    /// Waits until something holds of the view.
    pub(super) async fn wait_until(&self, holds: impl Fn(&View, &Moment) -> bool) -> Result<(), VerifierError> {
        let mut news = self.news.subscribe();
        while !holds(&*self.view()?, &self.now()) {
            news.changed().await.map_err(|_| stopped())?;
        }
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut View) -> Result<(), Contradiction>) -> Result<(), EndReason> {
        change(&mut *self.view.write().map_err(|_| EndReason::Stopped)?)?;
        self.news.send_replace(());
        Ok(())
    }

    fn ensure_running(&self) -> Result<(), VerifierError> {
        self.ended.get().map_or(Ok(()), |reason| Err(VerifierError::Ended(reason.clone())))
    }
}

/// Why a look at the view gave nothing.
pub(super) enum Unsettled {
    Final(VerifierError),
    Missing(Vec<Question>),
}

impl From<Unverified> for Unsettled {
    fn from(unverified: Unverified) -> Self {
        match unverified {
            Unverified::Refused(reason) => Self::Final(VerifierError::Refused(reason)),
            Unverified::Unfit(unfit) => Self::Final(VerifierError::Unfit(unfit)),
            Unverified::Missing(questions) => Self::Missing(questions),
        }
    }
}

fn stopped() -> VerifierError {
    VerifierError::Ended(Arc::new(EndReason::Stopped))
}
