//! The view as the state that a token is verified against.

use std::cell::{Cell, RefCell};

use marque_primitives::{
    AccountId, DeviceId, Hash, KeyStatus, PublicKey, RegistryId, Status, TimestampMs,
    access::{Issuer, IssuerId, Trust},
    blake2b_256,
    token::{IssuerKeyRef, TokenState, VerifyError},
};

use super::{Question, View};
use crate::verifier::signatures::{Signed, SigningKey};

/// The view, for the verification of one token. What it does not know it notes, and answers so that the verification goes on where
/// it can, to note all at once: an outcome counts only if nothing was noted.
pub(super) struct TokenView<'view> {
    view: &'view View,
    signed_by: IssuerKeyRef,
    issued_ms: TimestampMs,
    epoch: u32,
    missing: RefCell<Vec<Question>>,
    signatures: Signatures<'view>,
}

/// What is done with a signature.
enum Signatures<'view> {
    Check,
    /// It is taken for good now, and left to be checked with others.
    Postpone(Cell<Option<&'view SigningKey>>),
}

impl<'view> TokenView<'view> {
    pub(super) fn new(view: &'view View, signed_by: IssuerKeyRef, issued_ms: TimestampMs, epoch: u32) -> Self {
        let (missing, signatures) = (RefCell::new(Vec::new()), Signatures::Check);
        Self { view, signed_by, issued_ms, epoch, missing, signatures }
    }

    pub(super) fn postponing_signatures(mut self) -> Self {
        self.signatures = Signatures::Postpone(Cell::new(None));
        self
    }

    /// The key whose signature was taken for good.
    pub(super) fn postponed(&self) -> Option<&'view SigningKey> {
        match &self.signatures {
            Signatures::Check => None,
            Signatures::Postpone(key) => key.get(),
        }
    }

    /// What has to be asked for first.
    pub(super) fn into_missing(self) -> Vec<Question> {
        self.missing.into_inner()
    }

    fn known<T>(&self, answer: Option<T>, question: impl FnOnce() -> Question, otherwise: impl FnOnce() -> T) -> T {
        answer.unwrap_or_else(|| {
            self.missing.borrow_mut().push(question());
            otherwise()
        })
    }
}

impl TokenState for TokenView<'_> {
    fn registry(&self) -> RegistryId {
        self.view.registry
    }

    fn issuer(&self, issuer: IssuerId) -> Option<Issuer> {
        let known = self.known(self.view.issuers.get(issuer), || Question::Issuer(issuer), || None);
        known.map(|known| known.record.clone())
    }

    fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust> {
        self.known(self.view.issuers.trust(by, of), || Question::Trust { by, of }, || None).cloned()
    }

    fn is_token_revoked(&self, issuer: IssuerId, token: &Hash) -> bool {
        let is_revoked = self.view.revocations.is_revoked(issuer, token, self.view.time_ms);
        self.known(is_revoked, || Question::Token { issuer, token: *token }, || false)
    }

    fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs {
        let before_ms = self.view.revocations.tokens_before_ms(issuer, device, self.issued_ms);
        self.known(before_ms, || Question::TokensBefore { issuer, device: *device }, || 0)
    }

    fn device(&self, device: &DeviceId, presenter: Option<&AccountId>) -> Result<Option<KeyStatus>, VerifyError> {
        let as_if_good = || Some(KeyStatus { status: Status::Active, epoch: self.epoch, is_current_key: true });
        Ok(self.known(self.view.devices.get(device, presenter), || Question::Device(*device), as_if_good))
    }

    fn is_signed(&self, _: &PublicKey, signed_bytes: &[u8], signature: &[u8; 64]) -> Result<bool, VerifyError> {
        // The key of this number, decoded: it is asked for only after the issuer was found.
        let Some(Some(issuer)) = self.view.issuers.get(self.signed_by.issuer) else { return Ok(false) };
        let key = issuer.signing_key(self.signed_by.key);
        Ok(match &self.signatures {
            Signatures::Check => Signed { key, bytes: signed_bytes, signature }.holds(),
            Signatures::Postpone(postponed) => {
                postponed.set(Some(key));
                true
            }
        })
    }

    fn blake2b_256(&self, bytes: &[u8]) -> Hash {
        blake2b_256(bytes)
    }
}
