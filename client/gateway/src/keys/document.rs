//! A signing key as it is kept: its public key, its private key sealed, and its times.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    primitives::{PublicKey, TimestampMs, access::NewIssuerKey, token::IssuerKeyRef},
    token::{Algorithm, Jwk, VerificationKey},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    rotation::{SKEW_MAX_MS, Schedule},
    sealed::{Place, Sealed, SealedError},
    signing_key::{NewSecret, SigningKey},
};
use crate::{MasterKey, Random};

/// What a key is for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum KeyStatus {
    /// It was made, and is not known to anybody: it is still to be put on the chain.
    Pending,
    /// It is published, and signs nothing yet.
    Next,
    /// It signs.
    Active,
    /// It signs no more, and is published until the last token that it signed has expired. Its private key is destroyed.
    Expired,
}

/// Why a key can't be made, read or used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Its private key can't be sealed or opened.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// It can't be made.
    #[error("no {} key can be made: see whether the system gives randomness", .0.name())]
    NotMade(Algorithm),
    /// Its public key is none, or of another algorithm, or the key is filed as another one.
    #[error("the signing key `{key_id}` contradicts itself: restore it from a backup")]
    Inconsistent {
        /// `kid`.
        key_id: String,
    },
    /// There is no key that signs now.
    #[error("no key signs now: see in the log why none could be put on the chain")]
    NoneActive,
}

/// A signing key of an authorization server, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDocument {
    /// The authorization server's name.
    pub server: String,
    /// What it is filed by: its SHA-256 thumbprint (RFC 7638), base64url.
    pub thumbprint: String,
    /// What tokens call it: for EdDSA the key's name on the chain, such as `3#key-0`, once it has one; else the thumbprint.
    pub kid: String,
    /// By what it signs.
    #[serde(with = "super::algorithm")]
    pub algorithm: Algorithm,
    /// What it is for now.
    pub status: KeyStatus,
    /// The private key, sealed; none once it signs no more.
    pub private_key: Option<String>,
    /// The public key (RFC 7517).
    pub jwk: Value,
    /// Its number on the chain, if it is there.
    pub chain_key: Option<u32>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
    /// Since when it is published.
    pub published_ms: Option<TimestampMs>,
    /// When it begins to sign: planned, until it has begun.
    pub activates_ms: TimestampMs,
    /// When it stops signing: the latest time, until it has stopped.
    pub expires_ms: TimestampMs,
    /// When it is published no more: from then on no token that it signed is good.
    pub retires_ms: TimestampMs,
}

impl KeyDocument {
    /// A new key that is to sign from a time on. It takes up to some seconds for RS256.
    ///
    /// # Errors
    /// [`KeyError::NotMade`], [`KeyError::Sealed`].
    pub fn create(
        server: &str,
        algorithm: Algorithm,
        activates_ms: TimestampMs,
        schedule: &Schedule,
        now_ms: TimestampMs,
        (master_key, random): (&MasterKey, &dyn Random),
    ) -> Result<Self, KeyError> {
        let NewSecret { secret, jwk } = NewSecret::generate(algorithm, random)?;
        let thumbprint = BASE64URL_NOPAD.encode(&jwk.thumbprint());
        let id = document_id(server, &thumbprint);
        let sealed = Sealed::seal(master_key, random, Place { kind: KIND, id: &id }, &secret)?;
        let expires_ms = schedule.latest_end_ms(activates_ms);
        Ok(Self {
            server: server.to_owned(),
            kid: thumbprint.clone(),
            thumbprint,
            algorithm,
            status: KeyStatus::Pending,
            private_key: Some(sealed.to_text()),
            jwk: jwk.to_json(),
            chain_key: None,
            created_ms: now_ms,
            published_ms: None,
            activates_ms,
            expires_ms,
            retires_ms: schedule.retirement_ms(expires_ms),
        })
    }

    /// Where it is kept.
    pub fn id(&self) -> String {
        document_id(&self.server, &self.thumbprint)
    }

    /// The key that verifies what it signs.
    ///
    /// # Errors
    /// [`KeyError::Inconsistent`].
    pub fn verification_key(&self) -> Result<VerificationKey, KeyError> {
        let key = Jwk::from_json(&self.jwk.to_string()).and_then(VerificationKey::new).ok();
        let is_consistent = |key: &VerificationKey| {
            key.algorithm() == self.algorithm
                && BASE64URL_NOPAD.encode(&key.jwk().thumbprint()) == self.thumbprint
                && (self.chain_key.is_none() || self.algorithm == Algorithm::EdDsa)
        };
        key.filter(is_consistent).ok_or_else(|| self.inconsistent())
    }

