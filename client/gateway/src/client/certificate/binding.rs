//! Which certificates are a client's (RFC 8705, section 2).

use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::ClientCertificate;

/// The most certificates that a client may have at once.
const THUMBPRINTS_MAX: usize = 50;
/// The longest name that a certificate is known by, in bytes.
const NAME_BYTES_MAX: usize = 1024;

/// The SHA-256 hash of a certificate in DER (section 3.1): as JSON, in base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(pub [u8; 32]);

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        BASE64URL_NOPAD.encode(&thumbprint.0)
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = BindingError;

    fn try_from(text: String) -> Result<Self, BindingError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BindingError::Thumbprint)
    }
}

/// How a client's certificates are known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CertificateBinding {
    /// `self_signed_tls_client_auth` (section 2.2): it is one of these, whoever issued it.
    Thumbprints(Vec<Thumbprint>),
    /// `tls_client_auth` (section 2.1), like all that follow: it is issued by who is trusted, and its subject's distinguished name is this,
    /// written as [`ClientCertificate::subject`].
    SubjectDn(String),
    /// This is one of its names of DNS, in any case.
    SanDns(String),
    /// This is one of its URIs.
    SanUri(String),
    /// This is one of its addresses of the Internet.
    SanIp(IpAddr),
    /// This is one of its addresses of electronic mail.
    SanEmail(String),
}

/// Why a binding is refused when it is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindingError {
    /// A thumbprint has another form.
    #[error("a certificate's thumbprint is its SHA-256 hash in base64url: 43 characters, without padding")]
    Thumbprint,
    /// There are no thumbprints, or too many.
    #[error("a client has 1 to {THUMBPRINTS_MAX} thumbprints of certificates")]
    Thumbprints,
    /// A name is empty or too long.
    #[error("a name in a certificate has 1 to {NAME_BYTES_MAX} bytes")]
    Name,
}

impl CertificateBinding {
    /// Whether any certificate could be the client's.
    ///
    /// # Errors
    /// [`BindingError::Thumbprints`], [`BindingError::Name`].
    pub fn validate(&self) -> Result<(), BindingError> {
        match self {
            Self::Thumbprints(thumbprints) if !(1..=THUMBPRINTS_MAX).contains(&thumbprints.len()) => {
                Err(BindingError::Thumbprints)
            }
            Self::SubjectDn(name) | Self::SanDns(name) | Self::SanUri(name) | Self::SanEmail(name)
                if !(1..=NAME_BYTES_MAX).contains(&name.len()) =>
            {
                Err(BindingError::Name)
            }
            _ => Ok(()),
        }
    }

    /// Whether this certificate is the client's. `is_issued` says whether TLS found that a certificate authority which is trusted here issued
    /// it. Names are compared as a whole: a `*` is a `*`. An empty name is nobody's.
    pub fn matches(&self, certificate: &ClientCertificate, is_issued: bool) -> bool {
        let has = |names: &[String], name: &String| !name.is_empty() && names.contains(name);
        match self {
            Self::Thumbprints(thumbprints) => thumbprints.contains(&certificate.thumbprint),
            _ if !is_issued => false,
            Self::SubjectDn(name) => !name.is_empty() && certificate.subject == *name,
            Self::SanDns(name) => {
                !name.is_empty() && certificate.dns_names.iter().any(|other| other.eq_ignore_ascii_case(name))
            }
            Self::SanUri(uri) => has(&certificate.uris, uri),
            Self::SanIp(address) => certificate.addresses.contains(address),
            Self::SanEmail(email) => has(&certificate.emails, email),
        }
    }
}
