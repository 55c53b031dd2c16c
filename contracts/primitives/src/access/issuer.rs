//! An authorization server's record.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    bounds,
    ids::{AccountId, TimestampMs},
    key::PublicKey,
};

use super::change::AccessChange;

/// Number of an authorization server: given once, in order, never used again. It is what verifiers trust; the URL is what the
/// owner says of it.
pub type IssuerId = u32;

/// Number of a signing key within its authorization server: given once, in order, never used again.
pub type IssuerKeyId = u32;

/// Whether an authorization server's tokens count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum IssuerStatus {
    /// They do.
    Active,
    /// None of them does, until it is active again.
    Deactivated,
}

/// A signing key of an authorization server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct IssuerKey {
    /// Its number.
    pub id: IssuerKeyId,
    /// The key: Ed25519, or Sr25519 as the one that is cheap to verify on chain.
    pub public_key: PublicKey,
    /// Tokens issued before this time are not its.
    pub not_before_ms: TimestampMs,
    /// Tokens issued at this time or later are not its.
    pub not_after_ms: TimestampMs,
    /// When it was revoked: none of its tokens counts.
    pub revoked_ms: Option<TimestampMs>,
}

impl IssuerKey {
    /// Whether a token that it signed at this time counts.
    pub const fn is_good_for(&self, issued_ms: TimestampMs) -> bool {
        self.revoked_ms.is_none() && self.not_before_ms <= issued_ms && issued_ms < self.not_after_ms
    }

    /// Whether no token that it signed can count any more: it is revoked, or the last that it signed has expired.
    pub const fn is_spent(&self, now_ms: TimestampMs) -> bool {
        self.revoked_ms.is_some() || self.not_after_ms.saturating_add(bounds::TOKEN_LIFETIME_MAX_MS) <= now_ms
    }
}

/// What a delegate of an authorization server may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum IssuerRole {
    /// Grants and withdraws rights, and revokes tokens.
    Operator,
    /// Adds, rotates and revokes signing keys.
    KeyManager,
}

/// An account that may act for an authorization server for a while in one role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct IssuerDelegate {
    /// Who.
    pub account: AccountId,
    /// As what.
    pub role: IssuerRole,
    /// Until when: from this time on it may no more.
    pub expires_ms: TimestampMs,
}

/// A transfer of an authorization server that waits to be accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct IssuerOffer {
    /// Who may accept.
    pub to: AccountId,
    /// Until when: from this time on nobody may.
    pub expires_ms: TimestampMs,
}

/// All that the chain keeps of an authorization server itself. Bounded by [`bounds`]: about 1 kB at most.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Issuer {
    /// Who owns it.
    pub owner: AccountId,
    /// Its issuer URL, as tokens carry it in `iss` (RFC 8414, section 2). Nobody proves to own a URL here: trust the number.
    pub url: String,
    /// Whether its tokens count.
    pub status: IssuerStatus,
    /// A transfer that waits to be accepted.
    pub offer: Option<IssuerOffer>,
    /// The id that the next key gets.
    pub next_key_id: IssuerKeyId,
    /// Its signing keys, spent ones included.
    pub keys: Vec<IssuerKey>,
    /// Its delegates, expired ones included.
    pub delegates: Vec<IssuerDelegate>,
    /// When it was registered.
    pub created_ms: TimestampMs,
}

impl Issuer {
    /// The signing key of this number.
    pub fn key(&self, id: IssuerKeyId) -> Option<&IssuerKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Whether `account` is an unexpired delegate with this role.
    pub fn is_delegate(&self, account: &AccountId, role: IssuerRole, now_ms: TimestampMs) -> bool {
        self.delegates
            .iter()
            .any(|delegate| delegate.account == *account && delegate.role == role && now_ms < delegate.expires_ms)
    }

    /// The record after a change to itself; changes to scopes, roles, grants, trust and tokens leave it as it is. The contract
    /// and whoever follows its events call this.
    pub fn evolve(record: Option<Self>, change: &AccessChange, at_ms: TimestampMs) -> Option<Self> {
        if let AccessChange::Registered { owner, url, keys } = change {
            let mut issuer = Self {
                owner: *owner,
                url: url.clone(),
                status: IssuerStatus::Active,
                offer: None,
                next_key_id: 0,
                keys: Vec::new(),
                delegates: Vec::new(),
                created_ms: at_ms,
            };
            keys.iter().for_each(|key| issuer.put_key(*key, at_ms));
            return Some(issuer);
        }
        let mut issuer = record?;
        issuer.apply(change, at_ms);
        Some(issuer)
    }

    fn apply(&mut self, change: &AccessChange, at_ms: TimestampMs) {
        match change {
            AccessChange::KeyAdded { key } => self.put_key(*key, at_ms),
            AccessChange::KeyRotated { ended, key } => {
                self.with_key(*ended, |old| old.not_after_ms = old.not_after_ms.min(key.not_before_ms));
                self.put_key(*key, at_ms);
            }
            AccessChange::KeyRevoked { id } => self.with_key(*id, |key| key.revoked_ms = Some(at_ms)),
            AccessChange::Deactivated => self.status = IssuerStatus::Deactivated,
            AccessChange::Reactivated => self.status = IssuerStatus::Active,
            AccessChange::TransferOffered { offer } => self.offer = Some(*offer),
            AccessChange::TransferCancelled => self.offer = None,
            AccessChange::Transferred { owner, .. } => {
                self.owner = *owner;
                self.offer = None;
                self.delegates = Vec::new();
            }
            AccessChange::DelegateSet { delegate } => self.put_delegate(*delegate, at_ms),
            AccessChange::DelegateRemoved { account, role } => {
                self.delegates.retain(|delegate| delegate.account != *account || delegate.role != *role);
            }
            _ => {}
        }
    }

    /// When the list is full, the key that is spent and was added first makes room.
    fn put_key(&mut self, key: IssuerKey, at_ms: TimestampMs) {
        if self.keys.len() >= bounds::ISSUER_KEYS_MAX {
            if let Some(spent) = self.keys.iter().position(|key| key.is_spent(at_ms)) {
                self.keys.remove(spent);
            }
        }
        self.next_key_id = key.id.saturating_add(1);
        self.keys.push(key);
    }

    fn with_key(&mut self, id: IssuerKeyId, change: impl FnOnce(&mut IssuerKey)) {
        if let Some(key) = self.keys.iter_mut().find(|key| key.id == id) {
            change(key);
        }
    }

    fn put_delegate(&mut self, delegate: IssuerDelegate, at_ms: TimestampMs) {
        let same =
            |existing: &&mut IssuerDelegate| existing.account == delegate.account && existing.role == delegate.role;
        if let Some(existing) = self.delegates.iter_mut().find(same) {
            *existing = delegate;
            return;
        }
        if self.delegates.len() >= bounds::ISSUER_DELEGATES_MAX {
            if let Some(expired) = self.delegates.iter().position(|existing| existing.expires_ms <= at_ms) {
                self.delegates.remove(expired);
            }
        }
        self.delegates.push(delegate);
    }
}
