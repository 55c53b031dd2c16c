//! What holds of every record, whatever happened to it, and of every step from one record to the next.

use std::collections::BTreeSet;

use super::*;
use marque_primitives::{bounds, Key, KeyType, Status};

/// Checks a record by itself.
#[track_caller]
pub fn check_record(device: &Device, now_ms: TimestampMs) {
    check_keys(device);
    assert!(device.services.len() <= bounds::SERVICES_MAX);
    assert!(device.services.iter().all(|service| service.validate().is_ok()));
    assert_distinct(device.services.iter().map(|service| service.id.clone()));
    assert!(device.delegates.len() <= bounds::DELEGATES_MAX);
    assert_distinct(device.delegates.iter().map(|delegate| (delegate.account, delegate.role == Role::Operator)));
    let furthest = now_ms + bounds::DELEGATION_MAX_MS;
    assert!(device.delegates.iter().all(|delegate| delegate.expires_ms <= furthest));
    assert!(device.lanes.len() <= usize::from(bounds::LANES_MAX));
    assert!(device.created_ms <= device.updated_ms && device.updated_ms <= now_ms);
    assert!(device.offer.is_none_or(|offer| offer.to != device.controller), "it is on offer to another");
    if device.status == Status::Revoked {
        check_tombstone(device);
    } else if device.controller == Controller::Device {
        assert!(device.keys.iter().any(can_invoke), "it can still act for itself");
    }
}

#[track_caller]
fn check_keys(device: &Device) {
    assert!(device.keys.len() <= bounds::KEYS_MAX);
    assert_distinct(device.keys.iter().map(|key| key.id));
    assert!(device.keys.iter().all(|key| key.id < device.next_key_id));
    for (index, key) in device.keys.iter().enumerate() {
        let new_key = NewKey { public_key: key.public_key, relationships: key.relationships };
        assert_eq!(new_key.validate(), Ok(()), "{key:?}");
        assert!(device.keys[..index].iter().all(|earlier| earlier.public_key != key.public_key), "{key:?} twice");
        let agrees = key.relationships.contains(Relationships::KEY_AGREEMENT);
        assert_eq!(agrees, key.public_key.key_type() == KeyType::X25519, "{key:?}");
        assert!(key.revoked_ms.is_none_or(|revoked_ms| revoked_ms >= key.added_ms), "{key:?}");
    }
}

#[track_caller]
fn check_tombstone(device: &Device) {
    assert!(device.keys.is_empty() && device.services.is_empty() && device.delegates.is_empty());
    assert!(device.lanes.is_empty() && device.offer.is_none() && device.metadata.is_none());
}

/// Checks the step that `entry` made.
#[track_caller]
pub fn check_step(before: Option<&Device>, entry: &LogEntry, after: &Device) {
    let (version, epoch) = before.map_or((0, 0), |device| (device.version, device.epoch));
    assert_eq!(after.version, version + 1);
    assert_eq!(after.epoch, epoch + u32::from(entry.change.starts_epoch()));
    assert_eq!(entry.previous_block, before.map_or(0, |device| device.changed_block));
    let Some(before) = before else { return };
    assert_ne!(before.status, Status::Revoked, "nothing follows the end");
    assert_eq!(after.created_ms, before.created_ms);
    assert!(after.next_key_id >= before.next_key_id);
    check_rights(before, entry, after);
    check_revoked_keys(before, after);
}

/// Checks that the actor had a right to the step: said again, from the record alone.
#[track_caller]
fn check_rights(before: &Device, entry: &LogEntry, after: &Device) {
    let actor = &entry.actor;
    let own_key = |relationship| before.current_key_of(actor, relationship).is_some();
    let controls = match before.controller {
        Controller::Account(account) => account == *actor,
        Controller::Device => own_key(INVOKE) || own_key(DELEGATE),
    };
    let accepts = before.offer.is_some_and(|offer| {
        entry.at_ms < offer.expires_ms
            && match offer.to {
                Controller::Account(account) => account == *actor,
                Controller::Device => own_key(INVOKE) && before.status == Status::Active,
            }
    });
    if after.controller != before.controller {
        assert!(accepts, "control passes to nobody but who accepts an offer: {entry:?}");
        assert_eq!(Some(after.controller), before.offer.map(|offer| offer.to));
        assert!(after.offer.is_none() && after.delegates.is_empty());
        return;
    }
    if controls {
        return;
    }
    let delegated = before.delegates.iter().any(|d| d.account == *actor && entry.at_ms < d.expires_ms);
    assert!(delegated || (own_key(INVOKE) && before.status == Status::Active), "without a right: {entry:?}");
    assert_eq!(after.offer, before.offer, "only the controller offers and withdraws");
    assert_eq!(after.delegates, before.delegates, "only the controller names delegates");
    assert_ne!(after.status, Status::Revoked, "only the controller revokes");
    if delegated && !own_key(INVOKE) {
        assert_eq!((&after.services, after.metadata), (&before.services, before.metadata));
    }
}

/// A revoked key stays revoked for as long as it is listed, with its time.
#[track_caller]
fn check_revoked_keys(before: &Device, after: &Device) {
    for key in before.keys.iter().filter(|key| !key.is_current()) {
        let same = after.keys.iter().find(|later| later.id == key.id);
        assert!(same.is_none() || same == Some(key), "{key:?} became {same:?}");
    }
}

fn can_invoke(key: &Key) -> bool {
    key.is_current() && key.public_key.account().is_some() && key.relationships.contains(INVOKE)
}

#[track_caller]
fn assert_distinct<T: Ord>(items: impl Iterator<Item = T>) {
    let all: Vec<T> = items.collect();
    let count = all.len();
    assert_eq!(all.into_iter().collect::<BTreeSet<T>>().len(), count, "no two are equal");
}
