//! What is known of the chain at one finalized block, as far as tokens go. Pure: blocks, answers and the time are given to it.

mod devices;
mod error;
mod freshness;
mod issuers;
mod question;
mod recent;
mod revocations;
mod state;
mod types;

use marque_primitives::{
    RegistryId, Signature, TimestampMs,
    access::{AccessChange, AccessLogEntry, IssuerId},
    token::{self, Requirement, SignedToken, Standing, VerifyError},
};

use super::{
    Moment,
    signatures::{self, Signed},
};
use crate::chain::BlockRef;

pub use error::{Contradiction, Unfit, Unverified};
pub use question::{Answer, Question};
pub use types::{Changes, Check, Limits, Origin, ViewStatus};

use devices::Devices;
use freshness::Freshness;
use issuers::Issuers;
use question::Questions;
use revocations::Revocations;
use state::TokenView;

/// What is known of the chain at one finalized block.
///
/// It tells what it knows, and says [`Unverified::Missing`] of what it does not know: it never guesses. What it forgets to
/// stay within its limits becomes unknown.
#[derive(Debug)]
pub struct View {
    registry: RegistryId,
    limits: Limits,
    block: BlockRef,
    time_ms: TimestampMs,
    freshness: Freshness,
    devices: Devices,
    issuers: Issuers,
    revocations: Revocations,
    questions: Questions,
    contradiction: Option<Contradiction>,
}

impl View {
    /// A view that begins at a finalized block, seen at a moment. Its age counts from the block's time until [`heard`](Self::heard)
    /// says that it is current.
    pub fn begin(origin: Origin, seen: Moment, limits: Limits) -> Self {
        let unknown_until_ms = (!origin.is_complete).then_some(origin.time_ms);
        Self {
            registry: origin.registry,
            limits,
            block: origin.block,
            time_ms: origin.time_ms,
            freshness: Freshness::new(seen.when(origin.time_ms)),
            devices: Devices::new(limits.devices_max),
            issuers: Issuers::new(origin.issuers),
            revocations: Revocations::new(unknown_until_ms, limits.skew_max_ms, limits.tokens_max),
            questions: Questions::default(),
            contradiction: None,
        }
    }

    /// The block that the view is at.
    pub const fn block(&self) -> BlockRef {
        self.block
    }

    /// How old the view is.
    pub fn status(&self, now: &Moment) -> ViewStatus {
        ViewStatus {
            block: self.block,
            block_time_ms: self.time_ms,
            block_age_ms: now.wall_ms.saturating_sub(self.time_ms),
            age_ms: self.freshness.age_ms(now),
            devices: self.devices.len(),
            revoked_tokens: self.revocations.len(),
        }
    }

    /// Goes on by one block: all that it changed, or, after a contradiction, nothing any more.
    ///
    /// # Errors
    /// [`Contradiction`]: the view says nothing from then on.
    pub fn apply(&mut self, changes: &Changes) -> Result<(), Contradiction> {
        self.ensure_trusted()?;
        let applied = self.try_apply(changes);
        self.contradiction = applied.err();
        applied
    }

    /// Notes that the node, when it was asked for its finalized head at some moment, named this one.
    ///
    /// # Errors
    /// [`Contradiction`]: the view says nothing from then on.
    pub fn heard(&mut self, head: BlockRef, asked: Moment) -> Result<(), Contradiction> {
        self.ensure_trusted()?;
        let heard = self.freshness.heard(head, asked, self.block);
        heard.map_err(|_| *self.contradiction.insert(Contradiction::OtherBlock { number: head.number }))
    }

    /// Begins a question: the answer must be read at the block that is returned.
    pub fn ask(&mut self, question: Question) -> BlockRef {
        self.questions.ask(question);
        self.block
    }

    /// Puts in the answer to a question. Whether it was taken: it is not when the chain went on since and changed what was asked
    /// about, or when it answers another question. Then the question has to be asked anew.
    pub fn answer(&mut self, question: &Question, answer: Answer) -> bool {
        if !self.questions.end(question) {
            return false;
        }
        match (*question, answer) {
            (Question::Issuer(issuer), Answer::Issuer(record)) => self.issuers.put(issuer, record),
            (Question::Trust { by, of }, Answer::Trust(trust)) => self.issuers.put_trust(by, of, trust),
            (Question::Device(device), Answer::Device(record)) => self.devices.put(device, record.as_deref()),
            (Question::Token { issuer, token }, Answer::Token(true)) => {
                self.revocations.revoke(issuer, token, self.time_ms);
            }
            (Question::Token { issuer, token }, Answer::Token(false)) => {
                self.revocations.clear(issuer, token, self.time_ms);
            }
            (Question::TokensBefore { issuer, device }, Answer::TokensBefore(before_ms)) => {
                self.revocations.revoke_before(issuer, device, before_ms, self.time_ms);
            }
            _ => return false,
        }
        true
    }

    /// Gives up a question that could not be answered.
    pub fn withdraw(&mut self, question: &Question) {
        self.questions.end(question);
    }

