//! A device's record.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    bounds,
    error::Error,
    ids::{AccountId, Hash, KeyId, TimestampMs},
    key::{Key, Relationships},
};

/// Where a device is in its life: `Active ↔ Suspended → Revoked`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum Status {
    /// In use.
    Active,
    /// Not to be trusted until it is resumed.
    Suspended,
    /// Out of use for ever. The record stays as a tombstone.
    Revoked,
}

/// Who controls a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum Controller {
    /// The device itself, by any of its current keys with the right relationship. It follows the keys as they rotate.
    Device,
    /// An account. If it is the account of one of the device's keys, rotating or revoking that key does not take the
    /// control from it: a device that controls itself is [`Controller::Device`].
    Account(AccountId),
}

/// What a delegate may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum Role {
    /// Suspends and resumes.
    Operator,
    /// Adds, rotates and revokes keys. Of a device that is its own controller, this is as much as control itself: name as
    /// rotator whom the device trusts with its recovery.
    Rotator,
}

/// An account that may act for a while in one role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Delegate {
    /// Who.
    pub account: AccountId,
    /// As what.
    pub role: Role,
    /// Until when: from this time on it may no more.
    pub expires_ms: TimestampMs,
}

/// A transfer that waits to be accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Offer {
    /// Who may accept.
    pub to: Controller,
    /// Until when: from this time on nobody may.
    pub expires_ms: TimestampMs,
}

/// A service of a device (DID Core 1.0, section 5.4).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Service {
    /// The fragment of its DID URL: 1 to 32 of `A–Z a–z 0–9 - . _ ~`, and not `key-…`, which names keys.
    pub id: String,
    /// Its type: 1 to 64 of the same characters.
    pub service_type: String,
    /// Its endpoint, a URI (RFC 3986): a scheme, `:` and the rest; up to 256 printable ASCII characters without space, `"`, `<`,
    /// `>`, `\`, `^`, `` ` ``, `{`, `|`, `}`. What the scheme asks of the rest is not checked.
    pub endpoint: String,
}

impl Service {
    /// Checks the bounds and the characters.
    ///
    /// # Errors
    /// [`Error::InvalidService`].
    pub fn validate(&self) -> Result<(), Error> {
        let valid = is_name(&self.id, bounds::SERVICE_ID_BYTES_MAX)
            && !self.id.starts_with("key-")
            && is_name(&self.service_type, bounds::SERVICE_TYPE_BYTES_MAX)
            && is_within(&self.endpoint, bounds::SERVICE_ENDPOINT_BYTES_MAX)
            && has_scheme(&self.endpoint)
            && self.endpoint.bytes().all(is_uri_byte);
        if valid { Ok(()) } else { Err(Error::InvalidService) }
    }
}

fn is_within(text: &str, bytes_max: usize) -> bool {
    !text.is_empty() && text.len() <= bytes_max
}

fn is_name(text: &str, bytes_max: usize) -> bool {
    is_within(text, bytes_max)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

/// RFC 3986, section 3.1: a letter, then letters, digits, `+`, `-`, `.`, up to the first colon.
fn has_scheme(uri: &str) -> bool {
    let Some((scheme, _)) = uri.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

pub(crate) fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// All that the chain keeps of a device. Bounded by [`bounds`]: at most about 4 kB.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Device {
    /// Where it is in its life.
    pub status: Status,
    /// Rises with each revocation-relevant change; a token that carries an older one is dead.
    pub epoch: u32,
    /// Number of changes, the registration being the first.
    pub version: u32,
    /// The block of the last change, which has its event.
    pub changed_block: u32,
    /// When it was registered.
    pub created_ms: TimestampMs,
    /// When it was last changed.
    pub updated_ms: TimestampMs,
    /// Who controls it.
    pub controller: Controller,
    /// A transfer that waits to be accepted.
    pub offer: Option<Offer>,
    /// Hash of whatever its controller keeps about it elsewhere.
    pub metadata: Option<Hash>,
    /// Next nonce of each lane in use; a lane beyond the list is at 0.
    pub lanes: Vec<u64>,
    /// The id that the next key gets.
    pub next_key_id: KeyId,
    /// Its keys, current and revoked.
    pub keys: Vec<Key>,
    /// Its services.
    pub services: Vec<Service>,
    /// Its delegates, expired ones included.
    pub delegates: Vec<Delegate>,
}

impl Device {
    /// The next nonce of a lane.
    pub fn next_nonce(&self, lane: u8) -> u64 {
        self.lanes.get(usize::from(lane)).copied().unwrap_or(0)
    }

    /// The current key that signs for `account` and has all of these relationships.
    pub fn current_key_of(&self, account: &AccountId, relationships: Relationships) -> Option<&Key> {
        self.keys.iter().find(|key| {
            key.is_current()
                && key.relationships.contains(relationships)
                && key.public_key.account().as_ref() == Some(account)
        })
    }

    /// Whether `account` controls the device; with `relationship` if it does so by one of the device's own keys.
    pub fn is_controlled_by(&self, account: &AccountId, relationship: Relationships) -> bool {
        self.is_principal(&self.controller, account, relationship)
    }

    /// Whether `account` is, or acts for, `principal`.
    pub fn is_principal(&self, principal: &Controller, account: &AccountId, relationship: Relationships) -> bool {
        match principal {
            Controller::Account(controller) => controller == account,
            Controller::Device => self.current_key_of(account, relationship).is_some(),
        }
    }

    /// Whether `account` is a delegate in this role now.
    pub fn is_delegate(&self, account: &AccountId, role: Role, now_ms: TimestampMs) -> bool {
        self.delegates
            .iter()
            .any(|delegate| delegate.account == *account && delegate.role == role && now_ms < delegate.expires_ms)
    }
}
