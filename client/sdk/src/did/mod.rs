//! `did:marque` identifiers (W3C DID 1.1, section 3.1).
//!
//! `did:marque:<registry-id>:<device-id>`: the registry id is 16 lowercase base32 characters (RFC 4648, section 6, without
//! padding); the device id is `z` and the base58btc form of `0xed01` and the device's initial Ed25519 public key, as in did:key.
//! The text is defined in [`marque_primitives::Did`], for contracts too; here it gets its errors.

mod document;
mod multikey;
mod resolution;
mod time;
mod url;

use std::{fmt, str::FromStr};

use marque_primitives::{self as primitives, DeviceId, RegistryId};

pub use document::{DidDocument, ServiceEntry, VerificationMethod};
pub use multikey::{decode_multikey, encode_multikey};
pub use resolution::{DocumentMetadata, Problem, Resolution, ResolutionMetadata, VersionSelector};
pub use time::{format_time, parse_time};
pub use url::DidUrl;

/// What each `did:marque` DID begins with.
pub const PREFIX: &str = primitives::Did::PREFIX;
/// Characters of a registry id.
pub const REGISTRY_ID_CHARS: usize = RegistryId::TEXT_BYTES;
/// Characters of a device id: `z`, then base58btc of 34 bytes that begin with 0xed01.
pub const DEVICE_ID_CHARS_MAX: usize = DeviceId::TEXT_BYTES;
/// The longest DID, in bytes.
pub const DID_BYTES_MAX: usize = primitives::Did::TEXT_BYTES;

/// Why a text is no `did:marque` DID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidError {
    /// It is not a DID at all.
    #[error("this is not a DID: it does not begin with `did:` and a method name")]
    NotADid,
    /// It is a DID of another method.
    #[error("this is a DID of another method: only did:marque is known here")]
    OtherMethod,
    /// It is too long.
    #[error("the DID is longer than {DID_BYTES_MAX} characters")]
    TooLong,
    /// The registry id is not 16 characters of lowercase base32 in canonical form.
    #[error("the registry id must be {REGISTRY_ID_CHARS} lowercase base32 characters (a–z, 2–7)")]
    InvalidRegistryId,
    /// The device id is missing.
    #[error("the DID has no device id: it reads did:marque:<registry-id>:<device-id>")]
    NoDeviceId,
    /// The device id is not `z` and base58btc of an Ed25519 key.
    #[error("the device id must be the multibase form (z…) of an Ed25519 public key, as in did:key")]
    InvalidDeviceId,
    /// A path, query or fragment follows: it is a DID URL.
    #[error("this is a DID URL (it has a path, query or fragment): a DID is wanted here")]
    IsUrl,
    /// The path, query or fragment has characters that it may not, or is too long.
    #[error("the path, query or fragment has characters that a URL may not have, or is too long")]
    InvalidUrl,
    /// `versionId` or `versionTime` is there more than once: which version is meant can't be told.
    #[error("the DID URL has versionId or versionTime more than once: give each at most once")]
    RepeatedParameter,
}

/// The DID of a device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Did {
    /// The registry that it is in.
    pub registry: RegistryId,
    /// The device.
    pub device: DeviceId,
}

impl Did {
    /// The DID of `device` in `registry`.
    pub const fn new(registry: RegistryId, device: DeviceId) -> Self {
        Self { registry, device }
    }
}

impl From<primitives::Did> for Did {
    fn from(did: primitives::Did) -> Self {
        Self { registry: did.registry, device: did.device }
    }
}

impl From<Did> for primitives::Did {
    fn from(did: Did) -> Self {
        Self { registry: did.registry, device: did.device }
    }
}

impl fmt::Display for Did {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&primitives::Did::from(*self).to_text())
    }
}

impl FromStr for Did {
    type Err = DidError;

    /// Reads a DID. There is one text for each DID: upper case, padding and other spellings are refused.
    fn from_str(text: &str) -> Result<Self, DidError> {
        let rest = text.strip_prefix(PREFIX).ok_or_else(|| not_marque(text))?;
        if text.contains(['/', '?', '#']) {
            return Err(DidError::IsUrl);
        }
        if text.len() > DID_BYTES_MAX {
            return Err(DidError::TooLong);
        }
        let (registry, device) = rest.split_once(':').ok_or(DidError::NoDeviceId)?;
        Ok(Self { registry: parse_registry_id(registry)?, device: parse_device_id(device)? })
    }
}

impl serde::Serialize for Did {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Did {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The text of a registry id, as in a DID.
pub fn format_registry_id(id: &RegistryId) -> String {
    id.to_text()
}

/// Reads a registry id.
///
/// # Errors
/// [`DidError::InvalidRegistryId`].
pub fn parse_registry_id(text: &str) -> Result<RegistryId, DidError> {
    RegistryId::from_text(text).ok_or(DidError::InvalidRegistryId)
}

/// The text of a device id, as in a DID and in did:key.
pub fn format_device_id(id: &DeviceId) -> String {
    id.to_text()
}

/// Reads a device id. Whether the bytes are a usable key is the registry's to say.
///
/// # Errors
/// [`DidError::InvalidDeviceId`].
pub fn parse_device_id(text: &str) -> Result<DeviceId, DidError> {
    DeviceId::from_text(text).ok_or(DidError::InvalidDeviceId)
}

fn not_marque(text: &str) -> DidError {
    let is_did = text.strip_prefix("did:").and_then(|rest| rest.split_once(':')).is_some_and(|(method, _)| {
        !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if is_did { DidError::OtherMethod } else { DidError::NotADid }
}

#[cfg(test)]
mod tests;
