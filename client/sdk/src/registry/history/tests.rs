use marque_primitives::{AccountId, Controller, Key, KeyId, LogEntry, NonceUse, PublicKey, Relationships};

use super::*;

fn event(block: u32, version: u32, change: Change) -> RegistryEvent {
    let entry = LogEntry {
        version,
        epoch: 0,
        at_ms: 1000 * u64::from(version),
        actor: AccountId([1; 32]),
        previous_block: block.saturating_sub(1),
        nonce: None,
        change,
    };
    let block = BlockRef { number: block, hash: [0; 32] };
    RegistryEvent { block, extrinsic_index: Some(1), device: DeviceId([1; 32]), entry }
}

fn key(id: KeyId) -> Key {
    let (public_key, relationships) = (PublicKey::Ed25519([1; 32]), Relationships::INITIAL);
    Key { id, public_key, relationships, added_ms: 1000, revoked_ms: None }
}

fn life() -> Vec<RegistryEvent> {
    let registered = Change::Registered {
        controller: Controller::Device,
        metadata: None,
        keys: vec![key(0)],
        services: vec![],
        previous_registration_block: 0,
    };
    vec![event(1, 1, registered), event(2, 2, Change::Suspended), event(3, 3, Change::Resumed)]
}

fn on_chain() -> Device {
    let record =
        life().iter().fold(None, |record, event| Some(Device::evolve(record, &event.entry, event.block.number)));
    record.unwrap()
}

#[test]
fn a_true_history_is_replayed() {
    let entries = replay(life(), &on_chain()).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.record.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(entries[2].record, on_chain());
}

#[test]
fn a_history_with_a_gap_is_a_contradiction() {
    for gap in 0..life().len() - 1 {
        let mut events = life();
        events.remove(gap);
        assert!(matches!(replay(events, &on_chain()), Err(HistoryError::Missing { .. })), "without {gap}");
    }
    let mut twice = life();
    twice.insert(1, life().remove(0));
    assert!(matches!(replay(twice, &on_chain()), Err(HistoryError::Missing { .. })));
}

/// What a client makes of a node that says that this is the record, and that these are the events.
fn walk(record: &Device, head: u32, events: &[RegistryEvent]) -> Result<Vec<HistoryEntry>, HistoryError> {
    let mut walk = Walk::new(DeviceId([1; 32]), record, head)?;
    while let Some(block) = walk.next_block() {
        walk.take(events.iter().filter(|event| event.block.number == block).cloned().collect())?;
    }
    replay(walk.oldest_first(), record)
}

#[test]
fn a_true_history_is_found() {
    let entries = walk(&on_chain(), 3, &life()).unwrap();
    assert_eq!(entries.into_iter().map(|entry| entry.event).collect::<Vec<_>>(), life());
    // Several changes in one block, among those of others.
    let mut events = life();
    for event in &mut events {
        event.block.number = 7;
    }
    events.insert(1, RegistryEvent { device: DeviceId([2; 32]), ..event(7, 9, Change::Suspended) });
    let record = Device { changed_block: 7, ..on_chain() };
    assert_eq!(walk(&record, 7, &events).unwrap().len(), 3);
}

#[test]
fn a_record_that_no_chain_has_is_a_contradiction() {
    let crafted = |version, changed_block| Device { version, changed_block, ..on_chain() };
    let records = [
        crafted(0, 3),
        crafted(0, 0),
        crafted(1, 3),
        crafted(2, 3),
        crafted(4, 3),
        crafted(u32::MAX, 3),
        crafted(3, 0),
        crafted(3, 2),
        crafted(3, 4),
        crafted(3, u32::MAX),
    ];
    for record in records {
        let error = walk(&record, 3, &life()).unwrap_err();
        assert!(error.is_contradiction(), "{} in {}: {error}", record.version, record.changed_block);
    }
}

#[test]
fn more_changes_than_versions_are_a_contradiction() {
    for version in [0, 1, 2, 3, 4, u32::MAX] {
        let more = [vec![event(1, version, Change::Suspended)], life()].concat();
        assert!(walk(&on_chain(), 3, &more).unwrap_err().is_contradiction(), "version {version} before the first");
        let more = [life(), vec![event(3, version, Change::Suspended)]].concat();
        assert!(walk(&on_chain(), 3, &more).unwrap_err().is_contradiction(), "version {version} after the last");
    }
}

#[test]
fn a_history_that_goes_in_circles_ends() {
    for previous_block in [2, 3, 4, u32::MAX] {
        let mut events = life();
        events[1].entry.previous_block = previous_block;
        let error = walk(&on_chain(), 3, &events).unwrap_err();
        assert!(matches!(error, HistoryError::Missing { version: 1, .. }), "from 2 to {previous_block}: {error}");
    }
}

#[test]
fn extreme_values_are_replayed() {
    let mut last = event(u32::MAX, 3, Change::KeyRotated { revoked: KeyId::MAX, key: key(KeyId::MAX) });
    last.entry.epoch = u32::MAX;
    last.entry.at_ms = u64::MAX;
    last.entry.nonce = Some(NonceUse { lane: u8::MAX, nonce: u64::MAX });
    last.entry.previous_block = 2;
    let mut events = [life()[..2].to_vec(), vec![last]].concat();
    events[1].entry.nonce = Some(NonceUse { lane: 7, nonce: u64::MAX });
    let record =
        events.iter().fold(None, |record, event| Some(Device::evolve(record, &event.entry, event.block.number)));
    assert_eq!(walk(&record.unwrap(), u32::MAX, &events).unwrap().len(), 3);
}

#[test]
fn a_history_that_leads_elsewhere_is_a_contradiction() {
    let registered_again = [life(), vec![event(4, 4, life().remove(0).entry.change)]].concat();
    let other_end = [life(), vec![event(4, 4, Change::Suspended)]].concat();
    let cut = life()[..2].to_vec();
    let record = Device { epoch: 9, ..on_chain() };
    let at_once = [registered_again, other_end, cut, vec![]].map(|events| (events, on_chain()));
    for (events, record) in at_once.into_iter().chain([(life(), record)]) {
        assert!(matches!(replay(events, &record), Err(HistoryError::Mismatch)));
    }
}
