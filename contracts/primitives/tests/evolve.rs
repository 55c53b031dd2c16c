//! `Device::evolve` is total: it takes any entry on any record, as a client may be given by a dishonest node.

mod strategies;

use marque_primitives::{Change, Device, LogEntry, bounds};
use proptest::{collection::vec, option, prelude::*};

/// How many more keys, services and delegates an entry may leave.
fn added(change: &Change) -> (usize, usize, usize) {
    match change {
        Change::Registered { keys, .. } => (keys.len(), 0, 0),
        Change::KeyAdded { .. } | Change::KeyRotated { .. } => (1, 0, 0),
        Change::ServiceSet { .. } => (0, 1, 0),
        Change::DelegateSet { .. } => (0, 0, 1),
        _ => (0, 0, 0),
    }
}

fn check(record: Option<Device>, entry: &LogEntry, block: u32) -> Device {
    let (keys, services, delegates, lanes) =
        record.as_ref().map_or((0, 0, 0, 0), |r| (r.keys.len(), r.services.len(), r.delegates.len(), r.lanes.len()));
    let after = Device::evolve(record, entry, block);
    assert_eq!((after.version, after.epoch), (entry.version, entry.epoch));
    assert_eq!((after.updated_ms, after.changed_block), (entry.at_ms, block));
    let (more_keys, more_services, more_delegates) = added(&entry.change);
    assert!(after.keys.len() <= keys + more_keys);
    match &entry.change {
        Change::Registered { services, .. } => assert_eq!(&after.services, services),
        _ => assert!(after.services.len() <= services + more_services),
    }
    assert!(after.delegates.len() <= delegates + more_delegates);
    assert!(after.lanes.len() <= lanes.max(usize::from(bounds::LANES_MAX)));
    after
}

proptest! {
    #[test]
    fn any_entry_on_any_record(
        record in option::of(strategies::device()),
        entry in strategies::log_entry(),
        block in any::<u32>(),
    ) {
        check(record, &entry, block);
    }

    #[test]
    fn any_history(entries in vec((strategies::log_entry(), any::<u32>()), 1..40)) {
        let mut record = None;
        for (entry, block) in &entries {
            record = Some(check(record, entry, *block));
        }
    }
}
