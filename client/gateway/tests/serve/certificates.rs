//! TLS: the certificates of clients, and of the server when its files change.

use std::{path::Path, sync::Arc};

use axum::{Extension, Router, routing::get};
use marque_gateway::serve::{
    Metrics, PeerCertificate, ServeConfig, ServeError, Serving, TlsConfig, TlsError, development_certificate,
};
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::scene::{ClientAuthority, certificate, client, config, hello, now_ms, self_signed, serve};

type Version = &'static rustls::SupportedProtocolVersion;

/// Says what certificate the handler sees: how many bytes, and whether it is issued.
async fn who(certificate: Option<Extension<PeerCertificate>>) -> String {
    certificate.map_or("nobody".to_owned(), |Extension(PeerCertificate { der, is_issued })| {
        format!("{is_issued} {}", data_encoding::HEXLOWER.encode(&der))
    })
}

fn expected(is_issued: bool, der: &[u8]) -> String {
    format!("{is_issued} {}", data_encoding::HEXLOWER.encode(der))
}

async fn serve_who(tls: TlsConfig) -> Serving {
    let config = ServeConfig { tls: Some(tls), ..config() };
    serve(Router::new().route("/who", get(who)), config).await
}

async fn ask_who(serving: &Serving, authority: &Path, identity: Option<&[u8]>) -> String {
    let url = format!("{}/who", serving.url());
    client(Some(authority), identity).get(url).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_handler_sees_which_certificate_the_client_has_and_whether_it_is_issued() {
    let (folder, made) = certificate();
    let (ours, others) = (ClientAuthority::new("ours"), ClientAuthority::new("others"));
    let tls = TlsConfig { client_authorities: Some(ours.write(folder.path())), ..made.tls };
    let serving = serve_who(tls).await;
    let ask = async |identity| ask_who(&serving, &made.authority, identity).await;
    assert_eq!(ask(None).await, "nobody");
    let own = self_signed();
    assert_eq!(ask(Some(&own.pem)).await, expected(false, &own.der));
    let issued = ours.issue(|_| {});
    assert_eq!(ask(Some(&issued.pem)).await, expected(true, &issued.der));
    let of_others = others.issue(|_| {});
    assert_eq!(ask(Some(&of_others.pem)).await, expected(false, &of_others.der));
    let over = ours.issue(|params| params.not_after = rcgen::date_time_ymd(2001, 1, 1));
    assert_eq!(ask(Some(&over.pem)).await, expected(false, &over.der));
    let for_servers =
        ours.issue(|params| params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth]);
    assert_eq!(ask(Some(&for_servers.pem)).await, expected(false, &for_servers.der));
    serving.shutdown().await;
}

#[tokio::test]
async fn without_authorities_of_clients_no_certificate_is_issued() {
    let (_folder, made) = certificate();
    let serving = serve_who(made.tls).await;
    let issued = ClientAuthority::new("ours").issue(|_| {});
    assert_eq!(ask_who(&serving, &made.authority, Some(&issued.pem)).await, expected(false, &issued.der));
}

/// A client that shows a certificate, and signs with a key, which may be another's.
fn connector(authority: &Path, certificate: &[u8], key: PrivateKeyDer<'static>, version: Version) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let signing = provider.key_provider.load_private_key(key).unwrap();
    let shown = rustls::sign::CertifiedKey::new(vec![CertificateDer::from(certificate.to_vec())], signing);
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let config = config.with_root_certificates(roots);
    let config = config.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(shown)));
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn a_certificate_without_its_key_is_refused_at_the_handshake() {
    let (folder, made) = certificate();
    let ours = ClientAuthority::new("ours");
    let tls = TlsConfig { client_authorities: Some(ours.write(folder.path())), ..made.tls };
    let serving = serve_who(tls).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for certificate in [ours.issue(|_| {}).der, self_signed().der, b"no certificate".to_vec()] {
            let key = rcgen::KeyPair::generate().unwrap().serialize_der();
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
            let connector = connector(&made.authority, &certificate, key, version);
            let stream = TcpStream::connect(serving.address()).await.unwrap();
            let connected = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await;
            // With TLS 1.3 a client hears of it when it reads.
            let refused = match connected {
                Ok(mut stream) => stream.read_u8().await.unwrap_err(),
                Err(error) => error,
            };
            assert!(refused.to_string().contains("alert"), "{refused}");
        }
    }
}

