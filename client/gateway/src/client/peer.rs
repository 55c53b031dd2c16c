//! The certificate that a client showed in TLS.

use marque_sdk::primitives::TimestampMs;

use super::{CertificateBinding, CertificateError, ClientCertificate};

/// A client's certificate. That the client has its key is known from TLS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerCertificate {
    /// The certificate, which is valid now.
    pub certificate: ClientCertificate,
    /// Whether it was issued by a certificate authority that is trusted for clients.
    pub is_issued: bool,
}

impl PeerCertificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn read(der: &[u8], is_issued: bool, now_ms: TimestampMs) -> Result<Self, CertificateError> {
        Ok(Self { certificate: ClientCertificate::read(der, now_ms)?, is_issued })
    }

    /// Whether it is one of those that a client is known by.
    pub(crate) fn is_of(&self, binding: &CertificateBinding) -> bool {
        binding.matches(&self.certificate, self.is_issued)
    }
}
