//! What a change does to the entries. What it does to the record is `Issuer::evolve`.

use marque_primitives::access::{AccessChange, Trust};

use super::{grants, Context};
use crate::state::{Revocation, StateMut};

/// Makes the change in the entries.
pub fn apply(state: &mut impl StateMut, change: &AccessChange, context: &Context) {
    let issuer = context.issuer;
    match change {
        AccessChange::ScopeSet { name, scope } => state.set_scope(issuer, name, scope),
        AccessChange::RoleSet { name, scopes } => state.set_role(issuer, name, Some(scopes.clone())),
        AccessChange::RoleRemoved { name } => state.set_role(issuer, name, None),
        AccessChange::Granted { grantee, grant } => {
            let kept = grants::with(state.grants(issuer, grantee), grant, context.now_ms);
            state.set_grants(issuer, grantee, kept);
        }
        AccessChange::Withdrawn { grantee, right } => {
            let kept = grants::without(state.grants(issuer, grantee), right);
            state.set_grants(issuer, grantee, kept);
        }
        AccessChange::TokenRevoked { token, expires_ms } => {
            let revocation = Revocation { expires_ms: *expires_ms, payer: context.actor };
            state.set_revocation(issuer, token, Some(&revocation));
        }
        AccessChange::TokenReclaimed { token, .. } => state.set_revocation(issuer, token, None),
        AccessChange::TokensRevokedBefore { device, before_ms } => {
            state.set_tokens_before_ms(issuer, device, *before_ms);
        }
        AccessChange::TrustSet { issuer: other, trust } => state.set_trust(issuer, *other, Some(trust)),
        AccessChange::TrustRemoved { issuer: other } => state.set_trust(issuer, *other, None::<&Trust>),
        // The others are changes of the record.
        _ => {}
    }
}

/// Whether a change is one of the record: an authorization server's own, and not of what it defines and grants.
pub const fn is_of_record(change: &AccessChange) -> bool {
    matches!(
        change,
        AccessChange::Registered { .. }
            | AccessChange::KeyAdded { .. }
            | AccessChange::KeyRotated { .. }
            | AccessChange::KeyRevoked { .. }
            | AccessChange::Deactivated
            | AccessChange::Reactivated
            | AccessChange::TransferOffered { .. }
            | AccessChange::TransferCancelled
            | AccessChange::Transferred { .. }
            | AccessChange::DelegateSet { .. }
            | AccessChange::DelegateRemoved { .. }
    )
}
