//! The name that a client's certificate must have (RFC 8705, section 2.1.2): exactly one, of one kind.

use url::Url;

use super::{RegistrationError, members::Members, members::refused};
use crate::CertificateBinding;

const NAME_CHARS_MAX: usize = 255;
const DN: &str = "tls_client_auth_subject_dn";
const DNS: &str = "tls_client_auth_san_dns";
const URI: &str = "tls_client_auth_san_uri";
const IP: &str = "tls_client_auth_san_ip";
const EMAIL: &str = "tls_client_auth_san_email";
const REFUSAL: &str = "a tls_client_auth name is a distinguished name, host, URI, IP address or e-mail address as a whole, without `*`, of 1 to 255 characters";

/// Reads the name, if there is one.
pub(super) fn read(members: &Members) -> Result<Option<CertificateBinding>, RegistrationError> {
    let mut found = None;
    for member in [DN, DNS, URI, IP, EMAIL] {
        let Some(text) = members.text(member, NAME_CHARS_MAX, REFUSAL)? else { continue };
        let name = binding(member, text).ok_or(refused(REFUSAL))?;
        if found.replace(name).is_some() {
            return Err(refused("give one tls_client_auth name, and no more"));
        }
    }
    Ok(found)
}

/// The member that says a name, and what it says; `None` where certificates are known by something else.
pub(super) fn member(binding: &CertificateBinding) -> Option<(&'static str, String)> {
    match binding {
        CertificateBinding::SubjectDn(name) => Some((DN, name.clone())),
        CertificateBinding::SanDns(name) => Some((DNS, name.clone())),
        CertificateBinding::SanUri(name) => Some((URI, name.clone())),
        CertificateBinding::SanIp(address) => Some((IP, address.to_string())),
        CertificateBinding::SanEmail(name) => Some((EMAIL, name.clone())),
        CertificateBinding::Thumbprints(_) => None,
    }
}

fn binding(member: &str, text: &str) -> Option<CertificateBinding> {
    if text.contains('*') {
        return None;
    }
    match member {
        DN => text.contains('=').then(|| CertificateBinding::SubjectDn(text.to_owned())),
        DNS => is_host(text).then(|| CertificateBinding::SanDns(text.to_ascii_lowercase())),
        URI => Url::parse(text).is_ok().then(|| CertificateBinding::SanUri(text.to_owned())),
        IP => text.parse().ok().map(CertificateBinding::SanIp),
        _ => is_email(text).then(|| CertificateBinding::SanEmail(text.to_owned())),
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
