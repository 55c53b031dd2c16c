//! The name that a client's certificate must have (RFC 8705, section 2.1.2): exactly one, of one kind.

use std::net::IpAddr;

use url::Url;

use super::{RegistrationError, members::Members, members::refused};

const NAME_CHARS_MAX: usize = 255;
const DN: &str = "tls_client_auth_subject_dn";
const DNS: &str = "tls_client_auth_san_dns";
const URI: &str = "tls_client_auth_san_uri";
const IP: &str = "tls_client_auth_san_ip";
const EMAIL: &str = "tls_client_auth_san_email";
const REFUSAL: &str = "a tls_client_auth name is a distinguished name, host, URI, IP address or e-mail address as a whole, without `*`, of 1 to 255 characters";

/// The name that the certificate of a client must have that a certificate authority vouches for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CertificateName {
    /// The subject's distinguished name, as a text (RFC 4514).
    SubjectDn(String),
    /// An alternative name that is a host's, in lower case.
    SanDns(String),
    /// An alternative name that is a URI.
    SanUri(String),
    /// An alternative name that is an IP address.
    SanIp(IpAddr),
    /// An alternative name that is an e-mail address.
    SanEmail(String),
}

impl CertificateName {
    /// Reads the name, if there is one.
    pub(super) fn read(members: &Members) -> Result<Option<Self>, RegistrationError> {
        let mut found = None;
        for member in [DN, DNS, URI, IP, EMAIL] {
            let Some(text) = members.text(member, NAME_CHARS_MAX, REFUSAL)? else { continue };
            let name = Self::of(member, text).ok_or(refused(REFUSAL))?;
            if found.replace(name).is_some() {
                return Err(refused("give one tls_client_auth name, and no more"));
            }
        }
        Ok(found)
    }

    fn of(member: &str, text: &str) -> Option<Self> {
        if text.contains('*') {
            return None;
        }
        match member {
            DN => text.contains('=').then(|| Self::SubjectDn(text.to_owned())),
            DNS => is_host(text).then(|| Self::SanDns(text.to_ascii_lowercase())),
            URI => Url::parse(text).is_ok().then(|| Self::SanUri(text.to_owned())),
            IP => text.parse().ok().map(Self::SanIp),
            _ => is_email(text).then(|| Self::SanEmail(text.to_owned())),
        }
    }

    /// The member that says it, and what it says.
    pub(super) fn member(&self) -> (&'static str, String) {
        match self {
            Self::SubjectDn(name) => (DN, name.clone()),
            Self::SanDns(name) => (DNS, name.clone()),
            Self::SanUri(name) => (URI, name.clone()),
            Self::SanIp(address) => (IP, address.to_string()),
            Self::SanEmail(name) => (EMAIL, name.clone()),
        }
    }
}

fn is_host(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split('.').all(is_part)
}

fn is_email(text: &str) -> bool {
    let is_mailbox = |mailbox: &str| !mailbox.is_empty() && mailbox.bytes().all(|byte| byte.is_ascii_graphic());
    text.split_once('@').is_some_and(|(mailbox, host)| is_mailbox(mailbox) && is_host(host))
}
