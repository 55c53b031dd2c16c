//! A device's history, from the chain of blocks that its record and its events name.

use std::collections::HashSet;

use futures::{Stream, stream};
use marque_primitives::{Change, Device, DeviceId};

use super::{HistoryError, Registry, RegistryEvent};
use crate::chain::{At, BlockRef};

/// A change, and the record after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// The change.
    pub event: RegistryEvent,
    /// The record after it.
    pub record: Device,
}

impl Registry {
    /// All changes of a device, oldest first, each with the record after it. It is checked: the versions are without a gap, and
    /// the changes lead to the record that the chain has.
    ///
    /// Reads one block for each block that the device was changed in. Of a long history, old blocks are with archive nodes alone.
    ///
    /// # Errors
    /// [`HistoryError::NotFound`], [`HistoryError::Pruned`]; [`HistoryError::Missing`] and [`HistoryError::Mismatch`] when the
    /// node contradicts itself; others when the chain can't be read.
    pub async fn history(&self, device: DeviceId) -> Result<Vec<HistoryEntry>, HistoryError> {
        let head = self.chain.finalized().await?;
        let record = self.device_at(device, At::Block(head.hash)).await?.ok_or(HistoryError::NotFound)?;
        let mut newest_first: Vec<RegistryEvent> = Vec::new();
        let (mut block, mut version) = (record.changed_block, record.version);
        while version > 0 {
            if newest_first.last().is_some_and(|last| block >= last.block.number) {
                return Err(HistoryError::Missing { block, version });
            }
            let events = self.events_in(self.block_at(block).await?).await?;
            for event in events.into_iter().rev().filter(|event| event.device == device) {
                if version == 0 || event.entry.version != version {
                    // Only the head's block can have later changes than the record: it is read as of its end, so none.
                    return Err(HistoryError::Missing { block, version });
                }
                version -= 1;
                newest_first.push(event);
            }
            let oldest = newest_first.last().ok_or(HistoryError::Missing { block, version })?;
            if oldest.block.number != block {
                return Err(HistoryError::Missing { block, version });
            }
            block = oldest.entry.previous_block;
        }
        newest_first.reverse();
        replay(newest_first, &record)
    }

    /// All devices that were ever registered, revoked ones included, last registered first.
    ///
    /// Reads one block for each block with a registration. It ends after an error.
    pub fn devices(&self) -> impl Stream<Item = Result<DeviceId, HistoryError>> + Send + use<> {
        let walk = Walk { registry: self.clone(), next: Next::Start, found: Vec::new() };
        stream::try_unfold(walk, |mut walk| async move {
            let device = walk.next().await?;
            Ok(device.map(|device| (device, walk)))
        })
    }

    async fn block_at(&self, number: u32) -> Result<BlockRef, HistoryError> {
        let hash = self.chain.block_hash(number).await.map_err(|error| HistoryError::at(number, error))?;
        Ok(BlockRef { number, hash })
    }
}

/// Rebuilds the records, and checks that the last is the chain's.
fn replay(events: Vec<RegistryEvent>, on_chain: &Device) -> Result<Vec<HistoryEntry>, HistoryError> {
    let mut record: Option<Device> = None;
    let mut entries = Vec::with_capacity(events.len());
    for event in events {
        let version = record.as_ref().map_or(0, |record| record.version).saturating_add(1);
        if event.entry.version != version {
            return Err(HistoryError::Missing { block: event.block.number, version });
        }
        if matches!(event.entry.change, Change::Registered { .. }) != record.is_none() {
            return Err(HistoryError::Mismatch);
        }
        let next = Device::evolve(record, &event.entry, event.block.number);
        entries.push(HistoryEntry { event, record: next.clone() });
        record = Some(next);
    }
    if record.as_ref() == Some(on_chain) { Ok(entries) } else { Err(HistoryError::Mismatch) }
}

enum Next {
    Start,
    Block(u32),
}

/// A walk through the blocks with registrations, from the last to the first.
struct Walk {
    registry: Registry,
    next: Next,
    /// Devices of the block that is being given out; the next one last.
    found: Vec<DeviceId>,
}

impl Walk {
    async fn next(&mut self) -> Result<Option<DeviceId>, HistoryError> {
        while self.found.is_empty() {
            let block = match self.next {
                Next::Start => {
                    let head = self.registry.chain.finalized().await?;
                    self.registry.info_at(At::Block(head.hash)).await?.last_registration_block
                }
                Next::Block(block) => block,
            };
            if block == 0 {
                return Ok(None);
            }
            self.enter(block).await?;
        }
        Ok(self.found.pop())
    }

    async fn enter(&mut self, block: u32) -> Result<(), HistoryError> {
        let events = self.registry.events_in(self.registry.block_at(block).await?).await?;
        let mut previous = None;
        let mut devices = HashSet::new();
        for event in events {
            let Change::Registered { previous_registration_block, .. } = event.entry.change else { continue };
            // The first registration of a block names the block before; the others name the block itself.
            previous.get_or_insert(previous_registration_block);
            if devices.insert(event.device) {
                self.found.push(event.device);
            }
        }
        let missing = HistoryError::Missing { block, version: 1 };
        let previous = previous.filter(|previous| *previous < block).ok_or(missing)?;
        self.next = Next::Block(previous);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
