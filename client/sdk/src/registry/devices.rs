//! All devices, from the chain of blocks that the registry and the registrations' events name.

use std::collections::HashSet;

use futures::{Stream, stream};
use marque_primitives::{Change, DeviceId, RegistryInfo};

use super::{HistoryError, Registry, RegistryEvent};
use crate::chain::At;

impl Registry {
    /// All devices that were ever registered, revoked ones included, last registered first, as of the last finalized block when it
    /// begins.
    ///
    /// Reads one block for each block with a registration. It ends after an error: [`HistoryError::WrongCount`] and
    /// [`HistoryError::Missing`] when the node shows other devices than the registry counts; others when the chain can't be read.
    pub fn devices(&self) -> impl Stream<Item = Result<DeviceId, HistoryError>> + Send + use<> {
        let begin = (self.clone(), None);
        stream::try_unfold(begin, |(registry, walk)| async move {
            let mut walk = match walk {
                Some(walk) => walk,
                None => {
                    let head = registry.chain.finalized().await?;
                    Walk::new(&registry.info_at(At::Block(head.hash)).await?, head.number)?
                }
            };
            while let Some(block) = walk.next_block() {
                walk.take(registry.events_in(registry.block_at(block).await?).await?)?;
            }
            let device = walk.next_device()?;
            Ok(device.map(|device| (device, (registry, Some(walk)))))
        })
    }
}

/// A walk through the blocks with registrations, from the last to the first. Whatever the node says, each block is before the one
/// before, and no more devices are given out than the registry counts, so that it ends.
struct Walk {
    /// The block that is to be read next; 0 when there is none.
    block: u32,
    /// The devices that the registry counts.
    registered: u64,
    /// How many were found.
    found: u64,
    /// Those of the block that is being given out; the next one last.
    devices: Vec<DeviceId>,
}

impl Walk {
    /// The walk through the registrations of a registry as of the block `head`.
    fn new(info: &RegistryInfo, head: u32) -> Result<Self, HistoryError> {
        let RegistryInfo { registered, last_registration_block: block, .. } = *info;
        if block > head {
            return Err(HistoryError::Missing { block, version: 1 });
        }
        Ok(Self { block, registered, found: 0, devices: Vec::new() })
    }

    /// The block to read before the next device can be given out.
    fn next_block(&self) -> Option<u32> {
        (self.devices.is_empty() && self.block > 0).then_some(self.block)
    }

    /// Takes the registrations from the events of the next block.
    fn take(&mut self, events: Vec<RegistryEvent>) -> Result<(), HistoryError> {
        let mut previous = None;
        let mut devices = HashSet::new();
        for event in events {
            let Change::Registered { previous_registration_block, .. } = event.entry.change else { continue };
            // The first registration of a block names the block before; the others name the block itself.
            previous.get_or_insert(previous_registration_block);
            if devices.insert(event.device) {
                self.devices.push(event.device);
            }
        }
        let missing = HistoryError::Missing { block: self.block, version: 1 };
        self.block = previous.filter(|previous| *previous < self.block).ok_or(missing)?;
        self.found = self.found.saturating_add(devices.len() as u64);
        if self.found > self.registered { Err(self.wrong_count()) } else { Ok(()) }
    }

    /// The next device; `None` when all that the registry counts were given out.
    fn next_device(&mut self) -> Result<Option<DeviceId>, HistoryError> {
        match self.devices.pop() {
            Some(device) => Ok(Some(device)),
            None if self.found == self.registered => Ok(None),
            None => Err(self.wrong_count()),
        }
    }

    const fn wrong_count(&self) -> HistoryError {
        HistoryError::WrongCount { registered: self.registered, found: self.found }
    }
}

#[cfg(test)]
mod tests {
    use marque_primitives::{AccountId, Controller, LogEntry};

    use super::*;
    use crate::chain::BlockRef;

    fn registration(block: u32, device: u8, previous: u32) -> RegistryEvent {
        let change = Change::Registered {
            controller: Controller::Device,
            metadata: None,
            keys: vec![],
            services: vec![],
            previous_registration_block: previous,
        };
        event(block, device, change)
    }

    fn event(block: u32, device: u8, change: Change) -> RegistryEvent {
        let actor = AccountId([1; 32]);
        let entry = LogEntry { version: 1, epoch: 0, at_ms: 1, actor, previous_block: 0, nonce: None, change };
        let block = BlockRef { number: block, hash: [0; 32] };
        RegistryEvent { block, extrinsic_index: Some(1), device: DeviceId([device; 32]), entry }
    }

    /// Three devices: one in block 4, and two in block 9.
    fn blocks(block: u32) -> Vec<RegistryEvent> {
        match block {
            4 => vec![event(4, 9, Change::Suspended), registration(4, 1, 0)],
            9 => vec![registration(9, 2, 4), registration(9, 3, 9)],
            _ => vec![],
        }
    }

    fn walk(
        registered: u64,
        last: u32,
        blocks: impl Fn(u32) -> Vec<RegistryEvent>,
    ) -> (Vec<u8>, Result<(), HistoryError>) {
        let info = RegistryInfo {
            genesis_hash: [0; 32],
            ed25519: AccountId([0; 32]),
            registered,
            last_registration_block: last,
        };
        let mut devices = Vec::new();
        let mut all = || {
            let mut walk = Walk::new(&info, 10)?;
            loop {
                while let Some(block) = walk.next_block() {
                    walk.take(blocks(block))?;
                }
                let Some(device) = walk.next_device()? else { return Ok(()) };
                devices.push(device.0[0]);
            }
        };
        let ended = all();
        (devices, ended)
    }

    #[test]
    fn all_devices_are_found_last_registered_first() {
        let (devices, ended) = walk(3, 9, blocks);
        assert!(ended.is_ok());
        assert_eq!(devices, [3, 2, 1]);
        assert!(matches!(walk(0, 0, blocks), (none, Ok(())) if none.is_empty()));
    }

    #[test]
    fn a_node_that_shows_fewer_or_more_than_are_counted_is_contradicted() {
        for registered in [0, 1, 2, 4, u64::MAX] {
            let (devices, ended) = walk(registered, 9, blocks);
            let error = ended.unwrap_err();
            assert!(error.is_contradiction(), "{error}");
            assert!(matches!(error, HistoryError::WrongCount { registered: counted, .. } if counted == registered));
            assert!(devices.len() as u64 <= registered, "no more are given out than are counted");
        }
        let none = walk(1, 0, blocks).1.unwrap_err();
        assert!(matches!(none, HistoryError::WrongCount { registered: 1, found: 0 }));
        // One that is shown twice is one.
        let twice = |block| blocks(block).into_iter().flat_map(|event| [event.clone(), event]).collect();
        assert!(matches!(walk(4, 9, twice).1, Err(HistoryError::WrongCount { registered: 4, found: 3 })));
    }

    #[test]
    fn a_node_that_leads_nowhere_or_in_circles_is_contradicted() {
        let circle = |block| vec![registration(block, 1, block)];
        let forward = |block| vec![registration(block, 1, u32::MAX)];
        let nothing = |_| vec![];
        for (what, ended) in [
            ("a circle", walk(u64::MAX, 9, circle).1),
            ("forward", walk(u64::MAX, 9, forward).1),
            ("no registration", walk(u64::MAX, 9, nothing).1),
            ("a block that is not there yet", walk(3, u32::MAX, blocks).1),
        ] {
            assert!(matches!(&ended, Err(error @ HistoryError::Missing { .. }) if error.is_contradiction()), "{what}");
        }
    }
}