    /// The key that signs.
    ///
    /// # Errors
    /// [`KeyError::NoneActive`] once it signs no more; [`KeyError::Sealed`], [`KeyError::Inconsistent`].
    pub fn open(&self, master_key: &MasterKey) -> Result<SigningKey, KeyError> {
        let sealed = Sealed::from_text(self.private_key.as_deref().ok_or(KeyError::NoneActive)?)?;
        let secret = sealed.open(master_key, Place { kind: KIND, id: &self.id() })?;
        let (public, key_id) = (self.verification_key()?, self.kid.clone());
        let key = SigningKey::new(self.algorithm, key_id, &secret).ok_or_else(|| self.inconsistent())?;
        if key.jwk() == *public.jwk() { Ok(key) } else { Err(self.inconsistent()) }
    }

    /// The key as the chain is to have it; `None` for those that the chain does not know. Its window begins when the key was made, as it
    /// may have to sign at any time from then on, and clocks differ. It follows from the document alone: whoever tries again asks for the same.
    pub(crate) fn for_chain(&self) -> Option<NewIssuerKey> {
        let Jwk::Ed25519(bytes) = Jwk::from_json(&self.jwk.to_string()).ok()? else { return None };
        Some(NewIssuerKey {
            public_key: PublicKey::Ed25519(bytes),
            not_before_ms: self.created_ms.saturating_sub(SKEW_MAX_MS),
            not_after_ms: self.expires_ms.saturating_add(SKEW_MAX_MS),
        })
    }

    /// Once it is on the chain, or need not be: it is published, and signs when it has been for long enough.
    pub(crate) fn publish(mut self, on_chain: Option<IssuerKeyRef>, schedule: &Schedule, now_ms: TimestampMs) -> Self {
        if let Some(reference) = on_chain {
            (self.kid, self.chain_key) = (reference.to_text(), Some(reference.key));
        }
        self.status = KeyStatus::Next;
        self.published_ms = Some(now_ms);
        self.activates_ms = self.activates_ms.max(now_ms.saturating_add(schedule.publish_ahead_ms));
        self
    }

    /// It signs from now on, and not beyond the window that the chain knows.
    pub(crate) fn activate(mut self, schedule: &Schedule, now_ms: TimestampMs) -> Self {
        self.status = KeyStatus::Active;
        self.activates_ms = now_ms;
        self.end_by(schedule.latest_end_ms(now_ms), schedule);
        self
    }

    /// It signs no more. If it ever has, it is published until the last of its tokens has expired.
    pub(crate) fn expire(mut self, schedule: &Schedule, now_ms: TimestampMs) -> Self {
        let has_signed = self.status == KeyStatus::Active;
        self.end_by(now_ms, schedule);
        if !has_signed {
            self.retires_ms = now_ms;
        }
        self.status = KeyStatus::Expired;
        self.private_key = None;
        self
    }

    /// Somebody else may sign with it: none of its tokens is good any more.
    pub(crate) fn compromise(self, schedule: &Schedule, now_ms: TimestampMs) -> Self {
        Self { retires_ms: now_ms, ..self.expire(schedule, now_ms) }
    }

    fn end_by(&mut self, end_ms: TimestampMs, schedule: &Schedule) {
        self.expires_ms = self.expires_ms.min(end_ms);
        self.retires_ms = schedule.retirement_ms(self.expires_ms);
    }

    fn inconsistent(&self) -> KeyError {
        KeyError::Inconsistent { key_id: self.kid.clone() }
    }
}

/// What sealed signing keys are bound to, beside their ids.
const KIND: &str = "key";

/// Where a key is kept.
fn document_id(server: &str, thumbprint: &str) -> String {
    format!("{server}/{thumbprint}")
}

impl fmt::Debug for KeyDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = (self.created_ms, self.published_ms, self.activates_ms, self.expires_ms, self.retires_ms);
        write!(formatter, "KeyDocument({} {} {:?} {times:?})", self.server, self.kid, self.status)
    }
}
