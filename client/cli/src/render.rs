//! What the registry keeps, as words and as JSON.

use marque_sdk::{
    account, did,
    primitives::{
        AccountId, Change, Controller, KeyId, KeyType, LogEntry, NewKey, PublicKey, Relationships, Role, Status,
    },
};
use serde_json::{Value, json};

use crate::{output, spec::hex0x};

/// The relationships by their names in DID documents.
const RELATIONSHIPS: [(Relationships, &str); 5] = [
    (Relationships::AUTHENTICATION, "authentication"),
    (Relationships::ASSERTION_METHOD, "assertionMethod"),
    (Relationships::KEY_AGREEMENT, "keyAgreement"),
    (Relationships::CAPABILITY_INVOCATION, "capabilityInvocation"),
    (Relationships::CAPABILITY_DELEGATION, "capabilityDelegation"),
];

/// The names of the relationships.
pub fn relationships(flags: Relationships) -> Vec<&'static str> {
    RELATIONSHIPS.into_iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, name)| name).collect()
}

/// Parses one relationship's name.
///
/// # Errors
/// A message for the user.
pub fn parse_relationship(text: &str) -> Result<Relationships, String> {
    let known = RELATIONSHIPS.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
    known
        .map(|(flag, _)| flag)
        .ok_or_else(|| format!("the relationships are {}", RELATIONSHIPS.map(|(_, name)| name).join(", ")))
}

/// A key's name: the fragment of its DID URL.
pub fn key_name(id: KeyId) -> String {
    format!("key-{id}")
}

/// Parses a key's name: `key-1`, `#key-1` or `1`.
///
/// # Errors
/// A message for the user.
pub fn parse_key_id(text: &str) -> Result<KeyId, String> {
    let text = text.strip_prefix('#').unwrap_or(text);
    let digits = text.strip_prefix("key-").unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).ok_or_else(|| "expected a key such as key-1, as `show` lists it".into())
}

/// A key type's name.
pub const fn key_type(key_type: KeyType) -> &'static str {
    match key_type {
        KeyType::Ed25519 => "Ed25519",
        KeyType::Sr25519 => "Sr25519",
        KeyType::X25519 => "X25519",
        KeyType::P256 => "P-256",
    }
}

/// A status's name.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Suspended => "suspended",
        Status::Revoked => "revoked",
    }
}

/// A status's name, coloured.
pub fn styled_status(of: Status) -> String {
    let style = match of {
        Status::Active => output::GOOD,
        Status::Suspended => output::CAREFUL,
        Status::Revoked => output::BAD,
    };
    output::styled(style, status(of))
}

/// A role's name.
pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Operator => "operator",
        Role::Rotator => "rotator",
    }
}

/// An amount of the chain's money, which has 12 decimals on substrate-contracts-node.
pub fn amount(plancks: u128) -> String {
    const UNIT: u128 = 1_000_000_000_000;
    let fraction = format!("{:012}", plancks % UNIT);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction} UNIT", plancks / UNIT)
}

/// Execution time on the chain, given in picoseconds.
pub fn gas(ref_time_ps: u64) -> String {
    format!("{:.2} ms", ref_time_ps as f64 / 1e9)
}

/// A controller for people, its account named by `label`.
pub fn controller(controller: &Controller, label: &dyn Fn(&AccountId) -> String) -> String {
    match controller {
        Controller::Device => "the device itself".into(),
        Controller::Account(account) => label(account),
    }
}

/// A controller for programs: an address, or `self`.
pub fn controller_json(controller: &Controller) -> String {
    match controller {
        Controller::Device => "self".into(),
        Controller::Account(account) => account::format(account),
    }
}

