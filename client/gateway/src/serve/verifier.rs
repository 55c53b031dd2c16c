//! Certificates of clients (RFC 8705). A handshake proves that the client has the key of the certificate that it shows; who issued it is
//! judged afterwards, and said along: a self-signed one is as good as a registered key, if it is one.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::{
        ParsedCertificate, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use super::TlsError;

/// The certificate that a client showed at the TLS handshake, and whose key it has; in the extensions of each of its requests.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The certificate itself, without its chain, as DER.
    pub der: Arc<[u8]>,
    /// Whether it led to one of the configured authorities of clients, for client authentication, when the connection began.
    pub is_issued: bool,
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PeerCertificate").field("is_issued", &self.is_issued).finish_non_exhaustive()
    }
}

/// Tells which certificates are issued by the configured authorities.
#[derive(Clone, Debug)]
pub(super) struct Authorities(Option<Arc<dyn ClientCertVerifier>>);

impl Authorities {
    /// None: no certificate is issued.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    pub(super) fn new(roots: RootCertStore, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        verifier.map(|verifier| Self(Some(verifier))).map_err(TlsError::Authorities)
    }

    /// Judges what a client showed: its own certificate first, then what leads to an authority.
    pub(super) fn judge(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> Option<PeerCertificate> {
        let (leaf, others) = chain.split_first()?;
        let is_issued = |verifier: &Arc<dyn ClientCertVerifier>| verifier.verify_client_cert(leaf, others, now).is_ok();
        Some(PeerCertificate { der: leaf.as_ref().into(), is_issued: self.0.as_ref().is_some_and(is_issued) })
    }
}

/// Takes any certificate whose key the client has, and none as well.
#[derive(Debug)]
pub(super) struct PossessionVerifier(pub(super) Arc<CryptoProvider>);

impl ClientCertVerifier for PossessionVerifier {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None: a client with any certificate shows it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ParsedCertificate::try_from(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
