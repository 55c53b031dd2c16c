//! The certificate that a client showed in TLS.

use std::sync::Arc;

use super::{CertificateBinding, ClientCertificate};

/// A client's certificate. That the client has its key is known from TLS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerCertificate {
    /// The certificate, which is valid now.
    pub certificate: Arc<ClientCertificate>,
    /// Whether it was issued by a certificate authority that is trusted for clients.
    pub is_issued: bool,
}

impl PeerCertificate {
    /// Whether it is one of those that a client is known by.
    pub(crate) fn is_of(&self, binding: &CertificateBinding) -> bool {
        binding.matches(&self.certificate, self.is_issued)
    }
}
