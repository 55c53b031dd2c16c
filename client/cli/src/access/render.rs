//! What the access contract keeps, as words and as JSON.

use marque_sdk::{
    account, did,
    primitives::{
        DeviceId,
        access::{
            AccessChange, AccessLogEntry, Grant, Grantee, IssuerId, IssuerKey, IssuerRole, IssuerStatus, Right, Scope,
            Sensitivity,
        },
    },
};
use serde_json::{Value, json};

use crate::{
    output,
    render::{counted, key_name, key_type},
    session::Session,
    spec::hex0x,
};

/// A status's name.
pub const fn status(status: IssuerStatus) -> &'static str {
    match status {
        IssuerStatus::Active => "active",
        IssuerStatus::Deactivated => "deactivated",
    }
}

/// A status's name, coloured.
pub fn styled_status(of: IssuerStatus) -> String {
    let style = match of {
        IssuerStatus::Active => output::GOOD,
        IssuerStatus::Deactivated => output::BAD,
    };
    output::styled(style, status(of))
}

/// A delegate's role's name.
pub const fn delegate_role(role: IssuerRole) -> &'static str {
    match role {
        IssuerRole::Operator => "operator",
        IssuerRole::KeyManager => "key-manager",
    }
}

/// A sensitivity's name.
pub const fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Low => "low",
        Sensitivity::Medium => "medium",
        Sensitivity::High => "high",
    }
}

/// A right: its kind and its name.
pub fn right(right: &Right) -> (&'static str, &str) {
    match right {
        Right::Scope(name) => ("scope", name),
        Right::Role(name) => ("role", name),
    }
}

/// Who is granted something.
pub const fn grantee(grantee: &Grantee) -> &DeviceId {
    match grantee {
        Grantee::Device(device) => device,
    }
}

/// A signing key for programs.
pub fn key_json(key: &IssuerKey) -> Value {
    json!({
        "id": key_name(key.id),
        "type": key_type(key.public_key.key_type()),
        "public_key_multibase": did::encode_multikey(&key.public_key),
        "not_before": did::format_time(key.not_before_ms),
        "not_after": did::format_time(key.not_after_ms),
        "revoked": key.revoked_ms.map(did::format_time),
    })
}

/// A scope for programs.
pub fn scope_json(name: &str, scope: &Scope) -> Value {
    json!({
        "scope": name,
        "sensitivity": sensitivity(scope.sensitivity),
        "description_hash": hex0x(&scope.description),
        "retired": scope.is_retired,
    })
}

/// A grant for programs.
pub fn grant_json(grant: &Grant) -> Value {
    let (kind, name) = right(&grant.right);
    json!({"kind": kind, "name": name, "until": did::format_time(grant.until_ms)})
}

/// A change in a few words.
pub fn change(change: &AccessChange, session: &Session) -> String {
    let time = |at_ms| did::format_time(at_ms);
    match change {
        AccessChange::Registered { owner, url, keys } => {
            format!("registered as {url}, owned by {}{}", session.label(owner), counted(keys.len(), "key"))
        }
        AccessChange::KeyAdded { key } => {
            let key_type = key_type(key.public_key.key_type());
            format!(
                "{} added ({key_type}), which signs from {} until {}",
                key_name(key.id),
                time(key.not_before_ms),
                time(key.not_after_ms)
            )
        }
        AccessChange::KeyRotated { ended, key } => {
            format!("{} followed by {} from {} on", key_name(*ended), key_name(key.id), time(key.not_before_ms))
        }
        AccessChange::KeyRevoked { id } => format!("{} revoked, and all its tokens with it", key_name(*id)),
        AccessChange::Deactivated => "deactivated: none of its tokens counts".into(),
        AccessChange::Reactivated => "active again".into(),
        AccessChange::TransferOffered { offer } => {
            format!("offered to {} until {}", session.label(&offer.to), time(offer.expires_ms))
        }
        AccessChange::TransferCancelled => "the offer was withdrawn".into(),
        AccessChange::Transferred { previous, owner } => {
            format!("passed from {} to {}", session.label(previous), session.label(owner))
        }
        AccessChange::DelegateSet { delegate } => {
            let (role, until) = (delegate_role(delegate.role), time(delegate.expires_ms));
            format!("{} made {role} until {until}", session.label(&delegate.account))
        }
        AccessChange::DelegateRemoved { account, role } => {
            format!("{} no longer {}", session.label(account), delegate_role(*role))
        }
        AccessChange::ScopeSet { name, scope } if scope.is_retired => format!("scope {name} retired, for ever"),
        AccessChange::ScopeSet { name, scope } => {
            format!("scope {name} defined, of {} sensitivity", sensitivity(scope.sensitivity))
        }
        AccessChange::RoleSet { name, scopes } => format!("role {name} is {}", scopes.join(", ")),
        AccessChange::RoleRemoved { name } => format!("role {name} removed"),
        AccessChange::Granted { grantee: to, grant } => {
            let ((kind, name), device) = (right(&grant.right), session.device_label(grantee(to)));
            format!("{device} granted the {kind} {name} until {}", time(grant.until_ms))
        }
        AccessChange::Withdrawn { grantee: from, right: of } => {
            let ((kind, name), device) = (right(of), session.device_label(grantee(from)));
            format!("the {kind} {name} withdrawn from {device}")
        }
        AccessChange::TokenRevoked { token, expires_ms } => {
            format!("token {} revoked, which expires {}", hex0x(token), time(*expires_ms))
        }
        AccessChange::TokenReclaimed { token, payer } => {
            format!("entry of token {} reclaimed, its deposit given back to {}", hex0x(token), session.label(payer))
        }
        AccessChange::TokensRevokedBefore { device, before_ms } => {
            format!("all tokens of {} from before {} revoked", session.device_label(device), time(*before_ms))
        }
        AccessChange::TrustSet { issuer, trust } => {
            let scopes = trust.scopes.join(", ");
            format!("authorization server {issuer} trusted for {scopes} until {}", time(trust.until_ms))
        }
        AccessChange::TrustRemoved { issuer } => format!("authorization server {issuer} trusted no more"),
    }
}

