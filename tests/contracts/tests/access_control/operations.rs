//! Operations in short.

use marque_contract_tests::{Actor, TokenKey};
use marque_primitives::{
    DeviceId, Hash, PublicKey, TimestampMs,
    access::{AccessOperation, Grantee, IssuerId, IssuerRole, NewIssuerKey, Right, Sensitivity},
};

use crate::scene::DAY_MS;

pub fn define(name: &str) -> AccessOperation {
    AccessOperation::DefineScope { name: name.into(), description: [1; 32], sensitivity: Sensitivity::Medium }
}

pub fn retire(name: &str) -> AccessOperation {
    AccessOperation::RetireScope { name: name.into() }
}

pub fn set_role(name: &str, scopes: &[&str]) -> AccessOperation {
    AccessOperation::SetRole { name: name.into(), scopes: texts(scopes) }
}

pub fn remove_role(name: &str) -> AccessOperation {
    AccessOperation::RemoveRole { name: name.into() }
}

pub fn scope(name: &str) -> Right {
    Right::Scope(name.into())
}

pub fn role(name: &str) -> Right {
    Right::Role(name.into())
}

pub fn grant(device: DeviceId, right: Right, until_ms: TimestampMs) -> AccessOperation {
    AccessOperation::Grant { grantee: Grantee::Device(device), right, until_ms }
}

pub fn withdraw(device: DeviceId, right: Right) -> AccessOperation {
    AccessOperation::Withdraw { grantee: Grantee::Device(device), right }
}

pub fn trust(issuer: IssuerId, scopes: &[&str], until_ms: TimestampMs) -> AccessOperation {
    AccessOperation::SetTrust { issuer, scopes: texts(scopes), until_ms }
}

pub fn remove_trust(issuer: IssuerId) -> AccessOperation {
    AccessOperation::RemoveTrust { issuer }
}

pub fn revoke_token(token: Hash, expires_ms: TimestampMs) -> AccessOperation {
    AccessOperation::RevokeToken { token, expires_ms }
}

pub fn revoke_before(device: DeviceId, before_ms: TimestampMs) -> AccessOperation {
    AccessOperation::RevokeTokensBefore { device, before_ms }
}

pub fn offer(to: &Actor, expires_ms: TimestampMs) -> AccessOperation {
    AccessOperation::OfferTransfer { to: to.account(), expires_ms }
}

pub fn set_delegate(actor: &Actor, role: IssuerRole, expires_ms: TimestampMs) -> AccessOperation {
    AccessOperation::SetDelegate { account: actor.account(), role, expires_ms }
}

pub fn remove_delegate(actor: &Actor, role: IssuerRole) -> AccessOperation {
    AccessOperation::RemoveDelegate { account: actor.account(), role }
}

/// The Ed25519 key of this name, with a window of 30 days.
pub fn new_key(name: &str, not_before_ms: TimestampMs) -> NewIssuerKey {
    window(TokenKey::ed25519(name).public_key(), not_before_ms, not_before_ms + 30 * DAY_MS)
}

pub fn window(public_key: PublicKey, not_before_ms: TimestampMs, not_after_ms: TimestampMs) -> NewIssuerKey {
    NewIssuerKey { public_key, not_before_ms, not_after_ms }
}

pub fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
