//! An authorization server: what it is called, who it is on the chain, and by which policies it decides.

use marque_sdk::{primitives::access::IssuerId, token::Algorithm};
use serde::{Deserialize, Serialize};

use super::SettingsError;
use crate::{
    keys::{self, KeyRing},
    policy::Policies,
};

/// The longest name of an authorization server, in bytes.
const NAME_BYTES_MAX: usize = 32;

/// How an authorization server is set up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerDocument {
    /// Its name in URLs: 1 to 32 of `a–z 0–9 -`, such as `default`. Its URL on the chain ends in `/oauth2/` and this.
    pub name: String,
    /// Its number on the chain.
    pub issuer: IssuerId,
    /// Its issuer URL, as on the chain, where it never changes.
    pub url: String,
    /// The scopes that a client gets that asks for none. Where there are none, it must ask.
    #[serde(default)]
    pub default_scopes: Vec<String>,
    /// Whether each token must be bound to a key by DPoP (RFC 9449).
    #[serde(default)]
    pub requires_dpop: bool,
    /// By what it signs: `EdDSA`, with keys that are on the chain; or `RS256` or `ES256`, for services that know no Ed25519. Contracts do
    /// not take the tokens of those. It stays as it is.
    #[serde(default = "keys::algorithm::default", with = "keys::algorithm")]
    #[schema(value_type = String)]
    pub algorithm: Algorithm,
}

/// An authorization server with its policies.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) document: ServerDocument,
    pub(crate) policies: Policies,
    pub(crate) keys: KeyRing,
    /// Where tokens are asked for.
    pub(crate) token_endpoint: String,
}

impl Server {
    pub(super) fn new(document: ServerDocument, policies: Policies, keys: KeyRing) -> Result<Self, SettingsError> {
        let is_named = is_name(&document.name) && document.url.ends_with(&format!("/oauth2/{}", document.name));
        if !is_named {
            return Err(SettingsError::InvalidServerName { name: document.name });
        }
        let token_endpoint = format!("{}/v1/token", document.url);
        Ok(Self { document, policies, keys, token_endpoint })
    }

    pub(crate) fn name(&self) -> &str {
        &self.document.name
    }

    pub(crate) fn url(&self) -> &str {
        &self.document.url
    }

    /// Where clients register themselves.
    pub(crate) fn registration_endpoint(&self) -> String {
        format!("{}/v1/clients", self.url())
    }

    pub(crate) const fn issuer(&self) -> IssuerId {
        self.document.issuer
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
