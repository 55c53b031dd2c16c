//! A token of an issuer beyond the chain, verified against the keys that it publishes.

use marque_sdk::token::{JwkSet, Jws, JwtError};
use serde_json::{Map, Value};

use super::{Expected, ExternalIssuer, Source, Subject, SubjectTokenType, mapping::scopes_of};
use crate::OAuthError;

/// The most audiences of a token that are looked at.
const AUDIENCES_MAX: usize = 16;

/// A token of an issuer beyond the chain. Nothing of it is believed before it is verified.
#[derive(Clone, PartialEq, Debug)]
pub struct SubjectToken {
    jws: Jws,
    key_id: String,
    token_type: SubjectTokenType,
}

/// Why a token is not exchanged (RFC 8693, section 2.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", self.text())]
#[non_exhaustive]
pub enum SubjectTokenError {
    /// It is no JWT, or its header or claims are refused as such.
    NotJwt,
    /// Its type, in its header, is not what the client says that it is, or no token's at all.
    WrongType,
    /// It does not say which key signed it.
    NoKeyId,
    /// Its issuer is none that is federated with.
    WrongIssuer,
    /// Its algorithm is none of the federation's.
    WrongAlgorithm,
    /// Its issuer has no such key.
    UnknownKey,
    /// The key did not sign it.
    InvalidSignature,
    /// It is for none of the federation's audiences.
    WrongAudience,
    /// It is not good on the chain, or not trusted there for any scope that is mapped.
    NotTrusted,
    /// It has expired, or does not say when it does.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is bound to a key that the client did not prove to have.
    NotHolder,
    /// Its subject is missing or too long.
    InvalidSubject,
    /// Its id is too long, or missing where tokens are exchanged once only.
    InvalidId,
    /// It does not say all that the federation wants.
    ConditionNotMet,
    /// A claim that is copied is too long.
    ClaimTooLong,
    /// Who acted before is no object, or too long.
    InvalidActor,
    /// No device of the registry stands for its subject.
    UnknownDevice,
    /// It says that somebody else may act for its subject.
    MayNotAct,
    /// It was exchanged before.
    Replayed,
}

impl From<SubjectTokenError> for OAuthError {
    fn from(error: SubjectTokenError) -> Self {
        Self::InvalidRequest(error.text())
    }
}

impl SubjectToken {
    /// Reads a token that the client says is of this type.
    ///
    /// # Errors
    /// [`SubjectTokenError`]: [`NotJwt`](SubjectTokenError::NotJwt), [`WrongAlgorithm`](SubjectTokenError::WrongAlgorithm),
    /// [`WrongType`](SubjectTokenError::WrongType), [`NoKeyId`](SubjectTokenError::NoKeyId).
    pub fn read(text: &str, token_type: SubjectTokenType) -> Result<Self, SubjectTokenError> {
        let jws = Jws::read(text).map_err(|error| match error {
            JwtError::UnknownAlgorithm => SubjectTokenError::WrongAlgorithm,
            JwtError::WrongType => SubjectTokenError::WrongType,
            _ => SubjectTokenError::NotJwt,
        })?;
        if !jws.media_type.as_deref().is_none_or(|media_type| is_type(media_type, token_type)) {
            return Err(SubjectTokenError::WrongType);
        }
        let key_id = jws.key_id.clone().ok_or(SubjectTokenError::NoKeyId)?;
        Ok(Self { jws, key_id, token_type })
    }

    /// Who it says issued it, to find the federation by.
    pub fn issuer(&self) -> Option<&str> {
        self.jws.claims.get("iss").and_then(Value::as_str)
    }

    /// Which key it says signed it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What the client says that it is.
    pub const fn token_type(&self) -> SubjectTokenType {
        self.token_type
    }

    /// Checks that one of these keys, its issuer's, signed it, and that it is good now for this federation.
    ///
    /// # Errors
    /// [`SubjectTokenError`], from [`SubjectTokenError::WrongIssuer`] on, in the order of its variants.
    pub fn verify(&self, keys: &JwkSet, expected: &Expected<'_>) -> Result<Subject, SubjectTokenError> {
        let Source::External(external) = &expected.federation.source else {
            return Err(SubjectTokenError::WrongIssuer);
        };
        if self.issuer() != Some(&external.issuer) {
            return Err(SubjectTokenError::WrongIssuer);
        }
        let claims = self.signed_claims(keys, external)?;
        if !audiences(claims).iter().any(|audience| external.audiences.contains(*audience)) {
            return Err(SubjectTokenError::WrongAudience);
        }
        Subject::read(claims, &scopes_of(claims), expected)
    }

    fn signed_claims(
        &self,
        keys: &JwkSet,
        external: &ExternalIssuer,
    ) -> Result<&Map<String, Value>, SubjectTokenError> {
        if !external.algorithms.contains(&self.jws.algorithm.into()) {
            return Err(SubjectTokenError::WrongAlgorithm);
        }
        let key = keys.key(&self.key_id).ok_or(SubjectTokenError::UnknownKey)?;
        self.jws.verify(key).map_err(|_| SubjectTokenError::InvalidSignature)
    }
}

impl SubjectTokenError {
    /// What it shows: fixed texts, which an answer may repeat.
    const fn text(self) -> &'static str {
        match self {
            Self::NotJwt => "subject_token is no JWT that is read here",
            Self::WrongType => "subject_token's typ is not that of subject_token_type",
            Self::NoKeyId => "subject_token needs a kid, which names its issuer's key",
            Self::WrongIssuer => "subject_token's issuer is none that this authorization server federates with",
            Self::WrongAlgorithm => "subject_token must be signed with an algorithm that its federation allows",
            Self::UnknownKey => "subject_token's kid names no key of its issuer",
            Self::InvalidSignature => "subject_token is not signed by the key that it names",
            Self::WrongAudience => "subject_token's aud has none of the audiences that its federation wants",
            Self::NotTrusted => {
                "subject_token is not good on the chain, or not trusted there for scopes that are mapped"
            }
            Self::Expired => "subject_token has expired, or does not say when it does: get a new one",
            Self::NotYetValid => "subject_token's time has not come: see whether both clocks are right",
            Self::NotHolder => "subject_token is bound to a key: prove to have it",
            Self::InvalidSubject => "subject_token needs a sub of 1 to 256 bytes",
            Self::InvalidId => "subject_token needs a jti of 1 to 256 bytes",
            Self::ConditionNotMet => "subject_token does not fulfil the conditions of its federation",
            Self::ClaimTooLong => "subject_token has a claim that is too long to be passed on",
            Self::InvalidActor => "subject_token's act must be an object of at most 1024 bytes",
            Self::UnknownDevice => "subject_token stands for no device of this registry",
            Self::MayNotAct => "subject_token's may_act names somebody else than this client",
            Self::Replayed => "subject_token was exchanged before: get a new one",
        }
    }
}

/// Whether a token of the type that the client names may say that it is this. Proofs, assertions, logout tokens and the like are signed by
/// the same keys and are no tokens to be exchanged: what is not known is refused.
fn is_type(media_type: &str, token_type: SubjectTokenType) -> bool {
    let is = |names: &[&str]| names.iter().any(|name| media_type.eq_ignore_ascii_case(name));
    match token_type {
        SubjectTokenType::IdToken => is(&["JWT"]),
        SubjectTokenType::AccessToken | SubjectTokenType::Jwt => is(&["at+jwt", "application/at+jwt", "JWT"]),
    }
}

/// Whom a token is for (RFC 7519, section 4.1.3); nobody, where it is for too many.
fn audiences(claims: &Map<String, Value>) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) if list.len() <= AUDIENCES_MAX => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
