//! Tokens verified off chain, from memory.
//!
//! A [`Verifier`] follows the finalized blocks of a chain, and keeps what decides on tokens: authorization servers and whom they trust,
//! devices and their keys, what is revoked. To verify a token then costs one signature check and no network. What is not
//! in memory is read from the chain once, at the block that the view is at.
//!
//! # How old the view may be
//!
//! Nothing is said to be good by a view that may be too old ([`Unfit::Stale`]). A view is as old as the last question for the finalized
//! head that was answered with the block that the view is at (or has come to since): from the moment of the question on, the node may
//! know more. It is asked six times in [`VerifierConfig::age_max`], so that a chain that makes no block while nothing happens is not
//! taken for one that can't be reached. So whoever cuts the verifier off from its node gains `age_max` at most.
//!
//! That is the node's word. A node that lies can name a head for ever, leave out a revocation, or make up a whole chain: no finality
//! proof is checked here. Use a node that you trust; a change of a device that was left out shows with its next one, and
//! ends the verifier. A node that is honest but cut off from its peers answers with the same head for ever. On a
//! chain that makes blocks at an interval [`VerifierConfig::block_age_max`] finds that out ([`Unfit::StaleBlock`]).
//!
//! Age is measured on the wall clock and on the one that never goes back, and the longer one counts: setting the clock back hides
//! no age. A machine whose clock is behind the chain's says nothing ([`Unfit::ClockBehind`]).
//!
//! # What it survives
//!
//! Lost connections and missed blocks: it goes on where it was. Blocks that the node has discarded in the meantime: it begins anew
//! at the head. Finalized blocks are never replaced; when the chain is, the verifier ends, and each answer from then
//! on is [`VerifierError::Ended`].

mod clock;
mod config;
mod error;
mod follow;
mod reads;
mod shell;
mod signatures;
mod view;

use std::{fmt, sync::Arc};

use marque_primitives::{
    AccountId,
    token::{Claims, Requirement, SignedToken, Standing, Verified},
};
use tokio::task::JoinHandle;

use crate::{access::Access, chain::CallError};

pub use clock::{Clock, Moment, SystemClock};
pub use config::VerifierConfig;
pub use error::{EndReason, VerifierError};
pub use view::{Answer, Changes, Check, Contradiction, Limits, Origin, Question, Unfit, Unverified, View, ViewStatus};

use shell::{Shell, Unsettled};

/// How many tokens are verified together: the view does not go on in the meantime, which is some 15 ms.
const BATCH_MAX: usize = 1024;

/// Verifies tokens against what it knows of a chain. Clones share it; when the last one is dropped, it stops.
#[derive(Clone)]
pub struct Verifier {
    access: Access,
    shell: Arc<Shell>,
    _task: Arc<Task>,
}

/// A token that was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedToken<'token> {
    /// What it says.
    pub claims: &'token Claims,
    /// What decides later whether it is still good: see [`Verifier::check`].
    pub standing: Standing,
}

impl VerifiedToken<'_> {
    /// The same, without the token.
    pub fn into_owned(self) -> Verified {
        Verified { claims: self.claims.clone(), standing: self.standing }
    }
}

impl Verifier {
    /// Starts a verifier, and waits until it knows the chain's finalized head. It must be called within a tokio runtime, in which it
    /// goes on.
    ///
    /// # Errors
    /// [`VerifierError::Read`] when the chain can't be read, [`VerifierError::Ended`] when it can't be followed.
    pub async fn start(access: &Access, config: VerifierConfig) -> Result<Self, VerifierError> {
        let unreadable = |error: CallError| VerifierError::Read(Arc::new(error));
        let (view, head) = follow::begin(access, &config).await.map_err(unreadable)?;
        let shell = Arc::new(Shell::new(config, Box::new(access.clone()), view));
        let task = Arc::new(Task(tokio::spawn(follow::follow(shell.clone(), access.clone()))));
        let verifier = Self { access: access.clone(), shell, _task: task };
        verifier.wait_for(head.number).await?;
        Ok(verifier)
    }

