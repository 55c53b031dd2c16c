//! `private_key_jwt` (RFC 7523, section 3, as the rfc7523bis draft narrows it): a client signs that it is who it says, a device with a key of
//! its DID, and an app with a key that is registered for it.

use std::fmt;

use marque_sdk::{
    did::Did,
    primitives::{Device, Key, PublicKey, RegistryId, Relationships, Status, TimestampMs, access},
    token::{Algorithm, Jwk, Jws, JwtError, PublishedKey, VerificationKey},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::claim;
use crate::OAuthError;

/// The most keys that an app may have registered; the rest is not looked at.
pub const REGISTERED_KEYS_MAX: usize = 50;

/// How far ahead an assertion may expire, in milliseconds, the skew of the clocks aside.
const AHEAD_MAX_MS: u64 = 60 * 60 * 1000;
/// The types that an assertion may say it is; it may also say none.
const TYPES: [&str; 2] = ["client-authentication+jwt", "JWT"];
const TAG: &[u8] = b"marque:gateway:client-assertion:1";
/// What no app's id begins with.
const DID_SCHEME: &str = "did:";

/// What an assertion must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// `client_id`, if the request has it.
    pub client_id: Option<&'a str>,
    /// The one or the other must be the audience: the token endpoint's URL, or the issuer's.
    pub audiences: [&'a str; 2],
    /// The registry that a device must be in.
    pub registry: RegistryId,
    /// Whether apps are clients too, of which any id is good here: which ones there are is known elsewhere.
    pub allows_apps: bool,
    /// Now, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// How far the client's clock may differ, in milliseconds.
    pub skew_max_ms: u64,
}

/// Who an assertion says it is from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claimed {
    /// A device of the registry.
    Device(Did),
    /// An app, by its id.
    App(String),
}

impl fmt::Display for Claimed {
    /// The client's id.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(did) => did.fmt(formatter),
            Self::App(id) => formatter.write_str(id),
        }
    }
}

