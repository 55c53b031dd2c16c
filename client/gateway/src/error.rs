//! Refusals, as OAuth 2.0 says them (RFC 6749, section 5.2) and Okta does. What they say is fixed: nothing that was sent is repeated, and
//! nothing internal is told.

use crate::limit::Wait;

/// How many seconds a client is asked to wait where nothing can be said now.
pub const RETRY_AFTER_S: u32 = 5;

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// 400 `invalid_request`: a parameter is missing, repeated or in the wrong place.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// 413 `invalid_request`: the body is too large.
    #[error("the body is too large")]
    BodyTooLarge,
    /// 401 `invalid_request`: more than one way of client authentication is used.
    #[error("use exactly one way of client authentication")]
    SeveralMethods,
    /// 401 `invalid_client`: the client did not prove who it is.
    #[error("{0}")]
    InvalidClient(&'static str),
    /// 400 `invalid_dpop_proof`: the proof that the client has the key its token is to be bound to does not hold (RFC 9449, section 5).
    #[error("{0}")]
    InvalidDpopProof(&'static str),
    /// 400 `use_dpop_nonce`: the proof has no nonce, or an old one (RFC 9449, section 8). The answer's header `DPoP-Nonce` has the new one.
    #[error("sign a new DPoP proof with the nonce of the header DPoP-Nonce")]
    UseDpopNonce,
    /// 400 `unsupported_grant_type`.
    #[error("the grant type is none of those that the metadata names")]
    UnsupportedGrantType,
    /// 400 `unauthorized_client`: the client may not do this: the grant type is not one of its own, or the token is another client's.
    #[error("{0}")]
    UnauthorizedClient(&'static str),
    /// 400 `invalid_scope`: a scope is unknown or malformed, or none is asked for and there is no default.
    #[error("{0}")]
    InvalidScope(&'static str),
    /// 400 `invalid_target` (RFC 8707): what the client asks for can be no audience, or no rule gives tokens for it.
    #[error("no policy gives tokens for this resource or audience")]
    InvalidTarget,
    /// 400 `invalid_authorization_details` (RFC 9396): none is known here.
    #[error("authorization_details is not supported: ask for scopes")]
    AuthorizationDetails,
    /// 403 `access_denied`: the client may not ask from where it is.
    #[error("the client may not ask from this network")]
    WrongZone,
    /// 401 `access_denied`: no policy has a rule for this client, grant type and any of the scopes.
    #[error("no policy allows this client, grant type and scopes")]
    NoRule,
    /// 400 `access_denied`: a rule matched, and each scope was refused all the same.
    #[error("none of the scopes is granted to this device")]
    ScopesRefused,
    /// 429, with Okta's body E0000047: there were too many requests, or too many wrong secrets.
    #[error(transparent)]
    TooMany(#[from] Wait),
    /// 503 `temporarily_unavailable`: what is known of the chain is too old, or it can't be asked.
    #[error("the chain can't be read now: try again")]
    Unavailable,
    /// 503 `temporarily_unavailable`: the keys of the issuer of the token that the client shows can't be had.
    #[error("the keys of the token's issuer can't be had now: try again")]
    NoIssuerKeys,
    /// 500 `server_error`: what has to be written down could not be.
    #[error("the request could not be carried out: try again")]
    Server,
}

impl OAuthError {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest(_)
            | Self::InvalidDpopProof(_)
            | Self::UseDpopNonce
            | Self::UnsupportedGrantType
            | Self::UnauthorizedClient(_)
            | Self::InvalidScope(_)
            | Self::InvalidTarget
            | Self::AuthorizationDetails
            | Self::ScopesRefused => 400,
            Self::WrongZone => 403,
            Self::SeveralMethods | Self::InvalidClient(_) | Self::NoRule => 401,
            Self::BodyTooLarge => 413,
            Self::TooMany(_) => 429,
            Self::Server => 500,
            Self::Unavailable | Self::NoIssuerKeys => 503,
        }
    }

    /// The value of `error`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) | Self::BodyTooLarge | Self::SeveralMethods => "invalid_request",
            Self::InvalidClient(_) => "invalid_client",
            Self::InvalidDpopProof(_) => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnauthorizedClient(_) => "unauthorized_client",
            Self::InvalidScope(_) => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AuthorizationDetails => "invalid_authorization_details",
            Self::WrongZone | Self::NoRule | Self::ScopesRefused => "access_denied",
            Self::TooMany(_) => "too_many_requests",
            Self::Unavailable | Self::NoIssuerKeys => "temporarily_unavailable",
            Self::Server => "server_error",
        }
    }
}
