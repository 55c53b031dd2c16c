//! An authorization server: what it is called, who it is on the chain, and by which policies it decides.

use std::{fmt, sync::Arc};

use marque_sdk::{Signer, primitives::access::IssuerId};

use crate::Policies;

/// How an authorization server is set up.
#[derive(Clone)]
pub struct ServerConfig {
    /// Its name in URLs: 1 to 32 of `a–z 0–9 -`, such as `default`.
    pub name: String,
    /// Its number on the chain.
    pub issuer: IssuerId,
    /// What signs its tokens: an Ed25519 key that is one of its current keys on the chain.
    pub signer: Arc<dyn Signer>,
    /// By what it decides.
    pub policies: Policies,
    /// The scopes that a client gets that asks for none. Where there are none, it must ask.
    pub default_scopes: Vec<String>,
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ServerConfig({}, authorization server {} on chain)", self.name, self.issuer)
    }
}

/// An authorization server that was found on the chain as it is set up.
pub(crate) struct Server {
    pub(crate) config: ServerConfig,
    /// Its issuer URL, as on the chain.
    pub(crate) url: String,
    /// Where tokens are asked for.
    pub(crate) token_endpoint: String,
}

impl Server {
    pub(crate) fn new(config: ServerConfig, url: String) -> Self {
        let token_endpoint = format!("{url}/v1/token");
        Self { config, url, token_endpoint }
    }
}
