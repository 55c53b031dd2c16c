//! Where the keys of issuers beyond the chain come from.
//!
//! Only addresses that an operator wrote into a federation are ever asked: no token and no client names one, so nobody who talks to the
//! gateway can make it talk to a host of their choice. An operator can, and may mean a host of the inner network; to be on the safe side of
//! a mistake there, requests go over TLS, follow no redirect, carry nothing, and of the answers nothing is shown but that they are keys or
//! are not.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use marque_sdk::{
    token::JwkSet,
    verifier::{Clock, Moment},
};
use reqwest::{StatusCode, header::ACCEPT, redirect::Policy};

use super::{
    IssuerKeys,
    address::{self, Place},
    key_cache::KeyCache,
};

/// The longest answer that is read, in bytes: the longest set of keys that [`JwkSet`] reads.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The most sources that are kept at once.
const SOURCES_MAX: usize = 256;
const MEDIA_TYPES: &str = "application/jwk-set+json, application/json";

/// Where the keys of an issuer can be had.
pub trait KeySource: Send + Sync {
    /// The keys that are published at an address, of which this one is wanted. It may be missing all the same.
    ///
    /// # Errors
    /// [`KeySourceError`].
    fn keys<'a>(&'a self, jwks_uri: &'a str, key_id: &'a str) -> BoxFuture<'a, Result<Arc<JwkSet>, KeySourceError>>;
}

/// Why an issuer's keys can't be had. It is for the operator: the client's token may be good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySourceError {
    /// The address is none that may be asked.
    #[error("keys are fetched over https, or from the loopback host where the gateway is set up for development")]
    NotAllowed,
    /// There are too many sources.
    #[error("keys come from too many addresses: remove federations that are not used")]
    TooManySources,
    /// The requests can't be made.
    #[error("requests over TLS can't be made: see whether this machine has certificates of authorities")]
    NoClient,
    /// There is no answer, or not in time.
    #[error("the issuer does not answer with its keys: see whether it can be reached from here")]
    Unreachable,
    /// The answer is another one than 200, redirects included.
    #[error("the issuer answers with status {0}: see whether its keys are at this address, and not behind a redirect")]
    Status(u16),
    /// The answer is too long.
    #[error("the issuer's answer is longer than 65536 bytes")]
    TooLong,
    /// The answer is no set of public keys.
    #[error("the issuer's answer is no JWK set, has a private key, or two of one kid")]
    NotKeys,
}

impl IssuerKeys {
    /// The keys, of which this one is wanted: from the federation itself, or from where they are published.
    ///
    /// # Errors
    /// [`KeySourceError`]; where they are published and there is no source, [`KeySourceError::NoClient`].
    pub async fn fetch(&self, source: Option<&dyn KeySource>, key_id: &str) -> Result<Arc<JwkSet>, KeySourceError> {
        match self {
            Self::JwksUri(uri) => source.ok_or(KeySourceError::NoClient)?.keys(uri, key_id).await,
            Self::Jwks(set) => JwkSet::from_json(&set.to_string()).map(Arc::new).map_err(|_| KeySourceError::NotKeys),
        }
    }
}

/// How an [`HttpKeySource`] behaves.
#[derive(Clone, Debug)]
pub struct KeySourceConfig {
    /// Whether the loopback host is asked, without TLS. No proxy is used then.
    pub is_development: bool,
    /// How long an answer may take, from the first connection on. Default 5 s.
    pub timeout: Duration,
}

impl Default for KeySourceConfig {
    fn default() -> Self {
        Self { is_development: false, timeout: Duration::from_secs(5) }
    }
}

/// Keys fetched over HTTP. They count for 5 minutes, and for an hour while no newer ones can be had. A key that is not among them is looked
/// for at most once a minute, and each source is asked once at a time.
pub struct HttpKeySource {
    fetcher: Arc<Fetcher>,
    is_development: bool,
    sources: Mutex<BTreeMap<String, Arc<CachedSource>>>,
}

struct Fetcher {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct CachedSource {
    cache: Mutex<KeyCache>,
    /// Whoever fetches has it.
    turn: tokio::sync::Mutex<()>,
}

impl HttpKeySource {
    /// A source that has fetched nothing yet.
    ///
    /// # Errors
    /// [`KeySourceError::NoClient`].
    pub fn new(config: &KeySourceConfig, clock: Arc<dyn Clock>) -> Result<Self, KeySourceError> {
        let builder = reqwest::Client::builder()
            .https_only(!config.is_development)
            .redirect(Policy::none())
            .referer(false)
            .timeout(config.timeout);
        let builder = if config.is_development { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| {
            tracing::error!(%error, "no client for the keys of issuers");
            KeySourceError::NoClient
        })?;
        let fetcher = Arc::new(Fetcher { client, clock });
        Ok(Self { fetcher, is_development: config.is_development, sources: Mutex::default() })
    }

