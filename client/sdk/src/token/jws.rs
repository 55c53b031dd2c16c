//! Signed JSON (RFC 7515) in compact form: what all JWTs have in common, whatever they say.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::{Algorithm, JWT_BYTES_MAX, Jwk, JwkError, JwtError, VerificationKey, json, jwt::is_key_id};

/// Header parameters that would bring a key along, or change what the token means. Others are ignored (RFC 7515, section 4).
const FORBIDDEN: [&str; 8] = ["crit", "b64", "zip", "enc", JWK, "jku", "x5u", "x5c"];
/// The one of them that a proof of possession has.
const JWK: &str = "jwk";

/// A signed JSON object that was read, such as a client's assertion (RFC 7523). Nothing of it is believed before it is verified, and
/// what it says is up to the reader: an access token is read by [`Jwt::read`](super::Jwt::read), which is stricter.
#[derive(Clone, PartialEq, Debug)]
pub struct Jws {
    /// `alg`.
    pub algorithm: Algorithm,
    /// `typ`, if there is one.
    pub media_type: Option<String>,
    /// `kid`, if there is one: 1 to 128 printable ASCII characters.
    pub key_id: Option<String>,
    /// What it says.
    pub claims: Map<String, Value>,
    /// The bytes that are signed.
    pub signed_bytes: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Jws {
    /// Reads signed JSON. It has one form: base64url without padding or stray bits, JSON without repeated members.
    ///
    /// # Errors
    /// [`JwtError::TooLong`], [`JwtError::NotCompact`], [`JwtError::NotBase64Url`], [`JwtError::NotJson`],
    /// [`JwtError::ForbiddenHeader`], [`JwtError::WrongType`] for a `typ` that is no text, [`JwtError::UnknownAlgorithm`],
    /// [`JwtError::InvalidKeyId`].
    pub fn read(text: &str) -> Result<Self, JwtError> {
        let parts = Parts::split(text)?;
        Self::of(&parts, &parts.header()?)
    }

    /// Reads signed JSON that brings along the public key which it is signed by, as a proof of possession does (RFC 9449, section 4.2).
    /// It proves that the signer has that key, and nothing about whose key that is: it is not verified here.
    ///
    /// # Errors
    /// Those of [`read`](Self::read), but for a `jwk`; [`JwtError::InvalidKey`] where that is missing, private, or no key that verifies.
    pub fn read_with_key(text: &str) -> Result<(Self, VerificationKey), JwtError> {
        let parts = Parts::split(text)?;
        let mut header = parts.header_but_for(&[JWK])?;
        let key = match header.remove(JWK) {
            Some(Value::Object(members)) => Jwk::read(&members).and_then(VerificationKey::new),
            _ => Err(JwkError::NotJson),
        };
        Ok((Self::of(&parts, &header)?, key.map_err(JwtError::InvalidKey)?))
    }

    fn of(parts: &Parts<'_>, header: &Map<String, Value>) -> Result<Self, JwtError> {
        let media_type = header.get("typ").map(|typ| typ.as_str().ok_or(JwtError::WrongType)).transpose()?;
        let key_id = header.get("kid").map(|kid| kid.as_str().filter(|key_id| is_key_id(key_id)));
        Ok(Self {
            algorithm: algorithm(header)?,
            media_type: media_type.map(str::to_owned),
            key_id: key_id.map(|key_id| key_id.ok_or(JwtError::InvalidKeyId)).transpose()?.map(str::to_owned),
            claims: parts.claims()?,
            signed_bytes: parts.signed.as_bytes().to_vec(),
            signature: parts.signature()?,
        })
    }

    /// What it says, if it is signed by this key, which says by which algorithm. All else is up to the caller.
    ///
    /// # Errors
    /// [`JwtError::WrongAlgorithm`], [`JwtError::InvalidSignature`].
    pub fn verify(&self, key: &VerificationKey) -> Result<&Map<String, Value>, JwtError> {
        ensure_signed(key, self.algorithm, &self.signed_bytes, &self.signature)?;
        Ok(&self.claims)
    }
}

/// Whether the key is for the algorithm that was named, and signed these bytes.
pub(super) fn ensure_signed(
    key: &VerificationKey,
    algorithm: Algorithm,
    signed_bytes: &[u8],
    signature: &[u8],
) -> Result<(), JwtError> {
    if algorithm != key.algorithm() {
        return Err(JwtError::WrongAlgorithm);
    }
    if key.is_signed(signed_bytes, signature) { Ok(()) } else { Err(JwtError::InvalidSignature) }
}

/// `alg`, if it is one that is known here.
pub(super) fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, JwtError> {
    header.get("alg").and_then(Value::as_str).and_then(Algorithm::from_name).ok_or(JwtError::UnknownAlgorithm)
}

/// The three parts of the compact form (RFC 7515, section 7.1), still encoded.
pub(super) struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    /// Header and claims with the dot between, which is what is signed.
    pub(super) signed: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn split(text: &'a str) -> Result<Self, JwtError> {
        if text.len() > JWT_BYTES_MAX {
            return Err(JwtError::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtError::NotCompact)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::NotCompact)?;
        if header.is_empty() || claims.is_empty() || claims.contains('.') || signature.is_empty() {
            return Err(JwtError::NotCompact);
        }
        Ok(Self { header, claims, signature, signed })
    }

    /// The header, which has no parameter that is refused.
    pub(super) fn header(&self) -> Result<Map<String, Value>, JwtError> {
        self.header_but_for(&[])
    }

    /// The header, which has no parameter that is refused but for these.
    fn header_but_for(&self, allowed: &[&str]) -> Result<Map<String, Value>, JwtError> {
        let header = decode_object(self.header)?;
        let is_refused = |name: &&str| header.contains_key(*name) && !allowed.contains(name);
        match FORBIDDEN.into_iter().find(is_refused) {
            Some(name) => Err(JwtError::ForbiddenHeader { name }),
            None => Ok(header),
        }
    }

    pub(super) fn claims(&self) -> Result<Map<String, Value>, JwtError> {
        decode_object(self.claims)
    }

    pub(super) fn signature(&self) -> Result<Vec<u8>, JwtError> {
        decode(self.signature)
    }
}

fn decode_object(part: &str) -> Result<Map<String, Value>, JwtError> {
    json::read_object(&decode(part)?).ok_or(JwtError::NotJson)
}

/// The library refuses padding, whitespace and trailing bits that are not zero.
fn decode(part: &str) -> Result<Vec<u8>, JwtError> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| JwtError::NotBase64Url)
}
