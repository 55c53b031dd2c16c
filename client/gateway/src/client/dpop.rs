//! DPoP (RFC 9449): with each request, a client proves that it has the key which its tokens are bound to.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    primitives::{PublicKey, TimestampMs},
    token::{JwkError, Jws, JwtError, VerificationKey},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;

use super::{GoodNonces, claim};
use crate::OAuthError;

/// How old a proof may be, in milliseconds.
const AGE_MAX_MS: u64 = 5 * 60 * 1000;
const TYPE: &str = "dpop+jwt";
const TAG: &[u8] = b"marque:gateway:dpop-proof:1";

/// What a proof must fit.
#[derive(Clone, Copy, Debug)]
pub struct DpopExpected<'a> {
    /// The request's method, such as `POST`.
    pub method: &'a str,
    /// The URL that the request was made to. Query and fragment do not count.
    pub url: &'a str,
    /// The access token that the request came with, where it came with one: a resource server's request, not one for a token.
    pub access_token: Option<&'a str>,
    /// The nonces of which the proof must have one; `None` where none is asked for.
    pub nonces: Option<&'a GoodNonces>,
    /// Now, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// How far the client's clock may be ahead, in milliseconds.
    pub skew_max_ms: u64,
}

/// A proof that holds, if it was not used before: that is for the caller to find out, by [`used_id`](Self::used_id).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DpopProof {
    /// The SHA-256 thumbprint (RFC 7638) of the key: tokens are bound to it as `jkt`.
    pub thumbprint: [u8; 32],
    /// The key, where it is an Ed25519 key: it may be one of a device.
    pub public_key: Option<PublicKey>,
    /// SHA-256 of the key and the proof's `jti`: by this it is known again.
    pub used_id: [u8; 32],
    /// From this time on it would be refused anyway, in milliseconds: so long it must be remembered.
    pub expires_ms: TimestampMs,
}

/// Why a proof does not hold. All are `invalid_dpop_proof`, but for [`DpopError::UseNonce`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", self.text())]
#[non_exhaustive]
pub enum DpopError {
    /// It is no compact JWS, longer than 8 KiB, or its header or claims are refused as such.
    NotJwt,
    /// Its algorithm is none of those that are known here.
    WrongAlgorithm,
    /// Its `jwk` is missing, or no public key that verifies.
    InvalidKey,
    /// Its `jwk` has a private part.
    PrivateKey,
    /// Its type is not `dpop+jwt`.
    WrongType,
    /// It is not signed by its `jwk`.
    InvalidSignature,
    /// `htm` is not the request's method.
    WrongMethod,
    /// `htu` is not the request's URL.
    WrongUrl,
    /// `iat` is missing, or more than five minutes ago.
    TooOld,
    /// `iat` is ahead.
    NotYetValid,
    /// `jti` is missing or too long.
    NoId,
    /// `ath` is not of the access token.
    WrongToken,
    /// It was used before.
    Replayed,
    /// `nonce` is missing, or none of those that are good: `use_dpop_nonce`.
    UseNonce,
}

impl From<DpopError> for OAuthError {
    fn from(error: DpopError) -> Self {
        match error {
            DpopError::UseNonce => Self::UseDpopNonce,
            error => Self::InvalidDpopProof(error.text()),
        }
    }
}

impl DpopProof {
    /// Reads a proof and checks it (RFC 9449, section 4.3), but for whether it was used before.
    ///
    /// # Errors
    /// [`DpopError`]: whatever can't be read, then in the order of its variants from [`DpopError::WrongType`] on, but for
    /// [`DpopError::Replayed`]. A nonce is asked for last: who is told to use another one needs to change nothing else.
    pub fn read(text: &str, expected: &DpopExpected<'_>) -> Result<Self, DpopError> {
        let (jws, key) = Jws::read_with_key(text)?;
        if !jws.media_type.is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE)) {
            return Err(DpopError::WrongType);
        }
        if !(jws.algorithm == key.algorithm() && key.is_signed(&jws.signed_bytes, &jws.signature)) {
            return Err(DpopError::InvalidSignature);
        }
        ensure_request(&jws.claims, expected)?;
        let expires_ms = ensure_time(&jws.claims, expected)?;
        let id = claim::id(&jws.claims).ok_or(DpopError::NoId)?;
        ensure_token_and_nonce(&jws.claims, expected)?;
        Ok(Self::of(&key, id, expires_ms))
    }

    fn of(key: &VerificationKey, id: &str, expires_ms: TimestampMs) -> Self {
        let thumbprint = key.jwk().thumbprint();
        // A thumbprint has one length: nothing can be moved from the one part to the other.
        let used_id = Sha256::new().chain_update(TAG).chain_update(thumbprint).chain_update(id).finalize().into();
        let public_key = key.jwk().public_key().filter(|key| matches!(key, PublicKey::Ed25519(_)));
        Self { thumbprint, public_key, used_id, expires_ms }
    }
}

