//! A gateway at work: it serves, and does what has to be done now and then.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    Gateway,
    serve::{Metrics, ServeConfig, ServeError, Serving, TlsError, metrics_router},
};

/// How often settings that another replica has changed are looked for.
const REFRESH_EVERY: Duration = Duration::from_secs(1);
/// How often signing keys are tended.
const KEYS_EVERY: Duration = Duration::from_secs(60);
/// How often what the log keeps no longer is dropped.
const LOG_EVERY: Duration = Duration::from_secs(60 * 60);

/// Where and how a gateway serves.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// Clients and operators.
    pub serve: ServeConfig,
    /// Where metrics are served, in the clear; nowhere, if left out. It is for the operators' network alone.
    pub metrics: Option<SocketAddr>,
}

/// A gateway at work. When it is dropped, it ends without waiting for what is under way.
#[derive(Debug)]
pub struct Service {
    serving: Serving,
    metrics: Option<Serving>,
    chores: JoinSet<()>,
}

impl Service {
    /// Serves from now on.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(gateway: Arc<Gateway>, config: ServiceConfig) -> Result<Self, ServeError> {
        let metrics = gateway.metrics().clone();
        let serving = Serving::start(gateway.clone().router(), config.serve, metrics.clone()).await?;
        let metrics = match config.metrics {
            // What is served there is not counted.
            Some(address) => {
                let router = metrics_router(metrics);
                Some(Serving::start(router, ServeConfig::new(address), Arc::new(Metrics::new())).await?)
            }
            None => None,
        };
        let mut chores = JoinSet::new();
        chores.spawn(attend(gateway));
        Ok(Self { serving, metrics, chores })
    }

    /// The address that clients and operators connect to.
    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// The address that metrics are served at.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Serving::address)
    }

    /// Reads the certificate and its key again.
    ///
    /// # Errors
    /// [`TlsError`]: then those from before stay.
    pub fn reload_tls(&self) -> Result<(), TlsError> {
        self.serving.reload_tls()
    }

    /// Ends: no new connections, and requests under way are answered.
    pub async fn shutdown(mut self) {
        self.serving.shutdown().await;
        self.chores.shutdown().await;
        if let Some(metrics) = self.metrics {
            metrics.shutdown().await;
        }
    }
}

/// Does what has to be done now and then. What fails is tried again the next time.
async fn attend(gateway: Arc<Gateway>) {
    let [mut refresh, mut keys, mut log] = [REFRESH_EVERY, KEYS_EVERY, LOG_EVERY].map(|every| {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    loop {
        let done = tokio::select! {
            _ = refresh.tick() => {
                gateway.observe_chain();
                gateway.refresh().await.map_err(|error| error.to_string())
            }
            _ = keys.tick() => gateway.tend_keys(gateway.now_ms()).await.map_err(|error| error.to_string()),
            _ = log.tick() => gateway.tidy_log().await.map(drop).map_err(|error| error.to_string()),
        };
        if let Err(error) = done {
            tracing::error!(error, "a chore could not be done, and is tried again");
        }
    }
}
