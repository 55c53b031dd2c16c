//! What an authorization server defines and grants.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::ids::{AccountId, DeviceId, Hash, TimestampMs};

use super::issuer::IssuerId;

/// How much harm the wrong hands could do with a scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum Sensitivity {
    /// Reads what is nearly public.
    Low,
    /// Ordinary use.
    Medium,
    /// Moves money, opens doors, changes configuration.
    High,
}

/// A scope of an authorization server. A retired one stays, so that its name never gets another meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Scope {
    /// Hash of its description, which is kept elsewhere.
    pub description: Hash,
    /// How much harm the wrong hands could do with it.
    pub sensitivity: Sensitivity,
    /// Whether it is no longer granted or issued.
    pub is_retired: bool,
}

/// A role: a bundle of scopes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct RoleRecord {
    /// Names of the scopes.
    pub scopes: Vec<String>,
}

/// Who is granted something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum Grantee {
    /// A device.
    Device(DeviceId),
}

/// What is granted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum Right {
    /// One scope.
    Scope(String),
    /// The scopes of a role, as they are when a token is asked for.
    Role(String),
}

/// A right until a time.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Grant {
    /// What.
    pub right: Right,
    /// Until when: from this time on it counts no more.
    pub until_ms: TimestampMs,
}

/// That one authorization server lets another's tokens count as its own, for some scopes and for a while.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Trust {
    /// For which scopes.
    pub scopes: Vec<String>,
    /// Until when: from this time on it counts no more.
    pub until_ms: TimestampMs,
}

/// A scope that a device may get.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Entitlement {
    /// The scope's name.
    pub scope: String,
    /// How much harm the wrong hands could do with it.
    pub sensitivity: Sensitivity,
    /// Until when, by the longest of its grants.
    pub until_ms: TimestampMs,
}

/// What a device may get from an authorization server now.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Entitlements {
    /// Whether the authorization server is active, and the device too.
    pub is_active: bool,
    /// The device's epoch, for its tokens; `None` if it is not registered.
    pub epoch: Option<u32>,
    /// Tokens issued before this time are dead.
    pub tokens_before_ms: TimestampMs,
    /// The scopes, each once, in the order of their names.
    pub scopes: Vec<Entitlement>,
}

/// What the contract says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AccessInfo {
    /// The genesis hash that it was deployed with.
    pub genesis_hash: Hash,
    /// The registry whose devices it serves.
    pub registry: AccountId,
    /// The contract that it has Ed25519 signatures checked by.
    pub ed25519: AccountId,
    /// What reclaiming a token's revocation is paid back with, in the chain's smallest unit.
    pub reclaim_price: u128,
    /// The number that the next authorization server gets.
    pub next_issuer: IssuerId,
}