/// An assertion whose form and times are good. Whether its client signed it is still open.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Who it says it is from.
    pub claimed: Claimed,
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
    /// Its algorithm is none of the client's.
    WrongAlgorithm,
    /// Its type is another one.
    WrongType,
    /// `iss` and `sub` are not the same app's id or `did:marque` DID of this registry, or not `client_id`.
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
    /// No current authentication key of the device, or registered one of the app, signed it, or not the one that it names.
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
        let claimed = client(&jws.claims, expected);
        if jws.algorithm != Algorithm::EdDsa && !matches!(claimed, Some(Claimed::App(_))) {
            return Err(AssertionError::WrongAlgorithm);
        }
        let is_type = |typ: &String| TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known));
        if !jws.media_type.as_ref().is_none_or(is_type) {
            return Err(AssertionError::WrongType);
        }
        let claimed = claimed.ok_or(AssertionError::WrongClient)?;
        if !audience(&jws.claims).is_some_and(|audience| expected.audiences.contains(&audience)) {
            return Err(AssertionError::WrongAudience);
        }
        let expires_ms = ensure_time(&jws.claims, expected)?;
        let used_id = used_id(&claimed, claim::id(&jws.claims).ok_or(AssertionError::NoId)?);
        Ok(Self { claimed, used_id, expires_ms, jws })
    }

    /// Checks that the device signed it and is in use, and says by which key.
    ///
    /// # Errors
    /// [`AssertionError::WrongClient`], if it is from an app; [`AssertionError::UnknownDevice`]; [`AssertionError::Revoked`], as a revoked
    /// device has no key left that could sign; [`AssertionError::InvalidSignature`]; [`AssertionError::Suspended`], which is told to who can
    /// sign alone.
    pub fn verify(&self, device: Option<&Device>) -> Result<PublicKey, AssertionError> {
        let Claimed::Device(did) = &self.claimed else { return Err(AssertionError::WrongClient) };
        let device = device.ok_or(AssertionError::UnknownDevice)?;
        if device.status == Status::Revoked {
            return Err(AssertionError::Revoked);
        }
        let signed_by = device.keys.iter().filter(|key| self.may_be_by(did, key)).find(|key| self.is_signed_by(key));
        let key = signed_by.ok_or(AssertionError::InvalidSignature)?;
        if device.status == Status::Active { Ok(key.public_key) } else { Err(AssertionError::Suspended) }
    }

    /// Checks that one of the keys that are registered for the app signed it, and says which. A `kid` narrows them down to one. Of more than
    /// [`REGISTERED_KEYS_MAX`] keys, the first ones count.
    ///
    /// # Errors
    /// [`AssertionError::WrongClient`], if it is from a device; [`AssertionError::InvalidSignature`].
    pub fn verify_by_keys<'k>(&self, keys: &'k [PublishedKey]) -> Result<&'k PublishedKey, AssertionError> {
        let Claimed::App(_) = &self.claimed else { return Err(AssertionError::WrongClient) };
        let is_named = |key: &PublishedKey| self.jws.key_id.as_ref().is_none_or(|kid| *kid == key.key_id);
        let mut keys = keys.iter().take(REGISTERED_KEYS_MAX);
        let signed_by = keys.find(|key| is_named(key) && self.jws.verify(&key.key).is_ok());
        signed_by.ok_or(AssertionError::InvalidSignature)
    }

    /// A `kid` narrows the keys down to one: the one whose DID URL it is.
    fn may_be_by(&self, did: &Did, key: &Key) -> bool {
        let is_named = |kid: &String| *kid == format!("{did}#key-{}", key.id);
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
            Self::WrongAlgorithm => {
                "the client assertion must be signed with EdDSA (Ed25519), an app's with that, ES256 or RS256"
            }
            Self::WrongType => "the client assertion's typ must be client-authentication+jwt, JWT or left out",
            Self::WrongClient => {
                "the client assertion's iss and sub must be the client's id: a DID of this registry, or an app's id"
            }
            Self::WrongAudience => {
                "the client assertion's aud must be the token endpoint's URL or the issuer, and nothing else"
            }
            Self::Expired => "the client assertion has expired, or does not say when it does",
            Self::LivesTooLong => "the client assertion expires more than an hour ahead",
            Self::NotYetValid => "the client assertion's time has not come: see whether both clocks are right",
            Self::NoId => "the client assertion needs a jti of 1 to 256 bytes",
            Self::UnknownDevice => "the client is not registered on the chain",
            Self::InvalidSignature => {
                "the client assertion is not signed by a current authentication key of the device, or a key of the app"
            }
            Self::Suspended => "the device is suspended",
            Self::Revoked => "the device is revoked",
            Self::Replayed => "the client assertion was used before: sign a new one",
        }
    }
}

fn client(claims: &Map<String, Value>, expected: &Expected<'_>) -> Option<Claimed> {
    let issuer = claim::text(claims, "iss")?;
    let is_one = claim::text(claims, "sub") == Some(issuer)
        && access::is_client_id(issuer)
        && expected.client_id.is_none_or(|client_id| client_id == issuer);
    if !is_one {
        return None;
    }
    // A scheme is the same in either case (RFC 3986, section 3.1): an app is not called as what could be taken for a DID.
    let scheme = issuer.get(..DID_SCHEME.len());
    if !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(DID_SCHEME)) {
        return expected.allows_apps.then(|| Claimed::App(issuer.to_owned()));
    }
    let did: Did = issuer.parse().ok()?;
    (did.registry == expected.registry).then_some(Claimed::Device(did))
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
    let expires_ms = claim::time_ms(claims, "exp").ok_or(AssertionError::Expired)?.saturating_add(skew_max_ms);
    if expires_ms <= now_ms {
        return Err(AssertionError::Expired);
    }
    if expires_ms > now_ms.saturating_add(AHEAD_MAX_MS).saturating_add(2 * skew_max_ms) {
        return Err(AssertionError::LivesTooLong);
    }
    for name in ["iat", "nbf"] {
        let is_good = !claims.contains_key(name)
            || claim::time_ms(claims, name).is_some_and(|begins_ms| begins_ms <= now_ms.saturating_add(skew_max_ms));
        if !is_good {
            return Err(AssertionError::NotYetValid);
        }
    }
    Ok(expires_ms)
}

fn used_id(client: &Claimed, id: &str) -> [u8; 32] {
    // No client's id has a zero byte: nothing can be moved from the one part to the other.
    Sha256::new().chain_update(TAG).chain_update(format!("{client}\0")).chain_update(id).finalize().into()
}

#[cfg(test)]
mod tests;
