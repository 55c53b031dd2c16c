//! What the events of `access_control` say that its state is: written from their description alone, to compare the contract with.

use std::collections::BTreeMap;

use marque_primitives::{
    AccountId, DeviceId, Hash, TimestampMs,
    access::{AccessChange, AccessLogEntry, Grant, Grantee, Issuer, IssuerId, Right, Scope, Trust},
};
use parity_scale_codec::Decode;

/// The event of the contract.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct IssuerChanged {
    /// The authorization server.
    pub issuer: IssuerId,
    /// What was changed.
    pub entry: AccessLogEntry,
}

/// The state. What was there and went is `None`, or an empty list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Followed {
    /// Authorization servers by number.
    pub issuers: Vec<Issuer>,
    /// Scopes.
    pub scopes: BTreeMap<(IssuerId, String), Scope>,
    /// Scopes of roles.
    pub roles: BTreeMap<(IssuerId, String), Option<Vec<String>>>,
    /// Grants.
    pub grants: BTreeMap<(IssuerId, Grantee), Vec<Grant>>,
    /// What one trusts another for.
    pub trusts: BTreeMap<(IssuerId, IssuerId), Option<Trust>>,
    /// Who revoked which token.
    pub revoked: BTreeMap<(IssuerId, Hash), Option<AccountId>>,
    /// Before which time a device's tokens are revoked.
    pub tokens_before: BTreeMap<(IssuerId, DeviceId), TimestampMs>,
}

impl Followed {
    /// Takes an event.
    ///
    /// # Panics
    /// When it can't have happened in this state.
    pub fn follow(&mut self, changed: &IssuerChanged) {
        let IssuerChanged { issuer, entry: AccessLogEntry { at_ms, actor, change } } = changed.clone();
        match change {
            AccessChange::ScopeSet { name, scope } => {
                let before = self.scopes.insert((issuer, name), scope);
                assert!(before.is_none_or(|before| !before.is_retired), "a retired scope stays as it is");
            }
            AccessChange::RoleSet { name, scopes } => drop(self.roles.insert((issuer, name), Some(scopes))),
            AccessChange::RoleRemoved { name } => {
                assert!(matches!(self.roles.insert((issuer, name), None), Some(Some(_))));
            }
            AccessChange::Granted { grantee, grant } => {
                let grants = self.grants.entry((issuer, grantee)).or_default();
                grants.retain(|old| old.right != grant.right && at_ms < old.until_ms);
                grants.push(grant);
            }
            AccessChange::Withdrawn { grantee, right } => self.withdraw(issuer, grantee, &right),
            AccessChange::TokenRevoked { token, .. } => {
                assert!(!matches!(self.revoked.insert((issuer, token), Some(actor)), Some(Some(_))));
            }
            AccessChange::TokenReclaimed { token, payer } => {
                assert_eq!(self.revoked.insert((issuer, token), None), Some(Some(payer)));
            }
            AccessChange::TokensRevokedBefore { device, before_ms } => {
                let earlier = self.tokens_before.insert((issuer, device), before_ms);
                assert!(earlier.is_none_or(|earlier| earlier < before_ms), "the time never falls");
            }
            AccessChange::TrustSet { issuer: other, trust } => {
                self.trusts.insert((issuer, other), Some(trust));
            }
            AccessChange::TrustRemoved { issuer: other } => {
                assert!(matches!(self.trusts.insert((issuer, other), None), Some(Some(_))));
            }
            of_record => self.evolve(issuer, &of_record, at_ms),
        }
    }

    fn withdraw(&mut self, issuer: IssuerId, grantee: Grantee, right: &Right) {
        let grants = self.grants.get_mut(&(issuer, grantee)).expect("something is granted");
        let before = grants.len();
        grants.retain(|grant| grant.right != *right);
        assert_eq!(grants.len() + 1, before, "a right is granted once");
    }

    fn evolve(&mut self, id: IssuerId, change: &AccessChange, at_ms: TimestampMs) {
        let index = usize::try_from(id).expect("numbers are small");
        if matches!(change, AccessChange::Registered { .. }) {
            assert_eq!(index, self.issuers.len(), "numbers are given in order");
            self.issuers.extend(Issuer::evolve(None, change, at_ms));
            return;
        }
        let record = self.issuers.get_mut(index).expect("it is registered");
        *record = Issuer::evolve(Some(record.clone()), change, at_ms).expect("a record stays");
    }
}
