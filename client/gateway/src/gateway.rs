//! The gateway: its authorization servers, and what they share.

use std::{collections::BTreeMap, fmt, sync::Arc};

use marque_sdk::{
    primitives::{
        Scheme, TimestampMs,
        access::{IssuerId, IssuerStatus},
        bounds,
    },
    verifier::{Clock, SystemClock},
};

use crate::{Directory, MasterKey, Random, ServerConfig, Store, SystemRandom, Unavailable, server::Server};

/// The longest name of an authorization server, in bytes.
const NAME_BYTES_MAX: usize = 32;

/// What all authorization servers of a gateway share.
#[derive(Clone)]
pub struct Parts {
    /// Who knows the chain.
    pub directory: Arc<dyn Directory>,
    /// What keeps the state.
    pub store: Arc<dyn Store>,
    /// The key that client secrets are kept under.
    pub master_key: MasterKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// How far clients' clocks and the chain's may differ, in milliseconds. 30 s is usual.
    pub skew_max_ms: u64,
}

impl Parts {
    /// With the machine's clock and randomness, and the usual skew.
    pub fn new(directory: Arc<dyn Directory>, store: Arc<dyn Store>, master_key: MasterKey) -> Self {
        let (clock, random) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        Self { directory, store, master_key, clock, random, skew_max_ms: bounds::CLOCK_SKEW_MAX_MS }
    }
}

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// A name can't be part of a URL, or is another's.
    #[error("`{name}` is no name of an authorization server, or there twice: take 1 to 32 of a-z, 0-9 and -")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// The chain can't be read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// There is none of this number, or it is deactivated, or its URL is another.
    #[error(
        "authorization server {issuer} on the chain is not active under a URL that ends in /oauth2/{name}: register it so, or give its number"
    )]
    NotOnChain {
        /// Its number.
        issuer: IssuerId,
        /// Its name.
        name: String,
    },
    /// The signing key is not Ed25519, or none of the current ones on the chain.
    #[error(
        "the key that `{name}` is to sign with is no current Ed25519 key of authorization server {issuer}: add it on the chain"
    )]
    KeyNotOnChain {
        /// Its number.
        issuer: IssuerId,
        /// Its name.
        name: String,
    },
}

/// The gateway. It serves its authorization servers as long as something holds it.
pub struct Gateway {
    servers: BTreeMap<String, Server>,
    pub(crate) parts: Parts,
}

impl Gateway {
    /// Looks up each authorization server on the chain, and takes its URL from there.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn start(servers: Vec<ServerConfig>, parts: Parts) -> Result<Self, GatewayError> {
        let mut found = BTreeMap::new();
        for config in servers {
            let name = config.name.clone();
            let server = find(config, &parts).await?;
            if !is_name(&name) || found.insert(name.clone(), server).is_some() {
                return Err(GatewayError::InvalidName { name });
            }
        }
        Ok(Self { servers: found, parts })
    }

    pub(crate) fn server(&self, name: &str) -> Option<&Server> {
        self.servers.get(name)
    }

    pub(crate) fn now_ms(&self) -> TimestampMs {
        self.parts.clock.now().wall_ms
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.servers.keys()).finish()
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

async fn find(config: ServerConfig, parts: &Parts) -> Result<Server, GatewayError> {
    let (issuer, name) = (config.issuer, config.name.clone());
    let block = parts.directory.block().await?;
    let record = parts.directory.issuer(issuer, block).await?;
    let is_named = |url: &str| url.ends_with(&format!("/oauth2/{name}"));
    let record = record.filter(|record| record.status == IssuerStatus::Active && is_named(&record.url));
    let record = record.ok_or_else(|| GatewayError::NotOnChain { issuer, name: name.clone() })?;
    let (public_key, now_ms) = (config.signer.public_key(), parts.clock.now().wall_ms);
    let is_current = record.keys.iter().any(|key| key.public_key == public_key && key.is_good_for(now_ms));
    if config.signer.scheme() != Scheme::Ed25519 || !is_current {
        return Err(GatewayError::KeyNotOnChain { issuer, name });
    }
    Ok(Server::new(config, record.url))
}
