//! Certificates of clients (RFC 8705): what there is in one that a client can be known by.
//!
//! That the client has a certificate's key, and who issued it, is for TLS to find out.

use std::net::IpAddr;

use marque_sdk::primitives::TimestampMs;
use sha2::{Digest, Sha256};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

mod binding;
mod name;

pub use binding::{BindingError, CertificateBinding, Thumbprint};

/// The longest certificate that is read, in bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;

/// What there is in a certificate that counts now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate: tokens are bound to it as `x5t#S256` (section 3.1).
    pub thumbprint: Thumbprint,
    /// The subject's distinguished name, as RFC 4514 writes it: `CN=meter-7,O=Example`, the most specific part first, no spaces between.
    /// Attributes that have no name there (section 3), but for `serialNumber`, are written as numbers. Empty where there is none.
    pub subject: String,
    /// Its alternative names that are of DNS.
    pub dns_names: Vec<String>,
    /// Its alternative names that are URIs.
    pub uris: Vec<String>,
    /// Its alternative names that are addresses of the Internet.
    pub addresses: Vec<IpAddr>,
    /// Its alternative names that are addresses of electronic mail.
    pub emails: Vec<String>,
}

/// Why a certificate does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is longer than [`CERTIFICATE_BYTES_MAX`].
    #[error("the client's certificate is longer than {CERTIFICATE_BYTES_MAX} bytes: use a shorter one")]
    TooLong,
    /// It is no X.509 certificate in DER, or one of its names can't be read.
    #[error("the client's certificate is no X.509 certificate that is read here: make another one")]
    Malformed,
    /// Its time has not come.
    #[error("the client's certificate is not valid yet: see whether both clocks are right")]
    NotYetValid,
    /// It has expired.
    #[error("the client's certificate has expired: renew it")]
    Expired,
}

impl ClientCertificate {
    /// Reads a certificate, if it is valid at this time, in milliseconds since the Unix epoch. A certificate counts from the first to the
    /// last second that it names, both included (RFC 5280, section 4.1.2.5).
    ///
    /// # Errors
    /// [`CertificateError`], in the order of its variants.
    pub fn read(der: &[u8], now_ms: TimestampMs) -> Result<Self, CertificateError> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(CertificateError::TooLong);
        }
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateError::Malformed)?;
        if !rest.is_empty() {
            return Err(CertificateError::Malformed);
        }
        let mut read = Self {
            thumbprint: Thumbprint(Sha256::digest(der).into()),
            subject: name::to_text(certificate.subject()).ok_or(CertificateError::Malformed)?,
            dns_names: Vec::new(),
            uris: Vec::new(),
            addresses: Vec::new(),
            emails: Vec::new(),
        };
        read.read_names(&certificate).ok_or(CertificateError::Malformed)?;
        ensure_valid(&certificate, now_ms)?;
        Ok(read)
    }

    /// Reads the alternative names. Kinds that no client is known by are left out.
    fn read_names(&mut self, certificate: &X509Certificate<'_>) -> Option<()> {
        let Some(extension) = certificate.subject_alternative_name().ok()? else { return Some(()) };
        for name in &extension.value.general_names {
            match name {
                GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                GeneralName::URI(uri) => self.uris.push((*uri).to_owned()),
                GeneralName::RFC822Name(email) => self.emails.push((*email).to_owned()),
                GeneralName::IPAddress(bytes) => self.addresses.push(address(bytes)?),
                GeneralName::Invalid(..) => return None,
                _ => {}
            }
        }
        Some(())
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let of_version_4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    of_version_4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn ensure_valid(certificate: &X509Certificate<'_>, now_ms: TimestampMs) -> Result<(), CertificateError> {
    let now_s = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
    if now_s < certificate.validity().not_before.timestamp() {
        return Err(CertificateError::NotYetValid);
    }
    if now_s > certificate.validity().not_after.timestamp() {
        return Err(CertificateError::Expired);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
