//! How a client says who it is: in one of several places, and in one of them alone (RFC 6749, section 2.3).

use std::fmt;

use crate::{Form, OAuthError};

/// The type of assertions that are JWTs (RFC 7523, section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client showed. It is a secret, or can be used once like one, and is not shown.
pub enum Credentials {
    /// `private_key_jwt`: a JWT that the client signed.
    Assertion(String),
}

impl Credentials {
    /// Finds the credentials of a request. `has_authorization` says whether it has a header `Authorization`.
    ///
    /// # Errors
    /// [`OAuthError::SeveralMethods`], then [`OAuthError::InvalidClient`] where there are none or of a kind that is not known, then
    /// [`OAuthError::InvalidRequest`] where one of the two parameters of an assertion is missing.
    pub fn read(has_authorization: bool, form: &Form) -> Result<Self, OAuthError> {
        let assertion = (form.get("client_assertion_type"), form.get("client_assertion"));
        let by_secret = form.get("client_secret").is_some();
        let by_assertion = assertion != (None, None);
        if usize::from(has_authorization) + usize::from(by_secret) + usize::from(by_assertion) > 1 {
            return Err(OAuthError::SeveralMethods);
        }
        match assertion {
            (Some(ASSERTION_TYPE), Some(assertion)) => Ok(Self::Assertion(assertion.to_owned())),
            (Some(ASSERTION_TYPE), None) => Err(OAuthError::InvalidRequest("client_assertion is missing")),
            (Some(_), _) => Err(OAuthError::InvalidClient("the type of client assertion is not supported")),
            (None, Some(_)) => Err(OAuthError::InvalidRequest("client_assertion_type is missing")),
            (None, None) if has_authorization || by_secret => {
                Err(OAuthError::InvalidClient("client secrets are not supported: use private_key_jwt"))
            }
            (None, None) => Err(OAuthError::InvalidClient("the client did not authenticate: use private_key_jwt")),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(..)")
    }
}
