//! One connection: its handshake, and the requests on it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{rt::TokioIo, server::graceful::Watcher, service::TowerToHyperService};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

use super::{
    PeerCertificate, ServeConfig,
    pace::{Pace, Paced},
    places::Place,
    tls::Tls,
};

/// How much is buffered of a request or an answer, in bytes, unless the head of a request may be larger.
const BUFFER_BYTES: usize = 64 * 1024;

/// What all connections share.
pub(super) struct Context {
    router: TowerToHyperService<Router>,
    tls: Option<Arc<Tls>>,
    http: http1::Builder,
    header_time_max: Duration,
    idle_max: Duration,
}

/// Who is at the other end.
struct Peer {
    address: SocketAddr,
    certificate: Option<PeerCertificate>,
}

impl Context {
    pub(super) fn new(router: Router, tls: Option<Arc<Tls>>, config: &ServeConfig) -> Arc<Self> {
        let mut http = http1::Builder::new();
        // The times are bounded by the pace, which tells a slow head from an idle connection.
        http.header_read_timeout(None)
            .max_header_size(config.header_bytes_max)
            .max_buf_size(config.header_bytes_max.max(BUFFER_BYTES));
        Arc::new(Self {
            router: TowerToHyperService::new(router),
            tls,
            http,
            header_time_max: config.header_time_max,
            idle_max: config.idle_max,
        })
    }

    /// Serves a connection to its end. The place is held until then.
    pub(super) async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        address: SocketAddr,
        _place: Place,
        watcher: Watcher,
    ) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the connection is gone");
            return;
        }
        let Some(tls) = &self.tls else {
            return self.answer(stream, Peer { address, certificate: None }, watcher).await;
        };
        let tls = tls.current();
        match timeout(self.header_time_max, tls.accept(stream)).await {
            Ok(Ok((stream, certificate))) => self.answer(stream, Peer { address, certificate }, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn answer<S>(&self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let pace = Pace::new(self.header_time_max, self.idle_max);
        let service = service_fn(|mut request: Request<Incoming>| {
            pace.requested();
            peer.note(&mut request);
            let (answer, pace) = (self.router.call(request), pace.clone());
            async move {
                let answer = answer.await;
                pace.answered();
                answer
            }
        });
        let stream = TokioIo::new(Paced::new(stream, pace.clone()));
        tokio::select! {
            ended = watcher.watch(self.http.serve_connection(stream, service)) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended in disorder");
            },
            () = pace.exceeded() => tracing::debug!("a connection took too long, and is closed"),
        }
    }
}

impl Peer {
    fn note(&self, request: &mut Request<Incoming>) {
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(self.address));
        if let Some(certificate) = &self.certificate {
            extensions.insert(certificate.clone());
        }
    }
}
