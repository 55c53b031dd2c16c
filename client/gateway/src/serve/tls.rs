//! TLS 1.2 and 1.3, with certificates from files that can be read again.

use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::VerifierBuilderError,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use zeroize::Zeroizing;

use super::verifier::{Authorities, PeerCertificate, PossessionVerifier};

/// The largest file of certificates or keys, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The protocol that is spoken, as it is negotiated (RFC 7301).
const PROTOCOL: &[u8] = b"http/1.1";

/// The files of the certificate, all in PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsConfig {
    /// The server's certificate first, then what leads from it to its authority, in one file or several.
    pub certificates: Vec<PathBuf>,
    /// Its private key.
    pub key: PathBuf,
    /// The authorities whose client certificates are issued ([`PeerCertificate::is_issued`]).
    pub client_authorities: Option<PathBuf>,
}

/// Why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file can't be read.
    #[error("can't read {}: {source}; is the path right, and may this process read it?", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is too large.
    #[error("{} is larger than 1 MiB: give a file of certificates or a key", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A file has none, or what it has is damaged.
    #[error("{} has no {what} in PEM, or a damaged one: give another file", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should have.
        what: &'static str,
    },
    /// The key is another certificate's, or of a kind that is not supported.
    #[error("the certificate and its key can't be used: {0}; give the key of the first certificate")]
    Certificate(rustls::Error),
    /// The authorities of clients can't be used.
    #[error("the authorities of clients can't be used: {0}; give their own certificates")]
    Authorities(VerifierBuilderError),
}

/// The certificate in use.
#[derive(Debug)]
pub(super) struct Tls {
    config: TlsConfig,
    current: RwLock<Arc<Loaded>>,
}

impl Tls {
    pub(super) fn load(config: TlsConfig) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(Loaded::read(&config)?));
        Ok(Self { config, current })
    }

    /// Reads the files again. If they can't be used, what is in use stays.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        let loaded = Arc::new(Loaded::read(&self.config)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    pub(super) fn current(&self) -> Arc<Loaded> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the files had.
pub(super) struct Loaded {
    acceptor: TlsAcceptor,
    authorities: Authorities,
}

impl Loaded {
    pub(super) fn read(config: &TlsConfig) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let mut chain = Vec::new();
        for path in &config.certificates {
            chain.extend(certificates(path)?);
        }
        let key = read(&config.key)?;
        let key = PrivateKeyDer::from_pem_slice(&key);
        let key = key.map_err(|_| TlsError::Pem { path: config.key.clone(), what: "private key" })?;
        let authorities = match &config.client_authorities {
            Some(path) => Authorities::new(roots(path)?, provider.clone())?,
            None => Authorities::none(),
        };
        let server = server(provider, chain, key).map_err(TlsError::Certificate)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(server)), authorities })
    }

    /// Shakes hands, and judges the certificate that the client showed, if any.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, Option<PeerCertificate>)> {
        let stream = self.acceptor.accept(stream).await?;
        let (_, connection) = stream.get_ref();
        let chain = connection.peer_certificates().unwrap_or_default();
        let certificate = self.authorities.judge(chain, UnixTime::now());
        Ok((stream, certificate))
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Loaded").finish_non_exhaustive()
    }
}

fn server(
    provider: Arc<CryptoProvider>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(PossessionVerifier(provider)))
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(server)
}

/// The certificates of a file as those that are trusted.
pub(super) fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        let added = roots.add(certificate);
        added.map_err(|_| TlsError::Pem { path: path.to_owned(), what: "certificate" })?;
    }
    Ok(roots)
}

/// The certificates of a file: at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read(path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| TlsError::Pem { path: path.to_owned(), what: "certificate" })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let file = fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    let length = file.map_err(|source| TlsError::Read { path: path.to_owned(), source })?;
    if length as u64 > FILE_BYTES_MAX {
        return Err(TlsError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}