impl From<JwtError> for DpopError {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::UnknownAlgorithm => Self::WrongAlgorithm,
            JwtError::InvalidKey(JwkError::Private) => Self::PrivateKey,
            JwtError::InvalidKey(_) => Self::InvalidKey,
            JwtError::WrongType => Self::WrongType,
            _ => Self::NotJwt,
        }
    }
}

impl DpopError {
    /// What it shows: fixed texts, which an answer may repeat.
    const fn text(self) -> &'static str {
        match self {
            Self::NotJwt => "the DPoP proof is no JWT that is read here",
            Self::WrongAlgorithm => "the DPoP proof must be signed with EdDSA (Ed25519), ES256 or RS256",
            Self::InvalidKey => {
                "the DPoP proof's jwk must be a public key: Ed25519, P-256, or RSA of 2048 to 4096 bits"
            }
            Self::PrivateKey => "the DPoP proof's jwk is a private key, which is known to others now: use a new one",
            Self::WrongType => "the DPoP proof's typ must be dpop+jwt",
            Self::InvalidSignature => "the DPoP proof is not signed by its jwk",
            Self::WrongMethod => "the DPoP proof's htm must be the method of the request",
            Self::WrongUrl => "the DPoP proof's htu must be the URL of the request, without query and fragment",
            Self::TooOld => "the DPoP proof's iat is more than five minutes ago or missing: sign one for each request",
            Self::NotYetValid => "the DPoP proof's time has not come: see whether both clocks are right",
            Self::NoId => "the DPoP proof needs a jti of 1 to 256 bytes",
            Self::WrongToken => "the DPoP proof's ath must be the hash of the access token",
            Self::Replayed => "the DPoP proof was used before: sign one for each request",
            Self::UseNonce => "the DPoP proof needs the nonce of the header DPoP-Nonce",
        }
    }
}

fn ensure_request(claims: &Map<String, Value>, expected: &DpopExpected<'_>) -> Result<(), DpopError> {
    if claim::text(claims, "htm") != Some(expected.method) {
        return Err(DpopError::WrongMethod);
    }
    let proved = claim::text(claims, "htu").and_then(comparable).ok_or(DpopError::WrongUrl)?;
    if comparable(expected.url).is_some_and(|url| url == proved) { Ok(()) } else { Err(DpopError::WrongUrl) }
}

/// From when on the proof is too old, if it is good now.
fn ensure_time(claims: &Map<String, Value>, expected: &DpopExpected<'_>) -> Result<TimestampMs, DpopError> {
    let issued_ms = claim::time_ms(claims, "iat").ok_or(DpopError::TooOld)?;
    let expires_ms = issued_ms.saturating_add(AGE_MAX_MS);
    if expires_ms < expected.now_ms {
        return Err(DpopError::TooOld);
    }
    if issued_ms > expected.now_ms.saturating_add(expected.skew_max_ms) {
        return Err(DpopError::NotYetValid);
    }
    // It is still good at that very millisecond.
    Ok(expires_ms.saturating_add(1))
}

fn ensure_token_and_nonce(claims: &Map<String, Value>, expected: &DpopExpected<'_>) -> Result<(), DpopError> {
    let hash = expected.access_token.map(|token| BASE64URL_NOPAD.encode(&Sha256::digest(token)));
    if hash.is_some_and(|hash| claim::text(claims, "ath") != Some(&hash)) {
        return Err(DpopError::WrongToken);
    }
    let has_one_of = |nonces: &GoodNonces| claim::text(claims, "nonce").is_some_and(|nonce| nonces.contains(nonce));
    if expected.nonces.is_none_or(has_one_of) { Ok(()) } else { Err(DpopError::UseNonce) }
}

/// A URL without query and fragment, in the normal form of its syntax and scheme (RFC 3986, sections 6.2.2 and 6.2.3), if it is one.
fn comparable(text: &str) -> Option<Url> {
    // The library would drop whitespace and turn backslashes around, as browsers do.
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return None;
    }
    // It normalises all but what is encoded although it need not be.
    let mut url = Url::parse(text).ok()?;
    let path = normal_path(url.path())?;
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// The path with unreserved characters decoded and the rest encoded in upper case; `None` where a percent sign encodes nothing.
fn normal_path(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut normal = parts.next()?.to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).filter(|(digits, _)| !digits.starts_with('+'))?;
        match u8::from_str_radix(digits, 16).ok()? {
            byte @ (b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~') => normal.push(byte.into()),
            _ => normal.extend(["%", &digits.to_ascii_uppercase()]),
        }
        normal.push_str(rest);
    }
    Some(normal)
}

#[cfg(test)]
mod tests;
