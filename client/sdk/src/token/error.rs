//! What can be wrong with tokens and keys. No error repeats what it was given: it may be a secret, or made by an attacker.

use marque_primitives::token::VerifyError;

use super::{JWT_BYTES_MAX, json::NESTING_MAX};
use crate::signer::SignerError;

/// Why a token could not be issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// A claim is out of bounds ([`Claims::validate`](marque_primitives::token::Claims::validate)), or all of them together are too
    /// long for a token.
    #[error("a claim is out of bounds, or the token gets too long: see `Claims` and `bounds`")]
    InvalidClaims,
    /// The key that the token is to be bound to is no point of its curve.
    #[error("the key to bind the token to is no point of P-256")]
    InvalidConfirmation,
    /// JWT has no algorithm for Sr25519.
    #[error("JWT has no algorithm for Sr25519: issue a CWT, or sign with an Ed25519 key")]
    NoJwtAlgorithm,
    /// The key's id is empty, too long, or has characters that it may not.
    #[error("a key id has 1 to 128 printable ASCII characters")]
    InvalidKeyId,
    /// The key's holder did not sign, or signed with another scheme than it names.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

/// Why a text is not a JWT that this library reads, or does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// It is longer than [`JWT_BYTES_MAX`].
    #[error("the token is longer than {JWT_BYTES_MAX} bytes")]
    TooLong,
    /// It is not in compact form (RFC 7515, section 7.1).
    #[error("a JWT has three parts with dots between them, none of them empty")]
    NotCompact,
    /// A part is not base64url without padding, or not in its one form.
    #[error("a part of the token is not base64url without padding, in its one form")]
    NotBase64Url,
    /// The header or the claims are not a JSON object, have a member twice, or are nested too deep.
    #[error("header and claims must be JSON objects with each member once, nested at most {NESTING_MAX} deep")]
    NotJson,
    /// The header has a parameter that is refused.
    #[error(
        "the header has `{name}`, which no access token may have: keys come from who verifies, and nothing is critical"
    )]
    ForbiddenHeader {
        /// The parameter.
        name: &'static str,
    },
    /// The header's `typ` is not `at+jwt` (RFC 9068, section 2.1).
    #[error("the token's `typ` is not `at+jwt`: it is no access token")]
    WrongType,
    /// The header's `alg` is missing, or none of those that are known here.
    #[error("the token's `alg` is not EdDSA, ES256 or RS256")]
    UnknownAlgorithm,
    /// The header's `kid` is missing or not of the form that is expected.
    #[error("the token's `kid` is missing, or names no key of an authorization server")]
    InvalidKeyId,
    /// The header's `jwk`, which a proof of possession needs, is missing or can't be used.
    #[error("the header's `jwk` is missing, or can't be used: {0}")]
    InvalidKey(JwkError),
    /// A claim is missing or of another form.
    #[error("the claim `{name}` is missing, or of another type or form")]
    InvalidClaim {
        /// The claim.
        name: &'static str,
    },
    /// The claims are out of bounds ([`Claims::validate`](marque_primitives::token::Claims::validate)).
    #[error("a claim is out of bounds, there twice in a list, or the times are not in order")]
    InvalidClaims,
    /// The token names another algorithm than the key is for.
    #[error("the token names another algorithm than its key is for")]
    WrongAlgorithm,
    /// The signature is not the key's.
    #[error("the signature is not this key's")]
    InvalidSignature,
}

impl From<JwtError> for VerifyError {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::WrongAlgorithm | JwtError::InvalidSignature => Self::InvalidSignature,
            _ => Self::Malformed,
        }
    }
}

/// Why a JSON Web Key can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// The text is too long, no JSON object, has a member twice, or is nested too deep.
    #[error(
        "a key must be a JSON object with each member once, nested at most {NESTING_MAX} deep, and of moderate size"
    )]
    NotJson,
    /// It has a private part.
    #[error(
        "this is a private key: whoever it was shown to can sign with it; replace it, and publish the public part alone"
    )]
    Private,
    /// Its type or curve is none that is known here.
    #[error("keys must be OKP with Ed25519, EC with P-256, or RSA")]
    UnknownType,
    /// A part of it is missing, not in its one form, out of range, or no point of its curve.
    #[error("a part of the key is missing, not in its one form, out of range, or no point of its curve")]
    InvalidKey,
    /// It says that it is for something else.
    #[error("the key says that it is for another algorithm or use")]
    OtherUse,
}