    /// Verifies a token: as [`token::verify`](marque_primitives::token::verify). What is not in memory is read from the chain.
    ///
    /// # Errors
    /// [`VerifierError::Refused`] when it is not good; [`VerifierError::Unfit`] and [`VerifierError::Ended`] when nothing can be said;
    /// [`VerifierError::Read`] and [`VerifierError::Unsettled`] when what is not in memory could not be read.
    pub async fn verify<'token>(
        &self,
        token: &'token SignedToken,
        requirement: &Requirement,
        presenter: Option<&AccountId>,
    ) -> Result<VerifiedToken<'token>, VerifierError> {
        let check = Check { token, requirement, presenter };
        let standing = self.shell.look_until_settled(|view, now| view.verify(check, now)).await?;
        Ok(VerifiedToken { claims: &token.claims, standing })
    }

    /// Verifies a token from memory alone.
    ///
    /// # Errors
    /// [`VerifierError::Miss`] when it takes a read; [`VerifierError::Refused`], [`VerifierError::Unfit`], [`VerifierError::Ended`].
    pub fn verify_cached<'token>(
        &self,
        token: &'token SignedToken,
        requirement: &Requirement,
        presenter: Option<&AccountId>,
    ) -> Result<VerifiedToken<'token>, VerifierError> {
        let check = Check { token, requirement, presenter };
        match self.shell.look(|view, now| view.verify(check, now)) {
            Ok(standing) => Ok(VerifiedToken { claims: &token.claims, standing }),
            Err(Unsettled::Final(error)) => Err(error),
            Err(Unsettled::Missing(_)) => Err(VerifierError::Miss),
        }
    }

    /// Verifies many tokens, each for itself. Of up to 1024 at a time the signatures are checked together, at one block.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify), for each.
    pub async fn verify_many<'token>(
        &self,
        checks: &[Check<'token>],
    ) -> Vec<Result<VerifiedToken<'token>, VerifierError>> {
        let mut outcomes = Vec::with_capacity(checks.len());
        for batch in checks.chunks(BATCH_MAX) {
            outcomes.extend(self.verify_batch(batch).await);
            // Whoever else waits for this thread has its turn.
            tokio::task::yield_now().await;
        }
        outcomes
    }

    /// Checks whether a token that was verified before by this requirement is still good: for what goes on for a while.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify).
    pub async fn check(&self, standing: &Standing, requirement: &Requirement) -> Result<(), VerifierError> {
        self.shell.look_until_settled(|view, now| view.check(standing, requirement, now)).await
    }

    /// How old the view is, and how much it knows.
    ///
    /// # Errors
    /// [`VerifierError::Ended`].
    pub fn view(&self) -> Result<ViewStatus, VerifierError> {
        Ok(self.shell.view()?.status(&self.shell.now()))
    }

    /// Whether the view is fit to say something now.
    ///
    /// # Errors
    /// [`VerifierError::Unfit`] where it is too old or no longer trusted; [`VerifierError::Ended`].
    pub fn ensure_fit(&self) -> Result<(), VerifierError> {
        Ok(self.shell.view()?.ensure_fit(&self.shell.now())?)
    }

    /// Waits until the view has come to the finalized block of this number, or is past it.
    ///
    /// # Errors
    /// [`VerifierError::Ended`].
    pub async fn wait_for(&self, block: u32) -> Result<(), VerifierError> {
        self.shell.wait_until(|view, _| view.block().number >= block).await
    }

    /// Waits until the view is fit to say something, where it is too old.
    ///
    /// # Errors
    /// [`VerifierError::Ended`].
    pub async fn wait_until_fit(&self) -> Result<(), VerifierError> {
        self.shell.wait_until(|view, now| view.ensure_fit(now).is_ok()).await
    }
}

impl Verifier {
    async fn verify_batch<'token>(
        &self,
        checks: &[Check<'token>],
    ) -> Vec<Result<VerifiedToken<'token>, VerifierError>> {
        let looks = match self.shell.view() {
            Ok(view) => view.verify_many(checks, &self.shell.now()),
            Err(ended) => return vec![Err(ended); checks.len()],
        };
        let settled = checks.iter().zip(looks).map(|(check, look)| self.settle(*check, look));
        futures::future::join_all(settled).await
    }

    /// What came of a look at the view, or of further ones once what was missing was read.
    async fn settle<'token>(
        &self,
        check: Check<'token>,
        look: Result<Standing, Unverified>,
    ) -> Result<VerifiedToken<'token>, VerifierError> {
        let standing = match look.map_err(Unsettled::from) {
            Ok(standing) => standing,
            Err(Unsettled::Final(error)) => return Err(error),
            Err(Unsettled::Missing(_)) => self.shell.look_until_settled(|view, now| view.verify(check, now)).await?,
        };
        Ok(VerifiedToken { claims: &check.token.claims, standing })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Verifier({:?})", self.access)
    }
}

/// The task that follows the chain. It ends with the last handle.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests;