    /// Whether the view is fit to say anything.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn ensure_fit(&self, now: &Moment) -> Result<(), Unfit> {
        self.ensure_trusted()?;
        let (age_ms, max_ms) = (self.freshness.age_ms(now), self.limits.age_max_ms);
        if age_ms > max_ms {
            return Err(Unfit::Stale { age_ms, max_ms });
        }
        let behind_ms = self.time_ms.saturating_sub(now.wall_ms);
        if behind_ms > self.limits.skew_max_ms {
            return Err(Unfit::ClockBehind { behind_ms, max_ms: self.limits.skew_max_ms });
        }
        let age_ms = now.wall_ms.saturating_sub(self.time_ms);
        match self.limits.block_age_max_ms {
            Some(max_ms) if age_ms > max_ms => Err(Unfit::StaleBlock { age_ms, max_ms }),
            _ => Ok(()),
        }
    }

    /// Verifies a token: as [`token::verify`], against the state at the view's block.
    ///
    /// # Errors
    /// [`Unverified`].
    pub fn verify(&self, check: Check<'_>, now: &Moment) -> Result<Standing, Unverified> {
        self.ensure_fit(now).map_err(Unverified::Unfit)?;
        let state = self.for_token(check.token);
        let outcome = self.judge(&state, check, now);
        settle(outcome, state.into_missing())
    }

    /// Verifies many tokens, each for itself, and checks their signatures together.
    ///
    /// # Errors
    /// [`Unverified`], for each.
    pub fn verify_many(&self, checks: &[Check<'_>], now: &Moment) -> Vec<Result<Standing, Unverified>> {
        if let Err(unfit) = self.ensure_fit(now) {
            return vec![Err(Unverified::Unfit(unfit)); checks.len()];
        }
        let mut outcomes = Vec::with_capacity(checks.len());
        let (mut places, mut signed) = (Vec::with_capacity(checks.len()), Vec::with_capacity(checks.len()));
        for (place, check) in checks.iter().enumerate() {
            let state = self.for_token(check.token).postponing_signatures();
            let outcome = self.judge(&state, *check, now);
            if let Some(key) = state.postponed() {
                places.push(place);
                let SignedToken { signed_bytes: bytes, signature, .. } = check.token;
                // The scheme is the key's: otherwise nothing would have been postponed.
                let (Signature::Ed25519(signature) | Signature::Sr25519(signature)) = signature;
                signed.push(Signed { key, bytes, signature });
            }
            outcomes.push(settle(outcome, state.into_missing()));
        }
        // What comes after the signature in the order of the rules was found out in vain where the signature is bad.
        for (place, holds) in places.into_iter().zip(signatures::check_all(&signed)) {
            if !holds {
                outcomes[place] = Err(Unverified::Refused(VerifyError::InvalidSignature));
            }
        }
        outcomes
    }

    /// Checks that a token that was verified before by this requirement is still good: as [`token::ensure_standing`].
    ///
    /// # Errors
    /// [`Unverified`].
    pub fn check(&self, standing: &Standing, requirement: &Requirement, now: &Moment) -> Result<(), Unverified> {
        self.ensure_fit(now).map_err(Unverified::Unfit)?;
        let state = TokenView::new(self, standing.signed_by, standing.issued_ms, standing.epoch);
        let outcome = token::ensure_standing(&state, standing, requirement, now.wall_ms, self.limits.skew_max_ms);
        settle(outcome, state.into_missing())
    }

    fn for_token(&self, token: &SignedToken) -> TokenView<'_> {
        TokenView::new(self, token.signed_by, token.claims.issued_ms(), token.claims.epoch)
    }

    fn judge(&self, state: &TokenView<'_>, check: Check<'_>, now: &Moment) -> Result<Standing, VerifyError> {
        let Check { token, requirement, presenter } = check;
        token::verify(state, token, requirement, presenter, now.wall_ms, self.limits.skew_max_ms)
    }

    fn ensure_trusted(&self) -> Result<(), Contradiction> {
        self.contradiction.map_or(Ok(()), Err)
    }

    fn try_apply(&mut self, changes: &Changes) -> Result<(), Contradiction> {
        let block = changes.block;
        if Some(block.number) != self.block.number.checked_add(1) {
            return Err(Contradiction::Gap { last: self.block.number, found: block.number });
        }
        self.freshness.reached(block).map_err(|_| Contradiction::OtherBlock { number: block.number })?;
        for (device, entry) in &changes.devices {
            self.questions.device_changed(*device);
            let changed = self.devices.change(*device, entry);
            changed.map_err(|_| Contradiction::MissingChange { block: block.number })?;
        }
        for (issuer, entry) in &changes.issuers {
            self.questions.issuer_changed(*issuer, &entry.change);
            self.change_issuer(*issuer, entry);
        }
        self.block = block;
        self.time_ms = changes.time_ms;
        self.revocations.expire(changes.time_ms);
        Ok(())
    }

    fn change_issuer(&mut self, issuer: IssuerId, entry: &AccessLogEntry) {
        match &entry.change {
            AccessChange::TokenRevoked { token, .. } => self.revocations.revoke(issuer, *token, entry.at_ms),
            AccessChange::TokensRevokedBefore { device, before_ms } => {
                self.revocations.revoke_before(issuer, *device, *before_ms, entry.at_ms);
            }
            // A reclaimed revocation still counts here while a token that was issued before it could be alive.
            AccessChange::TokenReclaimed { .. } => {}
            change => self.issuers.change(issuer, change, entry.at_ms),
        }
    }
}

/// What was found out counts only if nothing was missing.
fn settle<T>(outcome: Result<T, VerifyError>, missing: Vec<Question>) -> Result<T, Unverified> {
    if missing.is_empty() { outcome.map_err(Unverified::Refused) } else { Err(Unverified::Missing(missing)) }
}

#[cfg(test)]
pub(super) mod tests;
