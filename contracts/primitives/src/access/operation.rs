//! What can be done to an authorization server.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    ids::{AccountId, DeviceId, Hash, TimestampMs},
    key::PublicKey,
};

use super::{
    entry::{Grantee, Right, Sensitivity},
    issuer::{IssuerId, IssuerKeyId, IssuerRole},
};

/// A signing key to be added to an authorization server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct NewIssuerKey {
    /// The key: Ed25519 or Sr25519. Its bytes are not checked: no token of a key that is no point, or a weak one, is ever good.
    pub public_key: PublicKey,
    /// From when on it signs. It may lie ahead: a key is published before it is used.
    pub not_before_ms: TimestampMs,
    /// Until when it signs; at most [`crate::bounds::ISSUER_KEY_LIFETIME_MAX_MS`] after the start.
    pub not_after_ms: TimestampMs,
}

/// An operation on an authorization server, with all its arguments.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum AccessOperation {
    /// Adds a signing key.
    AddKey {
        /// The key.
        key: NewIssuerKey,
    },
    /// Adds a signing key, and ends the window of another one when the new one's begins. Tokens of the old one stay good.
    RotateKey {
        /// The key that ends.
        id: IssuerKeyId,
        /// The key that follows.
        key: NewIssuerKey,
    },
    /// Revokes a signing key: none of its tokens counts from now on.
    RevokeKey {
        /// Its number.
        id: IssuerKeyId,
    },
    /// No token of the authorization server counts until it is active again.
    Deactivate,
    /// Its tokens count again.
    Reactivate,
    /// Offers the authorization server to another owner; replaces an earlier offer.
    OfferTransfer {
        /// To whom.
        to: AccountId,
        /// Until when; at most [`crate::bounds::OFFER_MAX_MS`] ahead.
        expires_ms: TimestampMs,
    },
    /// Withdraws the offer.
    CancelTransfer,
    /// Takes over what is on offer. Removes all delegates.
    AcceptTransfer,
    /// Adds a delegate, or gives one a new expiry.
    SetDelegate {
        /// Who.
        account: AccountId,
        /// As what.
        role: IssuerRole,
        /// Until when; at most [`crate::bounds::DELEGATION_MAX_MS`] ahead.
        expires_ms: TimestampMs,
    },
    /// Removes a delegate.
    RemoveDelegate {
        /// Who.
        account: AccountId,
        /// From which role.
        role: IssuerRole,
    },
    /// Defines a scope.
    DefineScope {
        /// Its name, `resource:action`.
        name: String,
        /// Hash of its description.
        description: Hash,
        /// How much harm the wrong hands could do with it.
        sensitivity: Sensitivity,
    },
    /// Retires a scope, for ever.
    RetireScope {
        /// Its name.
        name: String,
    },
    /// Defines a role, or gives one other scopes.
    SetRole {
        /// Its name.
        name: String,
        /// Names of its scopes, each defined and not retired.
        scopes: Vec<String>,
    },
    /// Removes a role. Grants of it give nothing from now on.
    RemoveRole {
        /// Its name.
        name: String,
    },
    /// Grants a right, or gives a grant another end.
    Grant {
        /// To whom.
        grantee: Grantee,
        /// What.
        right: Right,
        /// Until when; at most [`crate::bounds::GRANT_MAX_MS`] ahead.
        until_ms: TimestampMs,
    },
    /// Withdraws a right. Tokens that were issued stay good until they expire or are revoked.
    Withdraw {
        /// From whom.
        grantee: Grantee,
        /// What.
        right: Right,
    },
    /// Revokes one token.
    RevokeToken {
        /// BLAKE2b-256 of its id (`jti`, `cti`).
        token: Hash,
        /// When it expires; at most [`crate::bounds::TOKEN_LIFETIME_MAX_MS`] ahead. From then on anyone may reclaim the entry.
        expires_ms: TimestampMs,
    },
    /// Revokes all tokens of a device that were issued before a time.
    RevokeTokensBefore {
        /// The device.
        device: DeviceId,
        /// The time: not ahead, and later than an earlier one.
        before_ms: TimestampMs,
    },
    /// Lets another authorization server's tokens count as its own, for some scopes and for a while.
    SetTrust {
        /// The other one.
        issuer: IssuerId,
        /// For which scopes; each defined by the one that trusts and not retired.
        scopes: Vec<String>,
        /// Until when; at most [`crate::bounds::TRUST_MAX_MS`] ahead.
        until_ms: TimestampMs,
    },
    /// Ends this trust.
    RemoveTrust {
        /// The other one.
        issuer: IssuerId,
    },
}
