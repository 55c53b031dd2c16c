//! What can be done to a device, and what is signed to have somebody else submit it.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    crypto::Signature,
    device::{Controller, Role, Service},
    ids::{AccountId, DeviceId, Hash, KeyId, TimestampMs},
    key::{NewKey, PublicKey, Relationships},
};

/// An operation on a device, with all its arguments. The same value is executed when its actor calls the
/// contract, and signed when somebody else submits it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Operation {
    /// Registers the device. The actor is its initial key, whose number is 0.
    Register {
        /// Who controls it from now on.
        controller: Controller,
        /// Hash of what its controller keeps about it elsewhere.
        metadata: Option<Hash>,
        /// Keys beside the initial one.
        keys: Vec<NewKey>,
        /// Its services.
        services: Vec<Service>,
    },
    /// Adds a key.
    AddKey {
        /// The key.
        key: NewKey,
    },
    /// Puts a new key in the place of a current one, with its relationships. A new epoch.
    RotateKey {
        /// The key that is revoked.
        id: KeyId,
        /// The key that comes in its place; of a type that may have the same relationships.
        public_key: PublicKey,
    },
    /// Revokes a key. A new epoch.
    RevokeKey {
        /// Its number.
        id: KeyId,
    },
    /// Adds a service, or replaces the one of the same id.
    SetService {
        /// The service.
        service: Service,
    },
    /// Removes a service.
    RemoveService {
        /// Its id.
        id: String,
    },
    /// Sets or clears the metadata hash.
    SetMetadata {
        /// The hash.
        hash: Option<Hash>,
    },
    /// Adds a delegate, or gives one a new expiry.
    SetDelegate {
        /// Who.
        account: AccountId,
        /// As what.
        role: Role,
        /// Until when; at most [`crate::bounds::DELEGATION_MAX_MS`] ahead.
        expires_ms: TimestampMs,
    },
    /// Removes a delegate.
    RemoveDelegate {
        /// Who.
        account: AccountId,
        /// From which role.
        role: Role,
    },
    /// Suspends the device. A new epoch.
    Suspend,
    /// Makes a suspended device active again.
    Resume,
    /// Starts a new epoch: every token of the device is dead.
    BumpEpoch,
    /// Offers the control of the device; replaces an earlier offer.
    OfferTransfer {
        /// To whom.
        to: Controller,
        /// Until when; at most [`crate::bounds::OFFER_MAX_MS`] ahead.
        expires_ms: TimestampMs,
    },
    /// Withdraws the offer.
    CancelTransfer,
    /// Takes over the control that is on offer. Removes all delegates. A new epoch.
    AcceptTransfer,
    /// Revokes the device, for ever. Its keys, services and delegates go. A new epoch.
    Revoke,
}

/// Where a signature is good: one contract on one chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Domain {
    /// The chain's genesis hash.
    pub genesis_hash: Hash,
    /// The contract's account.
    pub contract: AccountId,
}

/// An operation with what its signature binds it to.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Envelope {
    /// The device that it is for.
    pub device: DeviceId,
    /// What is to be done.
    pub operation: Operation,
    /// Who wants it: the account whose key signs, and whose rights count.
    pub signer: AccountId,
    /// Who may submit it; `None` for anyone.
    pub submitter: Option<AccountId>,
    /// Nonce lane of the device, below [`crate::bounds::LANES_MAX`].
    pub lane: u8,
    /// The next nonce of that lane.
    pub nonce: u64,
    /// The last time at which it may be executed; at most [`crate::bounds::DEADLINE_AHEAD_MAX_MS`] ahead.
    pub deadline_ms: TimestampMs,
}

impl Envelope {
    /// Length of what is signed.
    pub const SIGNED_BYTES: usize = Self::TAG.len() + 32;

    const TAG: &'static [u8; 12] = b"marque:op:v1";

    /// What is signed: `"marque:op:v1"` ‖ BLAKE2b-256(SCALE(domain, envelope)).
    ///
    /// With the tag and a hash of fixed length, Ed25519's SHA-512 runs over one block, which is most of what the length of an
    /// operation could cost on chain. `blake2b_256` is a parameter because a contract has the host's.
    pub fn signed_bytes(&self, domain: &Domain, blake2b_256: impl FnOnce(&[u8]) -> Hash) -> [u8; Self::SIGNED_BYTES] {
        let hash = blake2b_256(&(domain, self).encode());
        let mut bytes = [0; Self::SIGNED_BYTES];
        let (tag, rest) = bytes.split_at_mut(Self::TAG.len());
        tag.copy_from_slice(Self::TAG);
        rest.copy_from_slice(&hash);
        bytes
    }
}

/// A signed operation, ready to be submitted by anyone it allows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct SignedOperation {
    /// The operation and its bindings.
    pub envelope: Envelope,
    /// The signer's signature of [`Envelope::signed_bytes`].
    pub signature: Signature,
}

impl Operation {
    /// What a key of a device that is its own controller must be for, to carry out the operation.
    pub const fn relationship(&self) -> Relationships {
        match self {
            Self::SetDelegate { .. } | Self::RemoveDelegate { .. } => Relationships::CAPABILITY_DELEGATION,
            _ => Relationships::CAPABILITY_INVOCATION,
        }
    }
}
