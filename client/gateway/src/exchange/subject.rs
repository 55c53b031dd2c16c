//! What a token that was shown and verified comes to: for whom it speaks, and what may be given for it at most.

use std::collections::BTreeSet;

use marque_sdk::{
    did::Did,
    primitives::{RegistryId, TimestampMs},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Federation, ProvenKeys, SubjectTokenError};
use crate::{OAuthError, requested_scopes};

/// The longest `jti` and `sub`, in bytes.
const TEXT_BYTES_MAX: usize = 256;
/// The longest `act` that is passed on, in bytes of JSON.
const ACTOR_BYTES_MAX: usize = 1024;

/// What a token that is shown must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The federation with its issuer.
    pub federation: &'a Federation,
    /// The registry whose devices are served.
    pub registry: RegistryId,
    /// The keys that the client proved to have.
    pub proven: &'a ProvenKeys,
    /// Now, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// How far the issuer's clock may be ahead, in milliseconds.
    pub skew_max_ms: u64,
}

/// For whom a token speaks that was verified, and what may come of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The device that the new token is for. What it may have is the ceiling, and it must be in use.
    pub device: Did,
    /// The scopes of this authorization server that the federation leads to: no others may be given.
    pub scopes: BTreeSet<String>,
    /// The further claims of the new token: none has the name of one that has a meaning already.
    pub claims: Map<String, Value>,
    /// When the token expires, in seconds since the Unix epoch: the new one may not be good for longer. It is ahead.
    pub expires_s: u64,
    /// Who issued it: `iss`.
    pub issuer: String,
    /// Its id, if it has one: `jti`, of 1 to 256 bytes.
    pub token_id: Option<String>,
    /// Whom it is for, in its issuer's words: `sub`, of 1 to 256 bytes.
    pub subject: String,
    /// Where a token is exchanged once only: by this it is known again. It must be remembered until it expires.
    pub used_id: Option<[u8; 32]>,
    /// Whether it is bound to a key.
    pub is_bound: bool,
    /// `act`: who acted for the subject before.
    actor: Option<Value>,
    /// `may_act`: who may act for the subject.
    may_act: Option<Value>,
}

impl Subject {
    /// What verified claims come to. Of the scopes only those count that are given here.
    ///
    /// # Errors
    /// [`SubjectTokenError`], from [`SubjectTokenError::Expired`] on, in the order of its variants.
    pub(super) fn read(
        claims: &Map<String, Value>,
        scopes: &BTreeSet<&str>,
        expected: &Expected<'_>,
    ) -> Result<Self, SubjectTokenError> {
        let federation = expected.federation;
        let expires_s = ensure_time(claims, expected)?;
        if !claims.get("cnf").is_none_or(|confirmation| expected.proven.fulfil(confirmation)) {
            return Err(SubjectTokenError::NotHolder);
        }
        let issuer = claims.get("iss").and_then(Value::as_str).ok_or(SubjectTokenError::WrongIssuer)?;
        let subject = text_of(claims, "sub").flatten().ok_or(SubjectTokenError::InvalidSubject)?;
        let token_id = text_of(claims, "jti").map(|id| id.ok_or(SubjectTokenError::InvalidId)).transpose()?;
        let used_id = match token_id {
            Some(id) if federation.single_use => Some(used_id(issuer, id)),
            None if federation.single_use => return Err(SubjectTokenError::InvalidId),
            _ => None,
        };
        if !federation.is_fulfilled(claims) {
            return Err(SubjectTokenError::ConditionNotMet);
        }
        let copied = federation.copied_claims(claims).ok_or(SubjectTokenError::ClaimTooLong)?;
        let is_actor = |actor: &Value| actor.is_object() && actor.to_string().len() <= ACTOR_BYTES_MAX;
        if !claims.get("act").is_none_or(is_actor) {
            return Err(SubjectTokenError::InvalidActor);
        }
        Ok(Self {
            device: federation.device(claims, expected.registry).ok_or(SubjectTokenError::UnknownDevice)?,
            scopes: federation.mapped_scopes(scopes),
            claims: copied,
            expires_s,
            issuer: issuer.to_owned(),
            token_id: token_id.map(str::to_owned),
            subject: subject.to_owned(),
            used_id,
            is_bound: claims.contains_key("cnf"),
            actor: claims.get("act").cloned(),
            may_act: claims.get("may_act").cloned(),
        })
    }

    /// The scopes to go on with, which a policy and the chain then narrow down: those that are asked for and may come of the token, or all
    /// that may come of it where none are asked for.
    ///
    /// # Errors
    /// [`OAuthError::InvalidScope`] as [`requested_scopes`] has it; [`OAuthError::ScopesRefused`] where none are left.
    pub fn requested_scopes(&self, scope: Option<&str>) -> Result<Vec<String>, OAuthError> {
        if scope.is_none() && self.scopes.is_empty() {
            return Err(OAuthError::ScopesRefused);
        }
        let mapped: Vec<String> = self.scopes.iter().cloned().collect();
        let mut scopes = requested_scopes(scope, &mapped)?;
        scopes.retain(|scope| self.scopes.contains(scope));
        if scopes.is_empty() { Err(OAuthError::ScopesRefused) } else { Ok(scopes) }
    }

    /// The new token's `act` (RFC 8693, section 4.1) where this client gets it: the client's device, if it is another than the token's,
    /// with whoever acted before it inside.
    ///
    /// # Errors
    /// [`SubjectTokenError::MayNotAct`] where the token says in `may_act` (section 4.4) that somebody else may act for its subject.
    pub fn act(&self, client: &Did) -> Result<Option<Value>, SubjectTokenError> {
        if *client == self.device {
            return Ok(self.actor.clone());
        }
        // Whatever else it names can't be compared with a client.
        let client = client.to_string();
        let may_act = self.may_act.as_ref().is_none_or(|may_act| *may_act == json!({ "sub": client }));
        if !may_act {
            return Err(SubjectTokenError::MayNotAct);
        }
        Ok(Some(match &self.actor {
            Some(before) => json!({ "sub": client, "act": before }),
            None => json!({ "sub": client }),
        }))
    }
}

/// `None` where there is no such claim, and `Some(None)` where it is no text or none of 1 to 256 bytes that can be printed.
fn text_of<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<Option<&'a str>> {
    let is_good = |text: &&str| (1..=TEXT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    claims.get(name).map(|claim| claim.as_str().filter(is_good))
}

/// When the token expires, if it is good now. For its end no clock's skew counts: of what has ended, nothing new can be made.
fn ensure_time(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<u64, SubjectTokenError> {
    let expires_s = claims.get("exp").and_then(Value::as_u64).ok_or(SubjectTokenError::Expired)?;
    if expires_s <= expected.now_ms / 1000 {
        return Err(SubjectTokenError::Expired);
    }
    let latest_s = expected.now_ms.saturating_add(expected.skew_max_ms) / 1000;
    for name in ["iat", "nbf"] {
        let is_good =
            claims.get(name).is_none_or(|begins| begins.as_u64().is_some_and(|begins_s| begins_s <= latest_s));
        if !is_good {
            return Err(SubjectTokenError::NotYetValid);
        }
    }
    Ok(expires_s)
}

fn used_id(issuer: &str, token_id: &str) -> [u8; 32] {
    // As JSON, nothing can be moved from the one part to the other; no client's assertion has an id of this form.
    Sha256::digest(json!(["subject_token", issuer, token_id]).to_string()).into()
}
