//! What the contract keeps of an authorization server beside its record: the policy reads it and changes it by this trait, so that it
//! runs over the chain's storage and over a test's maps alike.

use ink::prelude::{string::String, vec::Vec};
use marque_primitives::{
    access::{Grant, Grantee, IssuerId, Scope, Trust},
    AccountId, DeviceId, Hash, TimestampMs,
};

/// The entry of a revoked token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Revocation {
    /// When the token expires: from then on the entry may go.
    pub expires_ms: TimestampMs,
    /// Who revoked it, and gets the deposit back.
    pub payer: AccountId,
}

/// Entries of authorization servers.
pub trait State {
    /// A scope, retired or not.
    fn scope(&self, issuer: IssuerId, name: &str) -> Option<Scope>;
    /// A role's scopes.
    fn role(&self, issuer: IssuerId, name: &str) -> Option<Vec<String>>;
    /// A grantee's grants, those that are over included.
    fn grants(&self, issuer: IssuerId, grantee: &Grantee) -> Vec<Grant>;
    /// What one authorization server trusts another for.
    fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust>;
    /// The entry of a revoked token.
    fn revocation(&self, issuer: IssuerId, token: &Hash) -> Option<Revocation>;
    /// Tokens of the device that were issued before this time are revoked.
    fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs;
    /// Whether an authorization server of this number was ever registered.
    fn is_issuer(&self, issuer: IssuerId) -> bool;
}

/// Entries that can be changed. `None` and an empty list remove an entry, and its deposit returns.
pub trait StateMut: State {
    /// Sets a scope.
    fn set_scope(&mut self, issuer: IssuerId, name: &str, scope: &Scope);
    /// Sets or removes a role.
    fn set_role(&mut self, issuer: IssuerId, name: &str, scopes: Option<Vec<String>>);
    /// Sets a grantee's grants.
    fn set_grants(&mut self, issuer: IssuerId, grantee: &Grantee, grants: Vec<Grant>);
    /// Sets or removes what one authorization server trusts another for.
    fn set_trust(&mut self, by: IssuerId, of: IssuerId, trust: Option<&Trust>);
    /// Sets or removes the entry of a revoked token.
    fn set_revocation(&mut self, issuer: IssuerId, token: &Hash, revocation: Option<&Revocation>);
    /// Revokes the tokens of the device that were issued before this time.
    fn set_tokens_before_ms(&mut self, issuer: IssuerId, device: &DeviceId, before_ms: TimestampMs);
}
