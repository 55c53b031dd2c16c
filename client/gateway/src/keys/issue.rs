//! Tokens of a signing key, in either form.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    primitives::token::Claims,
    token::{IssueError, issue_cwt, issue_jwt_saying_more, issue_jwt_with_saying_more},
};
use serde_json::{Map, Value};

use super::signing_key::{Secret, SigningKey};

/// The form of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenFormat {
    /// JWT (RFC 9068).
    Jwt,
    /// CWT (RFC 8392), base64url without padding: a fraction of the size, for devices and contracts.
    Cwt,
}

/// Why there is no token.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueTokenError {
    /// The key is not on the chain, and only the chain's keys sign CWTs.
    #[error("CWTs are signed by keys that are on the chain: ask an authorization server whose algorithm is EdDSA")]
    NoCwt,
    /// The key is still to be put on the chain.
    #[error("the key is not on the chain yet: try again")]
    NotOnChain,
    /// The token can't be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// A token of these claims, signed by this key. What a JWT says more is not in a CWT, where each claim has a number.
///
/// # Errors
/// [`IssueTokenError::NoCwt`] for a CWT by RS256 or ES256; [`IssueTokenError::NotOnChain`]; [`IssueTokenError::Issue`].
pub fn issue(
    claims: &Claims,
    more: &Map<String, Value>,
    key: &SigningKey,
    format: TokenFormat,
) -> Result<String, IssueTokenError> {
    match (key.secret(), format) {
        (Secret::Ed25519(_, None), _) => Err(IssueTokenError::NotOnChain),
        (Secret::Ed25519(account, Some(signed_by)), TokenFormat::Jwt) => {
            Ok(issue_jwt_saying_more(claims, more, *signed_by, account)?)
        }
        (Secret::Ed25519(account, Some(signed_by)), TokenFormat::Cwt) => {
            Ok(BASE64URL_NOPAD.encode(&issue_cwt(claims, *signed_by, account)?))
        }
        (Secret::Jwt(private), TokenFormat::Jwt) => {
            Ok(issue_jwt_with_saying_more(claims, more, key.key_id(), private)?)
        }
        (Secret::Jwt(_), TokenFormat::Cwt) => Err(IssueTokenError::NoCwt),
    }
}
