//! Reads: at the last finalized block.

use marque_primitives::{
    AccountId, DeviceId, Hash, TimestampMs,
    access::{AccessInfo, Entitlements, Grant, Grantee, Issuer, IssuerId, RoleRecord, Scope, Trust},
    token::{Requirement, Standing, Verified, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

use super::{Access, messages};
use crate::{
    chain::{At, CallError},
    ink,
};

impl Access {
    /// What the contract says of itself.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn info(&self) -> Result<AccessInfo, CallError> {
        self.info_at(At::Finalized).await
    }

    /// An authorization server; `None` if none has this number.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn issuer(&self, issuer: IssuerId) -> Result<Option<Issuer>, CallError> {
        self.issuer_at(issuer, At::Finalized).await
    }

    /// As [`issuer`](Self::issuer), at a block.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked; the state of an old block may be discarded.
    pub async fn issuer_at(&self, issuer: IssuerId, at: At) -> Result<Option<Issuer>, CallError> {
        self.ask("issuer", (messages::ISSUER, issuer), at).await
    }

    /// A scope of an authorization server; `None` if it was never defined. A retired one says so.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn scope(&self, issuer: IssuerId, name: &str) -> Result<Option<Scope>, CallError> {
        self.scope_at(issuer, name, At::Finalized).await
    }

    /// As [`scope`](Self::scope), at a block.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked; the state of an old block may be discarded.
    pub async fn scope_at(&self, issuer: IssuerId, name: &str, at: At) -> Result<Option<Scope>, CallError> {
        self.ask("scope", (messages::SCOPE, issuer, name), at).await
    }

    /// A role of an authorization server; `None` if it is not defined.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn role(&self, issuer: IssuerId, name: &str) -> Result<Option<RoleRecord>, CallError> {
        self.ask("role", (messages::ROLE, issuer, name), At::Finalized).await
    }

    /// What an authorization server granted, grants that are over included.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn grants(&self, issuer: IssuerId, grantee: Grantee) -> Result<Vec<Grant>, CallError> {
        self.grants_at(issuer, grantee, At::Finalized).await
    }

    /// As [`grants`](Self::grants), at a block.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked; the state of an old block may be discarded.
    pub async fn grants_at(&self, issuer: IssuerId, grantee: Grantee, at: At) -> Result<Vec<Grant>, CallError> {
        self.ask("grants", (messages::GRANTS, issuer, grantee), at).await
    }

    /// What one authorization server trusts another for; `None` if it does not. A trust that is over says so.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn trust(&self, by: IssuerId, of: IssuerId) -> Result<Option<Trust>, CallError> {
        self.trust_at(by, of, At::Finalized).await
    }

    /// Whether the token whose id has this BLAKE2b-256 hash is revoked.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn is_token_revoked(&self, issuer: IssuerId, token: Hash) -> Result<bool, CallError> {
        self.is_token_revoked_at(issuer, token, At::Finalized).await
    }

    /// Tokens that the device got from this authorization server before this time are revoked; 0 if none are.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn tokens_before(&self, issuer: IssuerId, device: DeviceId) -> Result<TimestampMs, CallError> {
        self.tokens_before_at(issuer, device, At::Finalized).await
    }

    /// What a device may get from an authorization server now; `None` if none has this number.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn entitlements(&self, issuer: IssuerId, device: DeviceId) -> Result<Option<Entitlements>, CallError> {
        self.entitlements_at(issuer, device, At::Finalized).await
    }

    /// As [`entitlements`](Self::entitlements), at a block.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked; the state of an old block may be discarded.
    pub async fn entitlements_at(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        at: At,
    ) -> Result<Option<Entitlements>, CallError> {
        self.ask("entitlements", (messages::ENTITLEMENTS, issuer, device), at).await
    }

    /// Has the contract verify a token (a CWT), as it does for a contract that `presenter` calls. This costs a read; who
    /// verifies many tokens has a [`Verifier`](crate::Verifier).
    ///
    /// # Errors
    /// [`CallError::TokenRefused`]; others when the contract can't be asked.
    pub async fn verify(
        &self,
        token: &[u8],
        requirement: &Requirement,
        presenter: &AccountId,
    ) -> Result<Verified, CallError> {
        self.ask_for_token("verify", (messages::VERIFY, token, requirement, presenter)).await
    }

    /// Has the contract check whether a token that was verified before by this requirement is still good.
    ///
    /// # Errors
    /// [`CallError::TokenRefused`]; others when the contract can't be asked.
    pub async fn check(&self, standing: &Standing, requirement: &Requirement) -> Result<(), CallError> {
        self.ask_for_token("check", (messages::CHECK, standing, requirement)).await
    }

    pub(crate) async fn info_at(&self, at: At) -> Result<AccessInfo, CallError> {
        self.ask("info", messages::INFO, at).await
    }

    pub(crate) async fn trust_at(&self, by: IssuerId, of: IssuerId, at: At) -> Result<Option<Trust>, CallError> {
        self.ask("trust", (messages::TRUST, by, of), at).await
    }

    pub(crate) async fn is_token_revoked_at(&self, issuer: IssuerId, token: Hash, at: At) -> Result<bool, CallError> {
        self.ask("is_token_revoked", (messages::IS_TOKEN_REVOKED, issuer, token), at).await
    }

    pub(crate) async fn tokens_before_at(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        at: At,
    ) -> Result<TimestampMs, CallError> {
        self.ask("tokens_before", (messages::TOKENS_BEFORE, issuer, device), at).await
    }

    async fn ask<T: Decode>(&self, message: &str, call: impl Encode, at: At) -> Result<T, CallError> {
        ink::returned(message, &self.chain().read(&self.contract, &call.encode(), at).await?)
    }

    async fn ask_for_token<T: Decode>(&self, message: &str, call: impl Encode) -> Result<T, CallError> {
        let read = self.chain().read(&self.contract, &call.encode(), At::Finalized).await;
        let data = read.map_err(|error| ink::refused::<VerifyError>(message, error))?;
        ink::accepted::<T, VerifyError>(message, &data)
    }
}
