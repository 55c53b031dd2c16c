//! The keys of one authorization server: which one signs, and which are published.

use std::{fmt, sync::OnceLock};

use marque_sdk::{
    primitives::{
        TimestampMs,
        access::{Issuer, IssuerId},
        token::IssuerKeyRef,
    },
    token::{Jwk, JwkSet, Jwt, JwtError, PublishedKey, VerificationKey},
};

use super::{
    document::{KeyDocument, KeyError, KeyStatus},
    signing_key::SigningKey,
};
use crate::MasterKey;

/// The keys of one authorization server.
#[derive(Default)]
pub struct KeyRing {
    documents: Vec<KeyDocument>,
    /// The public key of each, in the same order.
    public: Vec<VerificationKey>,
    /// Each as it signs, once it was asked for.
    opened: Vec<OnceLock<SigningKey>>,
}

impl KeyRing {
    /// Reads the keys of one authorization server. Private keys stay sealed until they are to sign.
    ///
    /// # Errors
    /// [`KeyError::Inconsistent`].
    pub fn new(documents: Vec<KeyDocument>) -> Result<Self, KeyError> {
        let public = documents.iter().map(KeyDocument::verification_key).collect::<Result<_, _>>()?;
        let opened = documents.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { documents, public, opened })
    }

    /// The keys as they are kept.
    pub fn documents(&self) -> &[KeyDocument] {
        &self.documents
    }

    /// The key that signs now.
    ///
    /// # Errors
    /// [`KeyError::NoneActive`]; [`KeyError::Sealed`], [`KeyError::Inconsistent`].
    pub fn signer(&self, now_ms: TimestampMs, master_key: &MasterKey) -> Result<&SigningKey, KeyError> {
        let signs = |key: &KeyDocument| key.status == KeyStatus::Active && now_ms < key.expires_ms;
        let keys = self.documents.iter().zip(&self.opened).filter(|(key, _)| signs(key));
        let (active, opened) = keys.max_by_key(|(key, _)| key.activates_ms).ok_or(KeyError::NoneActive)?;
        if let Some(key) = opened.get() {
            return Ok(key);
        }
        let key = active.open(master_key)?;
        Ok(opened.get_or_init(|| key))
    }

    /// The public keys that tokens are verified with now: the next one, the one that signs, and those whose tokens may still be good.
    pub fn published(&self, now_ms: TimestampMs) -> JwkSet {
        let keys = self.documents.iter().zip(&self.public).filter(|(document, _)| is_published(document, now_ms));
        let publish = |(document, key): (&KeyDocument, &VerificationKey)| {
            let (key_id, key) = (document.kid.clone(), key.clone());
            PublishedKey { key_id, key }
        };
        JwkSet { keys: keys.map(publish).collect() }
    }

    /// As [`published`](Self::published), brought together with what the chain says: of the keys that are on the chain, none that is
    /// revoked there, and those too that somebody else put there for the authorization server.
    pub fn published_with(&self, record: &Issuer, issuer: IssuerId, now_ms: TimestampMs) -> JwkSet {
        let counts = |id: u32| record.key(id).is_some_and(|key| !key.is_spent(now_ms));
        let is_left_out = |published: &PublishedKey| {
            IssuerKeyRef::from_text(&published.key_id).is_some_and(|reference| !counts(reference.key))
        };
        let mut set = self.published(now_ms);
        set.keys.retain(|published| !is_left_out(published));
        let is_known = |id: u32| self.documents.iter().any(|key| key.chain_key == Some(id));
        let others = record.keys.iter().filter(|key| counts(key.id) && !is_known(key.id));
        set.keys.extend(others.filter_map(|key| {
            // There is no algorithm of JWTs for Sr25519.
            let public = Jwk::from_public_key(&key.public_key).and_then(VerificationKey::new).ok()?;
            let is_own = self.public.contains(&public);
            (!is_own).then(|| PublishedKey { key_id: IssuerKeyRef { issuer, key: key.id }.to_text(), key: public })
        }));
        set
    }

    /// Reads an access token, and whether one of the published keys signed it. What it says is up to the caller.
    ///
    /// # Errors
    /// [`JwtError`]: what [`Jwt::read`] and [`Jwt::verify`] refuse; [`JwtError::InvalidKeyId`] where no published key has its `kid`.
    pub fn verify_own(&self, token: &str, now_ms: TimestampMs) -> Result<Jwt, JwtError> {
        let jwt = Jwt::read(token)?;
        let published = self.published(now_ms);
        jwt.verify(published.key(&jwt.key_id).ok_or(JwtError::InvalidKeyId)?)?;
        Ok(jwt)
    }
}

fn is_published(document: &KeyDocument, now_ms: TimestampMs) -> bool {
    document.status != KeyStatus::Pending && now_ms < document.retires_ms
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(&self.documents).finish()
    }
}
