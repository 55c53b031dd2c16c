//! Issuing tokens.

use marque_primitives::{
    Scheme, Signature,
    token::{Claims, IssuerKeyRef, cwt},
};
use serde_json::{Map, Value};

use super::{Algorithm, IssueError, JwtSigningKey, jwt};
use crate::signer::{Signer, SignerError};

/// A CWT of these claims, signed by this key of an authorization server, of either scheme.
///
/// # Errors
/// [`IssueError::InvalidClaims`], [`IssueError::Signer`].
pub fn issue_cwt(claims: &Claims, signed_by: IssuerKeyRef, signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
    let unsigned = cwt::unsigned(claims, signed_by, signer.scheme()).map_err(|_| IssueError::InvalidClaims)?;
    Ok(unsigned.finish(sign(signer, &unsigned.signed_bytes())?))
}

/// A JWT of these claims, signed by this Ed25519 key of an authorization server.
///
/// # Errors
/// [`IssueError::NoJwtAlgorithm`] for an Sr25519 key, [`IssueError::InvalidClaims`], [`IssueError::InvalidConfirmation`],
/// [`IssueError::Signer`].
pub fn issue_jwt(claims: &Claims, signed_by: IssuerKeyRef, signer: &dyn Signer) -> Result<String, IssueError> {
    issue_jwt_saying_more(claims, &Map::new(), signed_by, signer)
}

/// As [`issue_jwt`], with claims beside those of [`Claims`], which verifiers that don't know them ignore (RFC 7519, section 4).
///
/// # Errors
/// Those of [`issue_jwt`]; [`IssueError::InvalidClaims`] too where one has the name of another, or the token gets too long.
pub fn issue_jwt_saying_more(
    claims: &Claims,
    more: &Map<String, Value>,
    signed_by: IssuerKeyRef,
    signer: &dyn Signer,
) -> Result<String, IssueError> {
    if signer.scheme() != Scheme::Ed25519 {
        return Err(IssueError::NoJwtAlgorithm);
    }
    let unsigned = jwt::write_unsigned(claims, more, &signed_by.to_text(), Algorithm::EdDsa)?;
    jwt::finish(&unsigned, &sign(signer, unsigned.as_bytes())?)
}

/// A JWT of these claims, signed with ES256 or RS256 by a key of this name.
///
/// # Errors
/// [`IssueError::InvalidKeyId`], [`IssueError::InvalidClaims`], [`IssueError::InvalidConfirmation`], [`IssueError::Signer`].
pub fn issue_jwt_with(claims: &Claims, key_id: &str, key: &JwtSigningKey) -> Result<String, IssueError> {
    issue_jwt_with_saying_more(claims, &Map::new(), key_id, key)
}

/// As [`issue_jwt_with`], with claims beside those of [`Claims`], which verifiers that don't know them ignore (RFC 7519, section 4).
///
/// # Errors
/// Those of [`issue_jwt_with`]; [`IssueError::InvalidClaims`] too where one has the name of another, or the token gets too long.
pub fn issue_jwt_with_saying_more(
    claims: &Claims,
    more: &Map<String, Value>,
    key_id: &str,
    key: &JwtSigningKey,
) -> Result<String, IssueError> {
    let unsigned = jwt::write_unsigned(claims, more, key_id, key.algorithm())?;
    jwt::finish(&unsigned, &key.sign(unsigned.as_bytes())?)
}

fn sign(signer: &dyn Signer, bytes: &[u8]) -> Result<[u8; 64], SignerError> {
    match (signer.scheme(), signer.sign(bytes)?) {
        (Scheme::Ed25519, Signature::Ed25519(signature)) | (Scheme::Sr25519, Signature::Sr25519(signature)) => {
            Ok(signature)
        }
        _ => Err(SignerError::Refused { reason: "it signed with another scheme than it names".into() }),
    }
}
