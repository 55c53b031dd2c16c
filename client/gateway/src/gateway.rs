//! The gateway: its settings, and what all its authorization servers share.

use std::{
    fmt,
    sync::{Arc, RwLock},
};

use marque_sdk::{
    did::Did,
    primitives::{
        DeviceId, TimestampMs,
        access::{IssuerId, IssuerStatus},
    },
    verifier::{Clock, SystemClock},
};

use crate::{
    Directory, GoodNonces, MasterKey, Nonces, Random, Store, StoreError, SystemRandom, Unavailable,
    exchange::{HttpKeySource, KeySource, KeySourceConfig},
    keys::{KeyAuthority, KeyError, NoAuthority, Schedule, ScheduleError},
    limit::{Counters, Guesses, Limits, MemoryCounters},
    serve::Metrics,
    settings::{Server, Settings, SettingsError},
};

/// What all authorization servers of a gateway share.
#[derive(Clone)]
pub struct Parts {
    /// Who knows the chain.
    pub directory: Arc<dyn Directory>,
    /// What keeps the state.
    pub store: Arc<dyn Store>,
    /// The key that client secrets and signing keys are kept under.
    pub master_key: MasterKey,
    /// Who may change the authorization servers' keys on the chain.
    pub authority: Arc<dyn KeyAuthority>,
    /// How often their keys follow each other.
    pub schedule: Schedule,
    /// What fetches the keys of issuers that are federated with. Without it, only those count that federations themselves have.
    pub key_source: Option<Arc<dyn KeySource>>,
    /// What counts requests: replicas share it.
    pub counters: Arc<dyn Counters>,
    /// How many requests may be made in a minute.
    pub limits: Limits,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// How far clients' clocks and the chain's may differ, in milliseconds. 30 s is usual.
    pub skew_max_ms: u64,
}

impl Parts {
    /// With the machine's clock and randomness, the usual skew, schedule and limits, counters of this gateway alone, keys of other issuers
    /// over HTTPS, and nobody who may change keys on the chain.
    pub fn new(directory: Arc<dyn Directory>, store: Arc<dyn Store>, master_key: MasterKey) -> Self {
        let (clock, random) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        let (counters, limits) = (Arc::new(MemoryCounters::default()), Limits::default());
        let (authority, schedule) = (Arc::new(NoAuthority), Schedule::default());
        let key_source = HttpKeySource::new(&KeySourceConfig::default(), clock.clone()).ok();
        let key_source = key_source.map(|source| Arc::new(source) as Arc<dyn KeySource>);
        let metrics = Arc::new(Metrics::new());
        let skew_max_ms = schedule.skew_max_ms;
        Self {
            directory,
            store,
            master_key,
            authority,
            schedule,
            key_source,
            counters,
            limits,
            metrics,
            clock,
            random,
            skew_max_ms,
        }
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
    /// Keys can't follow each other so.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// There is no key to sign with.
    #[error("`{name}` can't sign tokens: {reason}")]
    NoKey {
        /// Its name.
        name: String,
        /// Why.
        reason: KeyError,
    },
    /// The signing key is none of the current ones on the chain.
    #[error(
        "the key that `{name}` signs with is no current key of authorization server {issuer}: see whether this is the chain that the store is for"
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
    /// Reads the settings, looks up each authorization server on the chain, and tends its keys.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn start(mut parts: Parts) -> Result<Self, GatewayError> {
        parts.schedule.skew_max_ms = parts.schedule.skew_max_ms.max(parts.skew_max_ms);
        parts.schedule.validate()?;
        let (revision, documents) = parts.store.documents().await?;
        let settings = Settings::read(parts.directory.registry(), revision, documents)?;
        for server in settings.servers.values() {
            ensure_on_chain(server, &parts).await?;
        }
        let gateway = Self { settings: RwLock::new(Arc::new(settings)), guesses: Guesses::default(), parts };
        let now_ms = gateway.now_ms();
        // What can't be done now is done later, as long as there is a key that signs.
        if let Err(error) = gateway.tend_keys(now_ms).await {
            tracing::warn!(%error, "not all keys could be tended");
        }
        for server in gateway.settings().servers.values() {
            gateway.ensure_signs(server, now_ms).await?;
        }
        Ok(gateway)
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

    /// What is counted and measured.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.parts.metrics
    }

    /// Measures how old is what is known of the chain.
    pub(crate) fn observe_chain(&self) {
        if let Some(age_ms) = self.parts.directory.age_ms() {
            self.parts.metrics.chain_age(age_ms as f64 / 1000.0);
        }
    }

    /// Whether an authorization server can sign tokens that the chain takes, where it has keys there.
    async fn ensure_signs(&self, server: &Server, now_ms: TimestampMs) -> Result<(), GatewayError> {
        let (issuer, name) = (server.issuer(), server.name().to_owned());
        let signer = server.keys.signer(now_ms, &self.parts.master_key);
        let signer = signer.map_err(|reason| GatewayError::NoKey { name: name.clone(), reason })?;
        let Some((number, public_key)) = signer.on_chain() else { return Ok(()) };
        let record = self.parts.directory.issuer(issuer, self.parts.directory.block().await?).await?;
        let key = record.as_ref().and_then(|record| record.key(number)).filter(|key| key.public_key == public_key);
        let is_current = key.is_some_and(|key| key.is_good_for(now_ms));
        if is_current { Ok(()) } else { Err(GatewayError::KeyNotOnChain { issuer, name }) }
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
    if record.is_some() { Ok(()) } else { Err(GatewayError::NotOnChain { issuer, name }) }
}
