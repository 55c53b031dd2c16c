//! The gateway: its settings, and what all its authorization servers share.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, RwLock},
};

use marque_sdk::{
    Signer,
    did::Did,
    primitives::{
        DeviceId, Scheme, TimestampMs,
        access::{IssuerId, IssuerStatus},
        bounds,
    },
    verifier::{Clock, SystemClock},
};

use crate::{
    Directory, GoodNonces, MasterKey, Nonces, Random, Store, StoreError, SystemRandom, Unavailable,
    exchange::{HttpKeySource, KeySource, KeySourceConfig},
    limit::{Counters, Guesses, Limits, MemoryCounters},
    settings::{Server, Settings, SettingsError},
};

/// What all authorization servers of a gateway share.
#[derive(Clone)]
pub struct Parts {
    /// Who knows the chain.
    pub directory: Arc<dyn Directory>,
    /// What keeps the state.
    pub store: Arc<dyn Store>,
    /// The key that client secrets are kept under.
    pub master_key: MasterKey,
    /// What signs tokens, by the authorization servers' names: each an Ed25519 key that is one of its current keys on the chain.
    pub signers: BTreeMap<String, Arc<dyn Signer>>,
    /// What fetches the keys of issuers that are federated with. Without it, only those count that federations themselves have.
    pub key_source: Option<Arc<dyn KeySource>>,
    /// What counts requests: replicas share it.
    pub counters: Arc<dyn Counters>,
    /// How many requests may be made in a minute.
    pub limits: Limits,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// How far clients' clocks and the chain's may differ, in milliseconds. 30 s is usual.
    pub skew_max_ms: u64,
}

impl Parts {
    /// With the machine's clock and randomness, the usual skew and limits, counters of this gateway alone, and keys of other issuers over
    /// HTTPS.
    pub fn new(directory: Arc<dyn Directory>, store: Arc<dyn Store>, master_key: MasterKey) -> Self {
        let (clock, random) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        let (signers, skew_max_ms) = (BTreeMap::new(), bounds::CLOCK_SKEW_MAX_MS);
        let (counters, limits) = (Arc::new(MemoryCounters::default()), Limits::default());
        let key_source = HttpKeySource::new(&KeySourceConfig::default(), clock.clone()).ok();
        let key_source = key_source.map(|source| Arc::new(source) as Arc<dyn KeySource>);
        Self { directory, store, master_key, signers, key_source, counters, limits, clock, random, skew_max_ms }
    }
}

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Its settings can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its settings do not fit together.
    #[error("the settings are not in order: {0}")]
    Settings(#[from] SettingsError),
    /// The chain can't be read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// There is none of this number, or it is deactivated, or its URL is another.
    #[error(
        "authorization server {issuer} on the chain is not active under the URL of `{name}`: register it so, or give its number"
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
    settings: RwLock<Arc<Settings>>,
    pub(crate) guesses: Guesses,
    pub(crate) parts: Parts,
}

impl Gateway {
    /// Reads the settings, and looks up each authorization server on the chain.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn start(parts: Parts) -> Result<Self, GatewayError> {
        let (revision, documents) = parts.store.documents().await?;
        let settings = Settings::read(parts.directory.registry(), revision, documents)?;
        for server in settings.servers.values() {
            ensure_on_chain(server, &parts).await?;
        }
        Ok(Self { settings: RwLock::new(Arc::new(settings)), guesses: Guesses::default(), parts })
    }

    /// The settings as they are known now. What is decided by them is only done if they are the current ones still.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Takes settings, unless newer ones are known already.
    pub(crate) fn take(&self, settings: Settings) {
        let mut current = self.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if settings.revision > current.revision {
            *current = Arc::new(settings);
        }
    }

    /// Reads the settings again, if another replica has changed them. A gateway does this before it decides by settings that turn out to be
    /// old; call it once a second or so, for what is only shown.
    ///
    /// # Errors
    /// [`GatewayError::Store`], [`GatewayError::Settings`].
    pub async fn refresh(&self) -> Result<(), GatewayError> {
        if self.parts.store.revision().await? == self.settings().revision {
            return Ok(());
        }
        let (revision, documents) = self.parts.store.documents().await?;
        self.take(Settings::read(self.parts.directory.registry(), revision, documents)?);
        Ok(())
    }

    /// The nonces that DPoP proofs may have now.
    pub(crate) fn nonces(&self) -> GoodNonces {
        Nonces::new(&self.parts.master_key).good(self.now_ms(), self.parts.skew_max_ms)
    }

    pub(crate) fn now_ms(&self) -> TimestampMs {
        self.parts.clock.now().wall_ms
    }

    /// The DID of a device of the registry that is served.
    pub(crate) fn did(&self, device: DeviceId) -> Did {
        Did::new(self.parts.directory.registry(), device)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.settings().servers.keys()).finish()
    }
}

pub(crate) async fn ensure_on_chain(server: &Server, parts: &Parts) -> Result<(), GatewayError> {
    let (issuer, name) = (server.issuer(), server.name().to_owned());
    let block = parts.directory.block().await?;
    let record = parts.directory.issuer(issuer, block).await?;
    let record = record.filter(|record| record.status == IssuerStatus::Active && record.url == server.url());
    let record = record.ok_or_else(|| GatewayError::NotOnChain { issuer, name: name.clone() })?;
    let signer = parts.signers.get(&name).filter(|signer| signer.scheme() == Scheme::Ed25519);
    let now_ms = parts.clock.now().wall_ms;
    let is_current = signer.is_some_and(|signer| {
        record.keys.iter().any(|key| key.public_key == signer.public_key() && key.is_good_for(now_ms))
    });
    if is_current { Ok(()) } else { Err(GatewayError::KeyNotOnChain { issuer, name }) }
}
