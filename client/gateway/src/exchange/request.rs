//! What a client asks for that shows a token (RFC 8693, section 2.1).

use std::fmt;

use marque_sdk::token::JWT_BYTES_MAX;
use zeroize::Zeroizing;

use crate::{Form, OAuthError};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// The longest list of scopes that is read, in bytes: 16 names of 64 bytes, and what is between them.
const SCOPE_BYTES_MAX: usize = 16 * 65;

/// What the client says that it shows (RFC 8693, section 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubjectTokenType {
    /// An access token.
    AccessToken,
    /// An ID token of OpenID Connect. Only issuers beyond the chain have them.
    IdToken,
    /// Any JWT.
    Jwt,
}

impl SubjectTokenType {
    /// The type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            ACCESS_TOKEN => Some(Self::AccessToken),
            ID_TOKEN => Some(Self::IdToken),
            JWT => Some(Self::Jwt),
            _ => None,
        }
    }
}

/// What the client wants for it, which is an access token by either name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestedTokenType {
    /// `urn:ietf:params:oauth:token-type:access_token`, and what is meant where nothing is said.
    AccessToken,
    /// `urn:ietf:params:oauth:token-type:jwt`.
    Jwt,
}

impl RequestedTokenType {
    /// Its name, which the answer repeats as `issued_token_type` (RFC 8693, section 2.2.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => ACCESS_TOKEN,
            Self::Jwt => JWT,
        }
    }
}

/// A request for an exchange. The token in it is a secret for whom it is not bound to a key, and not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ExchangeRequest {
    /// The token that is shown: 1 to [`JWT_BYTES_MAX`] bytes, not looked at yet.
    pub subject_token: Zeroizing<String>,
    /// What the client says that it is.
    pub subject_token_type: SubjectTokenType,
    /// What the client wants.
    pub requested_token_type: RequestedTokenType,
    /// The scopes that are asked for, as they are written.
    pub scope: Option<String>,
}

impl ExchangeRequest {
    /// Reads a request from its form. The grant type, the client's credentials, and whom the token is to be for are read elsewhere.
    ///
    /// # Errors
    /// [`OAuthError::InvalidRequest`]: for an actor's token, then for a subject's token that is missing or too long, its type, and the
    /// type that is asked for; [`OAuthError::InvalidScope`] for too long a list of scopes.
    pub fn read(form: &Form) -> Result<Self, OAuthError> {
        if form.get("actor_token").or(form.get("actor_token_type")).is_some() {
            return Err(OAuthError::InvalidRequest(
                "actor_token is not supported: the client that authenticates is the actor",
            ));
        }
        let subject_token = form.get("subject_token").ok_or(OAuthError::InvalidRequest("subject_token is missing"))?;
        if subject_token.len() > JWT_BYTES_MAX {
            return Err(OAuthError::InvalidRequest("subject_token is longer than 8192 bytes"));
        }
        Ok(Self {
            subject_token: Zeroizing::new(subject_token.to_owned()),
            subject_token_type: subject_token_type(form)?,
            requested_token_type: requested_token_type(form)?,
            scope: scope(form)?,
        })
    }
}

impl fmt::Debug for ExchangeRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ExchangeRequest({:?}, ..)", self.subject_token_type)
    }
}

fn subject_token_type(form: &Form) -> Result<SubjectTokenType, OAuthError> {
    let name = form.get("subject_token_type").ok_or(OAuthError::InvalidRequest("subject_token_type is missing"))?;
    let known = SubjectTokenType::from_name(name);
    known.ok_or(OAuthError::InvalidRequest("subject_token_type must be that of an access_token, a jwt or an id_token"))
}

fn requested_token_type(form: &Form) -> Result<RequestedTokenType, OAuthError> {
    match form.get("requested_token_type") {
        None | Some(ACCESS_TOKEN) => Ok(RequestedTokenType::AccessToken),
        Some(JWT) => Ok(RequestedTokenType::Jwt),
        Some(_) => Err(OAuthError::InvalidRequest("requested_token_type must be that of an access_token or a jwt")),
    }
}

fn scope(form: &Form) -> Result<Option<String>, OAuthError> {
    match form.get("scope") {
        Some(text) if text.len() > SCOPE_BYTES_MAX => {
            Err(OAuthError::InvalidScope("at most 16 scopes can be asked for"))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 2] = [("subject_token", "a.b.c"), ("subject_token_type", JWT)];

    /// Reads a request that is good but for these parameters.
    fn read(changed: &[(&str, &str)]) -> Result<ExchangeRequest, OAuthError> {
        let kept = GOOD.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
        let body = serde_urlencoded::to_string(kept.chain(changed).collect::<Vec<_>>()).unwrap();
        let form = Form::read(Some("application/x-www-form-urlencoded"), None, body.as_bytes()).unwrap();
        ExchangeRequest::read(&form)
    }

    #[test]
    fn a_request_is_read_and_its_token_is_not_shown() {
        let read_one =
            read(&[("subject_token_type", ID_TOKEN), ("requested_token_type", JWT), ("scope", "meters:read")]);
        let request = read_one.unwrap();
        assert_eq!(*request.subject_token, "a.b.c");
        assert_eq!(request.subject_token_type, SubjectTokenType::IdToken);
        assert_eq!(request.requested_token_type.name(), JWT);
        assert_eq!(request.scope.as_deref(), Some("meters:read"));
        assert!(!format!("{request:?}").contains("a.b.c"));
        assert_eq!(read(&[]).unwrap().requested_token_type.name(), ACCESS_TOKEN, "where nothing is said");
    }

    #[test]
    fn requests_that_are_refused() {
        let long = "x".repeat(JWT_BYTES_MAX + 1);
        for changed in [
            ("actor_token", "a.b.c"),
            ("actor_token_type", JWT),
            ("subject_token", ""),
            ("subject_token", &long),
            ("subject_token_type", ""),
            ("subject_token_type", "jwt"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:saml2"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
            ("requested_token_type", ID_TOKEN),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
        ] {
            let refused = read(&[changed]);
            assert!(matches!(refused, Err(OAuthError::InvalidRequest(_))), "{} {}", changed.0, changed.1.len());
        }
        let scope = |bytes| read(&[("scope", &*"s".repeat(bytes))]);
        assert!(scope(SCOPE_BYTES_MAX).is_ok());
        assert!(matches!(scope(SCOPE_BYTES_MAX + 1), Err(OAuthError::InvalidScope(_))));
    }

    #[test]
    fn the_longest_token_is_read() {
        assert!(read(&[("subject_token", &*"x".repeat(JWT_BYTES_MAX))]).is_ok());
    }
}
