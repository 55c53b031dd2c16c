use marque_primitives::{AccountId, Controller, Key, LogEntry, PublicKey, Relationships};

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

fn life() -> Vec<RegistryEvent> {
    let key = Key {
        id: 0,
        public_key: PublicKey::Ed25519([1; 32]),
        relationships: Relationships::INITIAL,
        added_ms: 1000,
        revoked_ms: None,
    };
    let registered = Change::Registered {
        controller: Controller::Device,
        metadata: None,
        keys: vec![key],
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
