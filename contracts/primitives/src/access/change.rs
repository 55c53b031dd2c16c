//! What was changed: the content of the contract's events.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::ids::{AccountId, DeviceId, Hash, TimestampMs};

use super::{
    entry::{Grant, Grantee, Right, Scope, Trust},
    issuer::{IssuerDelegate, IssuerId, IssuerKey, IssuerKeyId, IssuerOffer, IssuerRole},
};

/// A change of an authorization server, with what a follower needs to rebuild the state.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum AccessChange {
    /// It was registered.
    Registered {
        /// Its owner.
        owner: AccountId,
        /// Its issuer URL.
        url: String,
        /// Its first keys.
        keys: Vec<IssuerKey>,
    },
    /// A signing key was added.
    KeyAdded {
        /// The key.
        key: IssuerKey,
    },
    /// A signing key follows another one.
    KeyRotated {
        /// The one whose window ends when the new one's begins.
        ended: IssuerKeyId,
        /// The new one.
        key: IssuerKey,
    },
    /// A signing key was revoked.
    KeyRevoked {
        /// Its number.
        id: IssuerKeyId,
    },
    /// Its tokens no longer count.
    Deactivated,
    /// Its tokens count again.
    Reactivated,
    /// It is offered to another owner.
    TransferOffered {
        /// The offer.
        offer: IssuerOffer,
    },
    /// The offer was withdrawn.
    TransferCancelled,
    /// It has another owner. Its delegates are gone.
    Transferred {
        /// Whose it was.
        previous: AccountId,
        /// Whose it is.
        owner: AccountId,
    },
    /// A delegate was added, or has another expiry.
    DelegateSet {
        /// The delegate.
        delegate: IssuerDelegate,
    },
    /// A delegate was removed.
    DelegateRemoved {
        /// Who.
        account: AccountId,
        /// From which role.
        role: IssuerRole,
    },
    /// A scope was defined, or retired.
    ScopeSet {
        /// Its name.
        name: String,
        /// What it is now.
        scope: Scope,
    },
    /// A role has these scopes now.
    RoleSet {
        /// Its name.
        name: String,
        /// Names of its scopes.
        scopes: Vec<String>,
    },
    /// A role was removed.
    RoleRemoved {
        /// Its name.
        name: String,
    },
    /// A right was granted, or has another end.
    Granted {
        /// To whom.
        grantee: Grantee,
        /// What, and until when.
        grant: Grant,
    },
    /// A right was withdrawn.
    Withdrawn {
        /// From whom.
        grantee: Grantee,
        /// What.
        right: Right,
    },
    /// A token was revoked.
    TokenRevoked {
        /// BLAKE2b-256 of its id.
        token: Hash,
        /// When it expires.
        expires_ms: TimestampMs,
    },
    /// The entry of a revoked token that has expired was taken away, and its deposit given back.
    TokenReclaimed {
        /// BLAKE2b-256 of its id.
        token: Hash,
        /// Who got the deposit: who revoked it.
        payer: AccountId,
    },
    /// The tokens of a device issued before a time were revoked.
    TokensRevokedBefore {
        /// The device.
        device: DeviceId,
        /// The time.
        before_ms: TimestampMs,
    },
    /// Another authorization server is trusted.
    TrustSet {
        /// The other one.
        issuer: IssuerId,
        /// For what and until when.
        trust: Trust,
    },
    /// Another authorization server is trusted no more.
    TrustRemoved {
        /// The other one.
        issuer: IssuerId,
    },
}

/// A change, by whom and when.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AccessLogEntry {
    /// The block's time.
    pub at_ms: TimestampMs,
    /// Who did it.
    pub actor: AccountId,
    /// What was changed.
    pub change: AccessChange,
}
