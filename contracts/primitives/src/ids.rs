//! Identifiers and units.

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::crypto::blake2b_256;

/// Milliseconds since the Unix epoch, as the chain's timestamp gives them.
pub type TimestampMs = u64;

/// Number of a key within its device: given once, in order, never used again.
pub type KeyId = u32;

/// A BLAKE2b-256 hash, or any other 32 bytes that stand for something.
pub type Hash = [u8; 32];

/// An account on the chain: the 32 bytes of an Ed25519 or Sr25519 public key, or an account without a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct AccountId(pub [u8; 32]);

/// Names a device for ever: its *initial* Ed25519 public key. It stays when keys rotate.
///
/// In a DID it is written as in did:key: `z` and the base58btc form of `0xed01` and the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct DeviceId(pub [u8; 32]);

impl DeviceId {
    /// The account of the device's initial key: an Ed25519 public key is an account id.
    pub const fn account(&self) -> AccountId {
        AccountId(self.0)
    }
}

/// Names a registry: the chain that it is on and the contract, in 10 bytes (16 base32 characters in a DID).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct RegistryId(pub [u8; 10]);

impl RegistryId {
    /// The id of the registry at `contract` on the chain with this genesis: the first 10 bytes of
    /// BLAKE2b-256(`"marque:registry"` ‖ genesis hash ‖ contract account).
    pub fn derive(genesis_hash: &Hash, contract: &AccountId) -> Self {
        Self::derive_with(genesis_hash, contract, blake2b_256)
    }

    /// As [`derive`](Self::derive), with the caller's BLAKE2b-256: a contract has the host's.
    pub fn derive_with(genesis_hash: &Hash, contract: &AccountId, blake2b_256: impl FnOnce(&[u8]) -> Hash) -> Self {
        const TAG: &[u8; 15] = b"marque:registry";
        let mut bytes = [0u8; 15 + 32 + 32];
        bytes[..15].copy_from_slice(TAG);
        bytes[15..47].copy_from_slice(genesis_hash);
        bytes[47..].copy_from_slice(&contract.0);
        let hash = blake2b_256(&bytes);
        let mut id = [0u8; 10];
        id.copy_from_slice(&hash[..10]);
        Self(id)
    }
}