/// A change in a few words.
pub fn change(change: &Change, label: &dyn Fn(&AccountId) -> String) -> String {
    match change {
        Change::Registered { controller: by, keys, services, .. } => {
            let controller = controller(by, label);
            let keys = counted(keys.len().saturating_sub(1), "more key");
            format!("registered, controlled by {controller}{keys}{}", counted(services.len(), "service"))
        }
        Change::KeyAdded { key } => {
            let purposes = relationships(key.relationships).join(", ");
            format!("{} added ({}: {purposes})", key_name(key.id), key_type(key.public_key.key_type()))
        }
        Change::KeyRotated { revoked, key } => format!("{} replaced by {}", key_name(*revoked), key_name(key.id)),
        Change::KeyRevoked { id } => format!("{} revoked", key_name(*id)),
        Change::ServiceSet { service } => {
            format!("service {} set to {} ({})", service.id, service.endpoint, service.service_type)
        }
        Change::ServiceRemoved { id } => format!("service {id} removed"),
        Change::MetadataSet { hash: Some(hash), .. } => format!("metadata hash set to {}", hex0x(hash)),
        Change::MetadataSet { hash: None, .. } => "metadata hash cleared".into(),
        Change::DelegateSet { delegate } => {
            let until = did::format_time(delegate.expires_ms);
            format!("{} made {} until {until}", label(&delegate.account), role(delegate.role))
        }
        Change::DelegateRemoved { account, role: from } => format!("{} no longer {}", label(account), role(*from)),
        Change::Suspended => "suspended".into(),
        Change::Resumed => "resumed".into(),
        Change::EpochBumped => "a new epoch was started".into(),
        Change::TransferOffered { offer } => {
            format!("offered to {} until {}", controller(&offer.to, label), did::format_time(offer.expires_ms))
        }
        Change::TransferCancelled => "the offer was withdrawn".into(),
        Change::Transferred { previous, controller: now } => {
            format!("control passed from {} to {}", controller(previous, label), controller(now, label))
        }
        Change::Revoked => "revoked, for ever".into(),
    }
}

/// `, 1 service`, `, 2 services`, or nothing for none.
pub fn counted(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!(", 1 {what}"),
        _ => format!(", {count} {what}s"),
    }
}

/// A log entry for programs.
pub fn entry_json(device: &str, block: u32, entry: &LogEntry) -> Value {
    json!({
        "device": device,
        "block": block,
        "version": entry.version,
        "epoch": entry.epoch,
        "time": did::format_time(entry.at_ms),
        "at_ms": entry.at_ms,
        "actor": account::format(&entry.actor),
        "signed": entry.nonce.is_some(),
        "change": change_json(&entry.change),
    })
}

fn change_json(change: &Change) -> Value {
    match change {
        Change::Registered { controller, metadata, keys, services, .. } => json!({
            "type": "registered",
            "controller": controller_json(controller),
            "metadata": metadata.as_ref().map(|hash| hex0x(hash)),
            "keys": keys.iter().map(key_json).collect::<Vec<_>>(),
            "services": services.iter().map(service_json).collect::<Vec<_>>(),
        }),
        Change::KeyAdded { key } => json!({"type": "key_added", "key": key_json(key)}),
        Change::KeyRotated { revoked, key } => {
            json!({"type": "key_rotated", "revoked": key_name(*revoked), "key": key_json(key)})
        }
        Change::KeyRevoked { id } => json!({"type": "key_revoked", "key": key_name(*id)}),
        Change::ServiceSet { service } => json!({"type": "service_set", "service": service_json(service)}),
        Change::ServiceRemoved { id } => json!({"type": "service_removed", "service": id}),
        Change::MetadataSet { hash, .. } => {
            json!({"type": "metadata_set", "metadata": hash.as_ref().map(|hash| hex0x(hash))})
        }
        Change::DelegateSet { delegate } => json!({
            "type": "delegate_set",
            "account": account::format(&delegate.account),
            "role": role(delegate.role),
            "expires": did::format_time(delegate.expires_ms),
        }),
        Change::DelegateRemoved { account, role: from } => {
            json!({"type": "delegate_removed", "account": account::format(account), "role": role(*from)})
        }
        Change::Suspended => json!({"type": "suspended"}),
        Change::Resumed => json!({"type": "resumed"}),
        Change::EpochBumped => json!({"type": "epoch_bumped"}),
        Change::TransferOffered { offer } => json!({
            "type": "transfer_offered",
            "to": controller_json(&offer.to),
            "expires": did::format_time(offer.expires_ms),
        }),
        Change::TransferCancelled => json!({"type": "transfer_cancelled"}),
        Change::Transferred { previous, controller } => json!({
            "type": "transferred",
            "previous": controller_json(previous),
            "controller": controller_json(controller),
        }),
        Change::Revoked => json!({"type": "revoked"}),
    }
}

