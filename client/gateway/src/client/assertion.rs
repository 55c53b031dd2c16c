//! `private_key_jwt` (RFC 7523, section 3, as the rfc7523bis draft narrows it): a device signs with a key of its DID that it is who it says.

use marque_sdk::{
    did::Did,
    primitives::{Device, Key, PublicKey, RegistryId, Relationships, Status, TimestampMs, access},
    token::{Algorithm, Jwk, Jws, JwtError, VerificationKey},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::OAuthError;

/// How far ahead an assertion may expire, in milliseconds, the skew of the clocks aside.
const AHEAD_MAX_MS: u64 = 60 * 60 * 1000;
/// The longest `jti`, in bytes.
const ID_BYTES_MAX: usize = 256;
/// The types that an assertion may say it is; it may also say none.
const TYPES: [&str; 2] = ["client-authentication+jwt", "JWT"];

/// What an assertion must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// `client_id`, if the request has it.
    pub client_id: Option<&'a str>,
    /// The one or the other must be the audience: the token endpoint's URL, or the issuer's.
    pub audiences: [&'a str; 2],
    /// The registry that the device must be in.
    pub registry: RegistryId,
    /// Now, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// How far the client's clock may differ, in milliseconds.
    pub skew_max_ms: u64,
}

/// An assertion whose form and times are good. Whether its device signed it is still open.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The device that it says it is from.
    pub device: Did,
    /// SHA-256 of the client and the assertion's `jti`: by this it is known again.
    pub used_id: [u8; 32],
    /// From this time on it would be refused anyway, in milliseconds: so long it must be remembered.
    pub expires_ms: TimestampMs,
    jws: Jws,
}

/// Why an assertion does not prove who the client is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", self.text())]
#[non_exhaustive]
pub enum AssertionError {
    /// It is no compact JWS, or its header or claims are refused as such.
    NotJwt,
    /// Its algorithm is not the device's.
    WrongAlgorithm,
    /// Its type is another one.
    WrongType,
    /// `iss` and `sub` are not the same `did:marque` DID of this registry, or not `client_id`.
    WrongClient,
    /// The audience is not exactly one of the two.
    WrongAudience,
    /// `exp` is missing, or over.
    Expired,
    /// `exp` is too far ahead.
    LivesTooLong,
    /// `iat` or `nbf` is ahead.
    NotYetValid,
    /// `jti` is missing or too long.
    NoId,
    /// The device is not registered.
    UnknownDevice,
    /// No current authentication key of the device signed it, or not the one that it names.
    InvalidSignature,
    /// The device is suspended.
    Suspended,
    /// The device is revoked.
    Revoked,
    /// It was used before.
    Replayed,
}

impl From<AssertionError> for OAuthError {
    fn from(error: AssertionError) -> Self {
        Self::InvalidClient(error.text())
    }
}

impl Assertion {
    /// Reads an assertion, and checks whatever can be checked without asking about the device.
    ///
    /// # Errors
    /// [`AssertionError`], in the order of its variants up to [`AssertionError::NoId`].
    pub fn read(text: &str, expected: &Expected<'_>) -> Result<Self, AssertionError> {
        let jws = Jws::read(text).map_err(|error| match error {
            JwtError::UnknownAlgorithm => AssertionError::WrongAlgorithm,
            _ => AssertionError::NotJwt,
        })?;
        if jws.algorithm != Algorithm::EdDsa {
            return Err(AssertionError::WrongAlgorithm);
        }
        let is_type = |typ: &String| TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known));
        if !jws.media_type.as_ref().is_none_or(is_type) {
            return Err(AssertionError::WrongType);
        }
        let device = client(&jws.claims, expected).ok_or(AssertionError::WrongClient)?;
        if !audience(&jws.claims).is_some_and(|audience| expected.audiences.contains(&audience)) {
            return Err(AssertionError::WrongAudience);
        }
        let expires_ms = ensure_time(&jws.claims, expected)?;
        let id = text_of(&jws.claims, "jti").filter(|id| (1..=ID_BYTES_MAX).contains(&id.len()));
        let used_id = used_id(&device, id.ok_or(AssertionError::NoId)?);
        Ok(Self { device, used_id, expires_ms, jws })
    }

    /// Checks that the device signed it and is in use, and says by which key.
    ///
    /// # Errors
    /// [`AssertionError::UnknownDevice`]; [`AssertionError::Revoked`], as a revoked device has no key left that could sign;
    /// [`AssertionError::InvalidSignature`]; [`AssertionError::Suspended`], which is told to who can sign alone.
    pub fn verify(&self, device: Option<&Device>) -> Result<PublicKey, AssertionError> {
        let device = device.ok_or(AssertionError::UnknownDevice)?;
        if device.status == Status::Revoked {
            return Err(AssertionError::Revoked);
        }
        let signed_by = device.keys.iter().filter(|key| self.may_be_by(key)).find(|key| self.is_signed_by(key));
        let key = signed_by.ok_or(AssertionError::InvalidSignature)?;
        if device.status == Status::Active { Ok(key.public_key) } else { Err(AssertionError::Suspended) }
    }

    /// A `kid` narrows the keys down to one: the one whose DID URL it is.
    fn may_be_by(&self, key: &Key) -> bool {
        let is_named = |kid: &String| *kid == format!("{}#key-{}", self.device, key.id);
        key.is_current()
            && key.relationships.contains(Relationships::AUTHENTICATION)
            && self.jws.key_id.as_ref().is_none_or(is_named)
    }

    fn is_signed_by(&self, key: &Key) -> bool {
        let key = Jwk::from_public_key(&key.public_key).and_then(VerificationKey::new);
        key.is_ok_and(|key| self.jws.verify(&key).is_ok())
    }
}

