//! DID URLs (W3C DID 1.1, section 3.2).

use std::{fmt, str::FromStr};

use super::{Did, DidError};

/// The longest DID URL, in bytes.
const URL_BYTES_MAX: usize = 2048;
/// The parameters that name a version (W3C DID Resolution, section 4.1). One that is there twice names none.
const VERSION_PARAMETERS: [&str; 2] = ["versionId", "versionTime"];

/// A DID with a path, query or fragment, such as `did:marque:…:z6Mk…#key-0`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DidUrl {
    /// The DID.
    pub did: Did,
    /// The path with its leading `/`; empty when there is none.
    pub path: String,
    /// What follows the `?`.
    pub query: Option<String>,
    /// What follows the `#`.
    pub fragment: Option<String>,
}

impl DidUrl {
    /// The first value of a query parameter, as it is written (percent-encoded).
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.as_deref()?.split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| (key == name).then_some(value))
    }
}

impl From<Did> for DidUrl {
    fn from(did: Did) -> Self {
        Self { did, path: String::new(), query: None, fragment: None }
    }
}

impl fmt::Display for DidUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.did, self.path)?;
        if let Some(query) = &self.query {
            write!(formatter, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(formatter, "#{fragment}")?;
        }
        Ok(())
    }
}

impl FromStr for DidUrl {
    type Err = DidError;

    fn from_str(text: &str) -> Result<Self, DidError> {
        if text.len() > URL_BYTES_MAX {
            return Err(DidError::InvalidUrl);
        }
        let (text, fragment) = split_at(text, '#');
        let (text, query) = split_at(text, '?');
        let (did, path) = text.find('/').map_or((text, ""), |slash| text.split_at(slash));
        let did = did.parse()?;
        let parts_are_valid = is_path(path) && query.is_none_or(is_query) && fragment.is_none_or(is_query);
        if !parts_are_valid {
            return Err(DidError::InvalidUrl);
        }
        if VERSION_PARAMETERS.iter().any(|name| query.is_some_and(|query| is_repeated(query, name))) {
            return Err(DidError::RepeatedParameter);
        }
        Ok(Self { did, path: path.to_owned(), query: query.map(str::to_owned), fragment: fragment.map(str::to_owned) })
    }
}

fn split_at(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Whether a parameter is there more than once, with a value or without.
fn is_repeated(query: &str, name: &str) -> bool {
    let names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(key, _)| key));
    names.filter(|key| *key == name).count() > 1
}

/// RFC 3986, section 3.3.
fn is_path(text: &str) -> bool {
    are_uri_chars(text, b"/")
}

/// RFC 3986, sections 3.4 and 3.5: both have the same characters.
fn is_query(text: &str) -> bool {
    are_uri_chars(text, b"/?")
}

fn are_uri_chars(text: &str, more: &[u8]) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte) || more.contains(byte),
    })
}