/// A key for programs.
pub fn key_json(key: &marque_sdk::primitives::Key) -> Value {
    json!({
        "id": key_name(key.id),
        "type": key_type(key.public_key.key_type()),
        "public_key_multibase": did::encode_multikey(&key.public_key),
        "relationships": relationships(key.relationships),
        "added": did::format_time(key.added_ms),
        "revoked": key.revoked_ms.map(did::format_time),
    })
}

/// A service for programs.
pub fn service_json(service: &marque_sdk::primitives::Service) -> Value {
    json!({"id": service.id, "type": service.service_type, "endpoint": service.endpoint})
}

/// Parses a public key: multibase (`z…`), which says its type itself.
///
/// # Errors
/// A message for the user.
pub fn parse_public_key(text: &str) -> Result<PublicKey, String> {
    did::decode_multikey(text).ok_or_else(|| {
        "expected a public key in multibase form: z6Mk… (Ed25519), z6QN… (Sr25519), z6LS… (X25519) or zDn… (P-256)"
            .into()
    })
}

/// The relationships that a new key gets if none are named: what a key of its type is mostly for.
pub fn new_key(public_key: PublicKey, named: &[Relationships]) -> NewKey {
    let default = match public_key.key_type() {
        KeyType::X25519 => Relationships::KEY_AGREEMENT,
        _ => Relationships::AUTHENTICATION.union(Relationships::ASSERTION_METHOD),
    };
    let relationships = named.iter().copied().reduce(Relationships::union).unwrap_or(default);
    NewKey { public_key, relationships }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_in_did_urls() {
        assert_eq!(parse_key_id("key-7"), Ok(7));
        assert_eq!(parse_key_id("#key-7"), Ok(7));
        assert_eq!(parse_key_id("7"), Ok(7));
        for text in ["", "key-", "key--1", "+1", "4294967296", "key-1 ", "keys"] {
            assert!(parse_key_id(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(amount(0), "0 UNIT");
        assert_eq!(amount(1), "0.000000000001 UNIT");
        assert_eq!(amount(1_500_000_000_000), "1.5 UNIT");
        assert_eq!(amount(u128::MAX), "340282366920938463463374607.431768211455 UNIT");
    }

    #[test]
    fn relationships_have_the_names_of_the_standard() {
        for (flag, name) in RELATIONSHIPS {
            assert_eq!(parse_relationship(name), Ok(flag));
            assert_eq!(relationships(flag), [name]);
        }
        assert_eq!(relationships(Relationships::INITIAL).len(), 4);
        assert!(parse_relationship("admin").is_err());
    }

    #[test]
    fn a_new_key_gets_what_its_type_is_for() {
        let named = [Relationships::CAPABILITY_INVOCATION, Relationships::AUTHENTICATION];
        let cases = [
            (PublicKey::X25519([1; 32]), &[][..], Relationships::KEY_AGREEMENT),
            (PublicKey::Ed25519([1; 32]), &[], Relationships(3)),
            (PublicKey::P256([2; 33]), &named, Relationships(9)),
        ];
        for (key, named, expected) in cases {
            assert_eq!(new_key(key, named).relationships, expected);
        }
    }
}
