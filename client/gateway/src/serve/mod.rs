//! Serving: the listener, TLS, and what every request goes through before and after its handler.
//!
//! [`Serving::start`] serves any router of axum, with bounds on everything that a peer can take: connections, the bytes and the time of a
//! request's head, and the time that a connection may stay open for nothing. What a handler finds in the extensions of a request:
//! `ConnectInfo<SocketAddr>`, [`RequestId`], and [`PeerCertificate`] where a client showed one.

mod connection;
mod development;
mod endpoint;
mod layers;
mod listener;
mod metrics;
mod pace;
mod places;
mod request_id;
mod telemetry;
mod tls;
mod verifier;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use development::{DevelopmentCertificate, DevelopmentError, development_certificate};
pub use layers::with_layers;
pub use metrics::{Metrics, metrics_router};
pub use request_id::RequestId;
pub use telemetry::{Telemetry, TelemetryConfig, TelemetryError};
pub use tls::{TlsConfig, TlsError};
pub use verifier::PeerCertificate;

use crate::SystemRandom;
use connection::Context;
use listener::Listener;
use places::Places;
use tls::Tls;

/// Where and how to serve.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The address to listen at; with port 0 the system takes one that is free.
    pub listen: SocketAddr,
    /// The certificate; without one, HTTP is served in the clear, which is for loopback addresses and for what terminates TLS before it.
    pub tls: Option<TlsConfig>,
    /// How many connections there may be at once. More are closed as soon as they are accepted.
    pub connections_max: usize,
    /// How many there may be of one IPv4 address, or one IPv6 network of 64 bits. Behind a proxy this is the bound for all.
    pub connections_per_address_max: usize,
    /// How large the head of a request may be, with its request line, in bytes. A larger one is answered with 431.
    pub header_bytes_max: usize,
    /// How long a TLS handshake may take, and how long the head of a request from its first byte on (on a new connection: from its start).
    pub header_time_max: Duration,
    /// How long a connection may stay open between two requests, or with an answer that the client does not read.
    pub idle_max: Duration,
    /// How long requests under way are waited for when the serving ends.
    pub drain_max: Duration,
}

impl ServeConfig {
    /// With the usual bounds, and without TLS.
    pub const fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: None,
            connections_max: 1024,
            connections_per_address_max: 256,
            header_bytes_max: 16 * 1024,
            header_time_max: Duration::from_secs(10),
            idle_max: Duration::from_secs(60),
            drain_max: Duration::from_secs(20),
        }
    }
}

/// Why it is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is in use, not of this machine, or not allowed.
    #[error("can't listen at {address}: {source}; take another address, or end what listens there")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The certificate, its key or the authorities of clients can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A router that is being served. When it is dropped, the serving ends as with [`Serving::shutdown`], which nobody waits for then.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    stop: oneshot::Sender<()>,
    listening: JoinHandle<()>,
}

impl Serving {
    /// Listens, and serves the router with all its layers ([`with_layers`]) from then on. Connections and requests are counted in
    /// `metrics`: give the operators' own listener others, if it is not to be counted.
    ///
    /// # Errors
    /// [`ServeError`], in the order of: the certificate, the address.
    pub async fn start(router: Router, config: ServeConfig, metrics: Arc<Metrics>) -> Result<Self, ServeError> {
        let tls = config.tls.clone().map(Tls::load).transpose()?.map(Arc::new);
        let address = config.listen;
        let listen = async {
            let listener = TcpListener::bind(address).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listen.await.map_err(|source| ServeError::Listen { address, source })?;
        let router = with_layers(router, metrics.clone(), Arc::new(SystemRandom), tls.is_some());
        let places = Places::new(config.connections_max, config.connections_per_address_max, metrics);
        let context = Context::new(router, tls.clone(), &config);
        let (stop, stopped) = oneshot::channel();
        let listener = Listener::new(listener, places, context, config.drain_max);
        Ok(Self { address, tls, stop, listening: tokio::spawn(listener.run(stopped)) })
    }

    /// The address that it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, with the address, and without a path.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Reads the files of the certificate again, for connections from now on. Without TLS there is nothing to read.
    ///
    /// # Errors
    /// [`TlsError`]: what was read before stays in use.
    pub fn reload_tls(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map_or(Ok(()), |tls| tls.reload())
    }

    /// Ends the serving: no new connections, idle ones are closed, and requests under way are answered, for at most as long as configured.
    pub async fn shutdown(self) {
        drop(self.stop);
        if let Err(error) = self.listening.await {
            tracing::error!(%error, "the listener did not end in order");
        }
    }
}

/// What a lock guards, also when a thread panicked that held it: nothing here is left half changed.
fn unpoisoned<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