#[tokio::test]
async fn a_session_that_is_resumed_has_the_certificate_that_it_began_with() {
    let (folder, made) = certificate();
    let ours = ClientAuthority::new("ours");
    let tls = TlsConfig { client_authorities: Some(ours.write(folder.path())), ..made.tls };
    let serving = serve_who(tls).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for (shown, is_issued) in [(ours.issue(|_| {}), true), (self_signed(), false)] {
            let key = PrivateKeyDer::from_pem_slice(&shown.pem).unwrap();
            let connector = connector(&made.authority, &shown.der, key, version);
            for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
                let stream = TcpStream::connect(serving.address()).await.unwrap();
                let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
                let request = b"GET /who HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
                stream.write_all(request).await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                assert_eq!(stream.get_ref().1.handshake_kind(), Some(kind));
                assert!(answer.ends_with(&expected(is_issued, &shown.der)), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn files_that_change_are_in_use_after_a_reload_and_only_if_they_are_good() {
    let (folder, made) = certificate();
    let serving = serve(hello(), ServeConfig { tls: Some(made.tls.clone()), ..config() }).await;
    let url = format!("{}/hello", serving.url());
    let old = client(Some(&made.authority), None);
    assert_eq!(old.get(&url).send().await.unwrap().text().await.unwrap(), "hello");

    // Another certificate in the same place, of another authority.
    std::fs::remove_file(&made.tls.key).unwrap();
    development_certificate(folder.path(), now_ms()).unwrap();
    let new = client(Some(&made.authority), None);
    assert!(new.get(&url).send().await.is_err(), "it is not in use before");
    serving.reload_tls().unwrap();
    assert_eq!(new.get(&url).send().await.unwrap().text().await.unwrap(), "hello");
    assert_eq!(old.get(&url).send().await.unwrap().text().await.unwrap(), "hello", "its connection is still good");

    std::fs::write(&made.tls.key, "damaged").unwrap();
    assert!(matches!(serving.reload_tls(), Err(TlsError::Pem { .. })));
    assert_eq!(client(Some(&made.authority), None).get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_can_not_be_used_is_not_served_with() {
    let (folder, made) = certificate();
    let (other_folder, other) = certificate();
    let start = async |tls: TlsConfig| {
        let config = ServeConfig { tls: Some(tls), ..config() };
        match Serving::start(hello(), config, Arc::new(Metrics::new())).await {
            Err(ServeError::Tls(error)) => error,
            started => panic!("{started:?}"),
        }
    };
    let missing = TlsConfig { key: folder.path().join("none.pem"), ..made.tls.clone() };
    assert!(matches!(start(missing).await, TlsError::Read { .. }));
    let no_certificate = TlsConfig { certificates: vec![made.tls.key.clone()], ..made.tls.clone() };
    assert!(matches!(start(no_certificate).await, TlsError::Pem { what: "certificate", .. }));
    let none = TlsConfig { certificates: Vec::new(), ..made.tls.clone() };
    assert!(matches!(start(none).await, TlsError::Certificate(_)));
    let other_key = TlsConfig { key: other.tls.key, ..made.tls.clone() };
    assert!(matches!(start(other_key).await, TlsError::Certificate(_)));
    let large = other_folder.path().join("large.pem");
    std::fs::write(&large, vec![b' '; (1 << 20) + 1]).unwrap();
    let large = TlsConfig { client_authorities: Some(large), ..made.tls };
    assert!(matches!(start(large).await, TlsError::TooLarge { .. }));
}
