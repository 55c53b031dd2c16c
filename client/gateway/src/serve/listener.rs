//! The listener: takes connections as long as it is to, and waits for those under way at the end.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper_util::server::graceful::GracefulShutdown;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};

use super::{connection::Context, places::Places};

/// How long to wait before the next attempt when the system has no more files or memory for connections.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Listener {
    listener: TcpListener,
    places: Arc<Places>,
    context: Arc<Context>,
    drain_max: Duration,
}

impl Listener {
    pub(super) fn new(listener: TcpListener, places: Arc<Places>, context: Arc<Context>, drain_max: Duration) -> Self {
        Self { listener, places, context, drain_max }
    }

    /// Serves until `stopped` is sent or its sender dropped, and then until all is answered or the time for it is over.
    pub(super) async fn run(self, mut stopped: oneshot::Receiver<()>) {
        let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                (stream, address) = accept(&self.listener) => self.take(stream, address, &graceful, &mut connections),
            }
        }
        drop(self.listener);
        if timeout(self.drain_max, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests are still under way, and are cut off");
        }
        connections.shutdown().await;
    }

    fn take(&self, stream: TcpStream, address: SocketAddr, graceful: &GracefulShutdown, connections: &mut JoinSet<()>) {
        while let Some(ended) = connections.try_join_next() {
            note(ended);
        }
        match self.places.take(address.ip()) {
            Ok(place) => {
                connections.spawn(self.context.clone().serve(stream, address, place, graceful.watcher()));
            }
            Err(bound) => tracing::debug!(bound = bound.name(), "too many connections: one is closed"),
        }
    }
}

/// The next connection. It always comes: whatever went wrong with one is no reason to take no others.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        let error = match listener.accept().await {
            Ok(connection) => return connection,
            Err(error) => error,
        };
        if !is_of_one_connection(&error) {
            tracing::error!(%error, "no connections can be taken now");
            sleep(EXHAUSTED_PAUSE).await;
        }
    }
}

/// Whether the error is of the connection that was to be taken, and says nothing of the next.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection ended with a panic");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lasts_is_waited_for() {
        // EMFILE and ENFILE have no kind of their own.
        for lasting in [io::Error::from_raw_os_error(24), io::Error::from_raw_os_error(23)] {
            assert!(!is_of_one_connection(&lasting), "{lasting}");
        }
        assert!(is_of_one_connection(&io::ErrorKind::ConnectionAborted.into()));
    }
}
