//! Refusals (RFC 7591, section 3.2.2). What they say is fixed: nothing that was sent is repeated.

/// Why a client is not registered, or its registration not changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// 400 `invalid_client_metadata`: a value is not one that is taken here, or does not go with another.
    #[error("{0}")]
    InvalidClientMetadata(&'static str),
    /// 400 `invalid_redirect_uri`: there is no endpoint here that would redirect.
    #[error("redirect_uris must be empty: no grant type of this server redirects")]
    InvalidRedirectUri,
    /// 401 `invalid_token` (RFC 6750, section 3.1): the access token is missing, unknown, spent or expired, or another client's.
    #[error("an access token that allows this is needed: ask the operator for an initial access token")]
    InvalidToken,
}

impl RegistrationError {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidClientMetadata(_) | Self::InvalidRedirectUri => 400,
            Self::InvalidToken => 401,
        }
    }

    /// The value of `error`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidClientMetadata(_) => "invalid_client_metadata",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidToken => "invalid_token",
        }
    }
}
