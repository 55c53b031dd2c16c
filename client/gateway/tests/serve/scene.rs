//! What the tests share: a router that is being served, and clients of it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{Router, routing::get};
use marque_gateway::serve::{
    DevelopmentCertificate, Metrics, ServeConfig, Serving, development_certificate, metrics_router,
};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use reqwest::{Certificate, Client, Identity, Response};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Any port of the loopback interface.
pub fn config() -> ServeConfig {
    ServeConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
}

/// Serves the router and its metrics, at `/metrics`.
pub async fn serve(router: Router, config: ServeConfig) -> Serving {
    let metrics = Arc::new(Metrics::new());
    let router = router.merge(metrics_router(metrics.clone()));
    Serving::start(router, config, metrics).await.unwrap()
}

/// Answers `hello` at `/hello`.
pub fn hello() -> Router {
    Router::new().route("/hello", get(|| async { "hello" }))
}

/// A certificate for development in a folder of its own.
pub fn certificate() -> (TempDir, DevelopmentCertificate) {
    let folder = tempfile::tempdir().unwrap();
    let certificate = development_certificate(folder.path(), now_ms()).unwrap();
    (folder, certificate)
}

pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// A client that trusts that authority alone, and shows that certificate. Each has connections of its own.
pub fn client(authority: Option<&Path>, identity: Option<&[u8]>) -> Client {
    let mut client = Client::builder().no_proxy().timeout(PATIENCE).tls_built_in_root_certs(false);
    if let Some(authority) = authority {
        client = client.add_root_certificate(Certificate::from_pem(&std::fs::read(authority).unwrap()).unwrap());
    }
    if let Some(identity) = identity {
        client = client.identity(Identity::from_pem(identity).unwrap());
    }
    client.build().unwrap()
}

/// Asks without TLS.
pub async fn get_plain(serving: &Serving, path: &str) -> Response {
    client(None, None).get(format!("{}{path}", serving.url())).send().await.unwrap()
}

/// The text of the metrics.
pub async fn metrics(serving: &Serving) -> String {
    get_plain(serving, "/metrics").await.text().await.unwrap()
}

/// A bare connection.
pub async fn connect(serving: &Serving) -> TcpStream {
    TcpStream::connect(serving.address()).await.unwrap()
}

/// Sends as it is.
pub async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// What comes until the server closes the connection, which it must.
pub async fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // Closed with bytes unread, a connection ends with a reset: it is the end all the same.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server closes the connection");
    String::from_utf8(bytes).unwrap()
}

/// A request, and the head and body of its answer, on a connection that stays open; the body must be `hello`.
pub async fn say_hello(stream: &mut TcpStream) -> String {
    send(stream, "GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nhello") {
        answer.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    String::from_utf8(answer).unwrap()
}

/// A client's certificate and key, and both as one PEM.
pub struct Shown {
    pub der: Vec<u8>,
    pub pem: Vec<u8>,
}

/// An authority of clients.
pub struct ClientAuthority(CertifiedIssuer<'static, KeyPair>);

impl ClientAuthority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::OrganizationName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("clients.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        path
    }

    /// Issues a certificate, which is changed before.
    pub fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> Shown {
        let (key, mut params) = (KeyPair::generate().unwrap(), client_params());
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        shown(&certificate, &key)
    }
}

/// A client's certificate that is signed with its own key.
pub fn self_signed() -> Shown {
    let key = KeyPair::generate().unwrap();
    shown(&client_params().self_signed(&key).unwrap(), &key)
}

fn client_params() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["device.example".to_owned()]).unwrap();
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn shown(certificate: &rcgen::Certificate, key: &KeyPair) -> Shown {
    let pem = format!("{}{}", certificate.pem(), key.serialize_pem()).into_bytes();
    Shown { der: certificate.der().to_vec(), pem }
}