impl AssertionError {
    /// What it shows: fixed texts, which an answer may repeat.
    const fn text(self) -> &'static str {
        match self {
            Self::NotJwt => "the client assertion is no JWT that is read here",
            Self::WrongAlgorithm => "the client assertion must be signed with EdDSA (Ed25519)",
            Self::WrongType => "the client assertion's typ must be client-authentication+jwt, JWT or left out",
            Self::WrongClient => "the client assertion's iss and sub must be the client's id, a DID of this registry",
            Self::WrongAudience => {
                "the client assertion's aud must be the token endpoint's URL or the issuer, and nothing else"
            }
            Self::Expired => "the client assertion has expired, or does not say when it does",
            Self::LivesTooLong => "the client assertion expires more than an hour ahead",
            Self::NotYetValid => "the client assertion's time has not come: see whether both clocks are right",
            Self::NoId => "the client assertion needs a jti of 1 to 256 bytes",
            Self::UnknownDevice => "the client is not registered on the chain",
            Self::InvalidSignature => {
                "the client assertion is not signed by a current authentication key of the device"
            }
            Self::Suspended => "the device is suspended",
            Self::Revoked => "the device is revoked",
            Self::Replayed => "the client assertion was used before: sign a new one",
        }
    }
}

fn text_of<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

fn client(claims: &Map<String, Value>, expected: &Expected<'_>) -> Option<Did> {
    let issuer = text_of(claims, "iss")?;
    let is_one = text_of(claims, "sub") == Some(issuer)
        && access::is_client_id(issuer)
        && expected.client_id.is_none_or(|client_id| client_id == issuer);
    let did: Did = is_one.then(|| issuer.parse().ok())??;
    (did.registry == expected.registry).then_some(did)
}

/// The one audience: an assertion for two could be used at the other.
fn audience(claims: &Map<String, Value>) -> Option<&str> {
    match claims.get("aud")? {
        Value::String(one) => Some(one),
        Value::Array(list) => match list.as_slice() {
            [one] => one.as_str(),
            _ => None,
        },
        _ => None,
    }
}

/// When the assertion expires, skew included, if it is good now.
fn ensure_time(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<TimestampMs, AssertionError> {
    let Expected { now_ms, skew_max_ms, .. } = *expected;
    let millis = |name| claims.get(name).and_then(Value::as_u64).map(|seconds| seconds.saturating_mul(1000));
    let expires_ms = millis("exp").ok_or(AssertionError::Expired)?.saturating_add(skew_max_ms);
    if expires_ms <= now_ms {
        return Err(AssertionError::Expired);
    }
    if expires_ms > now_ms.saturating_add(AHEAD_MAX_MS).saturating_add(2 * skew_max_ms) {
        return Err(AssertionError::LivesTooLong);
    }
    for name in ["iat", "nbf"] {
        let is_good = !claims.contains_key(name)
            || millis(name).is_some_and(|begins_ms| begins_ms <= now_ms.saturating_add(skew_max_ms));
        if !is_good {
            return Err(AssertionError::NotYetValid);
        }
    }
    Ok(expires_ms)
}

fn used_id(device: &Did, id: &str) -> [u8; 32] {
    // A DID has one length: nothing can be moved from the one part to the other.
    Sha256::new().chain_update(device.to_string()).chain_update(id).finalize().into()
}

#[cfg(test)]
mod tests;
