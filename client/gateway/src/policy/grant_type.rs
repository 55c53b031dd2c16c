//! How a token is asked for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a token is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// By the client, for itself (RFC 6749, section 4.4).
    ClientCredentials,
    /// With a token that the client has been given (RFC 8693).
    TokenExchange,
}

impl GrantType {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::ClientCredentials, Self::TokenExchange];

    /// The grant type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant_type| grant_type.name() == name)
    }

    /// Its name, as requests and metadata have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }
}
