//! Which texts are names: one rule for chain and client.

use crate::bounds;

/// Names that would stand for everything; no scope, role, resource or action is called so.
const CATCH_ALL: [&str; 12] = [
    "admin",
    "administrator",
    "all",
    "any",
    "everything",
    "full",
    "full_access",
    "full-access",
    "god",
    "root",
    "superuser",
    "sudo",
];

/// Whether this names a scope: `resource:action`, each part 1 or more of `a–z 0–9 - _ .`, beginning with a letter or digit, and none that
/// would stand for everything; at most [`bounds::SCOPE_BYTES_MAX`] bytes in all.
pub fn is_scope_name(text: &str) -> bool {
    let Some((resource, action)) = text.split_once(':') else { return false };
    text.len() <= bounds::SCOPE_BYTES_MAX && is_part(resource) && is_part(action)
}

/// Whether this names a role: as one part of a scope's name; at most [`bounds::ROLE_BYTES_MAX`] bytes.
pub fn is_role_name(text: &str) -> bool {
    text.len() <= bounds::ROLE_BYTES_MAX && is_part(text)
}

/// Whether this is an issuer's URL (RFC 8414, section 2): `https://`, a host, and no query or fragment; at most
/// [`bounds::ISSUER_URL_BYTES_MAX`] bytes. `http` is good for the loopback host alone, for development.
pub fn is_issuer_url(text: &str) -> bool {
    const LOOPBACK: [&str; 3] = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let is_loopback = LOOPBACK
        .iter()
        .any(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])));
    let has_host = text
        .strip_prefix("https://")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '['));
    (has_host || is_loopback)
        && text.len() <= bounds::ISSUER_URL_BYTES_MAX
        && text.bytes().all(|byte| is_uri_byte(byte) && !matches!(byte, b'?' | b'#' | b'@'))
}

/// Whether this can be an audience: 1 to [`bounds::AUDIENCE_BYTES_MAX`] characters of a URI, such as `api://default`.
pub fn is_audience(text: &str) -> bool {
    is_uri_text(text, bounds::AUDIENCE_BYTES_MAX)
}

/// Whether this can be a client's id: 1 to [`bounds::CLIENT_ID_BYTES_MAX`] characters of a URI; a device's is its DID.
pub fn is_client_id(text: &str) -> bool {
    is_uri_text(text, bounds::CLIENT_ID_BYTES_MAX)
}

/// Whether this can be a token's id (`jti`, `cti`): 1 to [`bounds::TOKEN_ID_BYTES_MAX`] of `A–Z a–z 0–9 - . _ ~`.
pub fn is_token_id(text: &str) -> bool {
    (1..=bounds::TOKEN_ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

fn is_part(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.'))
        && !CATCH_ALL.contains(&text)
}

fn is_uri_text(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(is_uri_byte)
}

fn is_uri_byte(byte: u8) -> bool {
    crate::device::is_uri_byte(byte)
}
