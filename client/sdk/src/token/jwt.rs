//! Tokens as JWT (RFC 7519) in compact form, by the profile for access tokens (RFC 9068).

use marque_primitives::{
    Signature,
    token::{Claims, IssuerKeyRef, SignedToken},
};
use serde_json::{Map, Value, json};

use super::{
    Algorithm, IssueError, JwtError, VerificationKey, claims,
    jwk::encode_bytes,
    jws::{self, Parts},
};

/// The longest JWT, in bytes.
pub const JWT_BYTES_MAX: usize = 8192;
/// The longest `kid`, in bytes.
const KEY_ID_BYTES_MAX: usize = 128;
const TYPE: &str = "at+jwt";
const LONG_TYPE: &str = "application/at+jwt";

/// A JWT that was read. Nothing of it is believed before it is verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Jwt {
    /// `alg`.
    pub algorithm: Algorithm,
    /// `kid`: 1 to 128 printable ASCII characters.
    pub key_id: String,
    /// What it says.
    pub claims: Claims,
    /// The bytes that are signed.
    pub signed_bytes: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Reads the JWT of an authorization server that is on chain: by Ed25519, with a `kid` such as `3#key-0`. Nothing of it is believed
/// before [`verify`](marque_primitives::token::verify).
///
/// # Errors
/// [`JwtError`]: whatever [`Jwt::read`] refuses, and [`JwtError::UnknownAlgorithm`], [`JwtError::InvalidKeyId`] and
/// [`JwtError::InvalidSignature`] for other algorithms, `kid`s and lengths of signatures.
pub fn read_jwt(text: &str) -> Result<SignedToken, JwtError> {
    let jwt = Jwt::read(text)?;
    if jwt.algorithm != Algorithm::EdDsa {
        return Err(JwtError::UnknownAlgorithm);
    }
    let signature = jwt.signature.try_into().map_err(|_| JwtError::InvalidSignature)?;
    Ok(SignedToken {
        signed_by: IssuerKeyRef::from_text(&jwt.key_id).ok_or(JwtError::InvalidKeyId)?,
        claims: jwt.claims,
        signed_bytes: jwt.signed_bytes,
        signature: Signature::Ed25519(signature),
    })
}

impl Jwt {
    /// Reads a JWT. What is not known in its header and among its claims is ignored, as the standards have it; all else has one
    /// form: base64url without padding or stray bits, JSON without repeated members, integers for times.
    ///
    /// # Errors
    /// [`JwtError`], but for [`JwtError::WrongAlgorithm`] and [`JwtError::InvalidSignature`].
    pub fn read(text: &str) -> Result<Self, JwtError> {
        let parts = Parts::split(text)?;
        let (algorithm, key_id) = read_header(&parts.header()?)?;
        Ok(Self {
            algorithm,
            key_id,
            claims: claims::read(&parts.claims()?)?,
            signed_bytes: parts.signed.as_bytes().to_vec(),
            signature: parts.signature()?,
        })
    }

    /// The claims, if the token is signed by this key, which says by which algorithm. Time, audience and all else is up to the caller.
    ///
    /// # Errors
    /// [`JwtError::WrongAlgorithm`], [`JwtError::InvalidSignature`].
    pub fn verify(&self, key: &VerificationKey) -> Result<&Claims, JwtError> {
        jws::ensure_signed(key, self.algorithm, &self.signed_bytes, &self.signature)?;
        Ok(&self.claims)
    }
}

/// The header and the claims of a token that is still to be signed, with the dot between. `more` are claims beside those that are
/// known here.
pub(super) fn write_unsigned(
    claims: &Claims,
    more: &Map<String, Value>,
    key_id: &str,
    algorithm: Algorithm,
) -> Result<String, IssueError> {
    if !is_key_id(key_id) {
        return Err(IssueError::InvalidKeyId);
    }
    let header = json!({ "alg": algorithm.name(), "kid": key_id, "typ": TYPE }).to_string();
    let payload = claims::write(claims, more)?.to_string();
    Ok(format!("{}.{}", encode_bytes(header.as_bytes()), encode_bytes(payload.as_bytes())))
}

/// The token with its signature.
pub(super) fn finish(unsigned: &str, signature: &[u8]) -> Result<String, IssueError> {
    let token = format!("{unsigned}.{}", encode_bytes(signature));
    if token.len() > JWT_BYTES_MAX { Err(IssueError::InvalidClaims) } else { Ok(token) }
}

/// Whether this can be a `kid`.
pub(super) fn is_key_id(text: &str) -> bool {
    (1..=KEY_ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read_header(members: &Map<String, Value>) -> Result<(Algorithm, String), JwtError> {
    let text = |name| members.get(name).and_then(Value::as_str);
    let is_access_token = |typ: &str| typ.eq_ignore_ascii_case(TYPE) || typ.eq_ignore_ascii_case(LONG_TYPE);
    text("typ").filter(|typ| is_access_token(typ)).ok_or(JwtError::WrongType)?;
    let algorithm = jws::algorithm(members)?;
    let key_id = text("kid").filter(|key_id| is_key_id(key_id)).ok_or(JwtError::InvalidKeyId)?;
    Ok((algorithm, key_id.to_owned()))
}