    fn ensure_allowed(&self, jwks_uri: &str) -> Result<(), KeySourceError> {
        match address::place(jwks_uri) {
            Some(Place::Https) => Ok(()),
            Some(Place::Loopback) if self.is_development => Ok(()),
            _ => Err(KeySourceError::NotAllowed),
        }
    }

    fn source(&self, jwks_uri: &str) -> Result<Arc<CachedSource>, KeySourceError> {
        let now = self.fetcher.clock.now();
        let mut sources = lock(&self.sources);
        if let Some(source) = sources.get(jwks_uri) {
            return Ok(source.clone());
        }
        if sources.len() >= SOURCES_MAX {
            // One that is being asked for the first time is held by who asks.
            sources.retain(|_, source| Arc::strong_count(source) > 1 || !lock(&source.cache).is_spent(&now));
        }
        if sources.len() >= SOURCES_MAX {
            return Err(KeySourceError::TooManySources);
        }
        Ok(sources.entry(jwks_uri.to_owned()).or_default().clone())
    }
}

impl KeySource for HttpKeySource {
    fn keys<'a>(&'a self, jwks_uri: &'a str, key_id: &'a str) -> BoxFuture<'a, Result<Arc<JwkSet>, KeySourceError>> {
        Box::pin(async move {
            self.ensure_allowed(jwks_uri)?;
            let source = self.source(jwks_uri)?;
            let now = self.fetcher.clock.now();
            if let Some(answer) = source.known(key_id, &now) {
                return answer;
            }
            let (fetcher, uri, key_id) = (self.fetcher.clone(), jwks_uri.to_owned(), key_id.to_owned());
            // It goes on when who asked is gone: otherwise each request that is broken off would be one more fetch.
            let refresh = tokio::spawn(async move { source.refresh(&fetcher, &uri, &key_id).await });
            refresh.await.unwrap_or(Err(KeySourceError::Unreachable))
        })
    }
}

impl CachedSource {
    /// What is to be said without a fetch, if something is.
    fn known(&self, key_id: &str, now: &Moment) -> Option<Result<Arc<JwkSet>, KeySourceError>> {
        let cache = lock(&self.cache);
        (!cache.must_fetch(key_id, now)).then(|| cache.answer(now))
    }

    /// Fetches the keys, unless somebody else did while this waited for its turn.
    async fn refresh(&self, fetcher: &Fetcher, jwks_uri: &str, key_id: &str) -> Result<Arc<JwkSet>, KeySourceError> {
        let _turn = self.turn.lock().await;
        let began = fetcher.clock.now();
        if let Some(answer) = self.known(key_id, &began) {
            return answer;
        }
        let fetched = fetcher.fetch(jwks_uri).await;
        if let Err(error) = &fetched {
            tracing::warn!(%error, jwks_uri, "the keys of an issuer could not be fetched");
        }
        let mut cache = lock(&self.cache);
        cache.note(fetched, began);
        cache.answer(&fetcher.clock.now())
    }
}

impl Fetcher {
    async fn fetch(&self, jwks_uri: &str) -> Result<JwkSet, KeySourceError> {
        let request = self.client.get(jwks_uri).header(ACCEPT, MEDIA_TYPES);
        let mut response = request.send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(KeySourceError::Status(response.status().as_u16()));
        }
        let mut answer = Vec::new();
        while let Some(part) = response.chunk().await.map_err(unreachable)? {
            if answer.len() + part.len() > ANSWER_BYTES_MAX {
                return Err(KeySourceError::TooLong);
            }
            answer.extend_from_slice(&part);
        }
        let text = std::str::from_utf8(&answer).map_err(|_| KeySourceError::NotKeys)?;
        JwkSet::from_json(text).map_err(|_| KeySourceError::NotKeys)
    }
}

impl fmt::Debug for HttpKeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HttpKeySource(..)")
    }
}

fn unreachable(error: reqwest::Error) -> KeySourceError {
    tracing::warn!(error = %error.without_url(), "an issuer can't be reached");
    KeySourceError::Unreachable
}

/// What is under these locks is whole after each statement: a panic elsewhere leaves it good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