/// The device that a change is about, if it is about one.
pub const fn device_of(change: &AccessChange) -> Option<&DeviceId> {
    match change {
        AccessChange::Granted { grantee: of, .. } | AccessChange::Withdrawn { grantee: of, .. } => Some(grantee(of)),
        AccessChange::TokensRevokedBefore { device, .. } => Some(device),
        _ => None,
    }
}

/// A log entry for programs.
pub fn entry_json(issuer: IssuerId, block: u32, entry: &AccessLogEntry) -> Value {
    json!({
        "issuer": issuer,
        "block": block,
        "time": did::format_time(entry.at_ms),
        "at_ms": entry.at_ms,
        "actor": account::format(&entry.actor),
        "change": change_json(&entry.change),
    })
}

fn change_json(change: &AccessChange) -> Value {
    let time = |at_ms: &u64| did::format_time(*at_ms);
    let (address, device) = (account::format, did::format_device_id);
    match change {
        AccessChange::Registered { owner, url, keys } => json!({
            "type": "registered",
            "owner": address(owner),
            "url": url,
            "keys": keys.iter().map(key_json).collect::<Vec<_>>(),
        }),
        AccessChange::KeyAdded { key } => json!({"type": "key_added", "key": key_json(key)}),
        AccessChange::KeyRotated { ended, key } => {
            json!({"type": "key_rotated", "ended": key_name(*ended), "key": key_json(key)})
        }
        AccessChange::KeyRevoked { id } => json!({"type": "key_revoked", "key": key_name(*id)}),
        AccessChange::Deactivated => json!({"type": "deactivated"}),
        AccessChange::Reactivated => json!({"type": "reactivated"}),
        AccessChange::TransferOffered { offer } => {
            json!({"type": "transfer_offered", "to": address(&offer.to), "expires": time(&offer.expires_ms)})
        }
        AccessChange::TransferCancelled => json!({"type": "transfer_cancelled"}),
        AccessChange::Transferred { previous, owner } => {
            json!({"type": "transferred", "previous": address(previous), "owner": address(owner)})
        }
        AccessChange::DelegateSet { delegate } => json!({
            "type": "delegate_set",
            "account": address(&delegate.account),
            "role": delegate_role(delegate.role),
            "expires": time(&delegate.expires_ms),
        }),
        AccessChange::DelegateRemoved { account, role } => {
            json!({"type": "delegate_removed", "account": address(account), "role": delegate_role(*role)})
        }
        AccessChange::TrustSet { issuer, trust } => {
            json!({"type": "trust_set", "trusted": issuer, "scopes": trust.scopes, "until": time(&trust.until_ms)})
        }
        AccessChange::TrustRemoved { issuer } => json!({"type": "trust_removed", "trusted": issuer}),
        AccessChange::ScopeSet { name, scope } => {
            let mut json = scope_json(name, scope);
            json["type"] = json!("scope_set");
            json
        }
        AccessChange::RoleSet { name, scopes } => json!({"type": "role_set", "role": name, "scopes": scopes}),
        AccessChange::RoleRemoved { name } => json!({"type": "role_removed", "role": name}),
        AccessChange::Granted { grantee: to, grant } => {
            json!({"type": "granted", "device": device(grantee(to)), "grant": grant_json(grant)})
        }
        AccessChange::Withdrawn { grantee: from, right: of } => {
            let (kind, name) = right(of);
            json!({"type": "withdrawn", "device": device(grantee(from)), "right": {"kind": kind, "name": name}})
        }
        AccessChange::TokenRevoked { token, expires_ms } => {
            json!({"type": "token_revoked", "token_hash": hex0x(token), "expires": time(expires_ms)})
        }
        AccessChange::TokenReclaimed { token, payer } => {
            json!({"type": "token_reclaimed", "token_hash": hex0x(token), "payer": address(payer)})
        }
        AccessChange::TokensRevokedBefore { device: of, before_ms } => {
            json!({"type": "tokens_revoked_before", "device": device(of), "before": time(before_ms)})
        }
    }
}
