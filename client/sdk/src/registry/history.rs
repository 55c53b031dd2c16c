//! A device's history, from the chain of blocks that its record and its events name.

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
        let mut walk = Walk::new(device, &record, head.number)?;
        while let Some(block) = walk.next_block() {
            walk.take(self.events_in(self.block_at(block).await?).await?)?;
        }
        replay(walk.oldest_first(), &record)
    }

    pub(super) async fn block_at(&self, number: u32) -> Result<BlockRef, HistoryError> {
        let hash = self.chain.block_hash(number).await.map_err(|error| HistoryError::at(number, error))?;
        Ok(BlockRef { number, hash })
    }
}

/// A walk through the blocks that a device was changed in, from the last to the first. Whatever the node says, each block is
/// before the one before, and each version one less than the one before, so that it ends.
struct Walk {
    device: DeviceId,
    /// The block that is to be read next.
    block: u32,
    /// The version that its last change of the device made; at 0 all changes were found.
    version: u32,
    newest_first: Vec<RegistryEvent>,
}

impl Walk {
    /// The walk to this record as of the block `head`.
    fn new(device: DeviceId, record: &Device, head: u32) -> Result<Self, HistoryError> {
        let Device { changed_block: block, version, .. } = *record;
        if block > head {
            return Err(HistoryError::Missing { block, version });
        }
        Ok(Self { device, block, version, newest_first: Vec::new() })
    }

    fn next_block(&self) -> Option<u32> {
        (self.version > 0).then_some(self.block)
    }

    /// Takes the device's changes from the events of the next block.
    fn take(&mut self, events: Vec<RegistryEvent>) -> Result<(), HistoryError> {
        let block = self.block;
        let mut previous = None;
        for event in events.into_iter().rev().filter(|event| event.device == self.device) {
            let missing = HistoryError::Missing { block, version: self.version };
            // Later changes than the record's are not in its last block either, which is read as of its end.
            self.version = match self.version.checked_sub(1) {
                Some(left) if event.entry.version == self.version => left,
                _ => return Err(missing),
            };
            previous = Some(event.entry.previous_block);
            self.newest_first.push(event);
        }
        let version = self.version;
        self.block = previous.ok_or(HistoryError::Missing { block, version })?;
        if version > 0 && self.block >= block {
            return Err(HistoryError::Missing { block: self.block, version });
        }
        Ok(())
    }

    fn oldest_first(mut self) -> Vec<RegistryEvent> {
        self.newest_first.reverse();
        self.newest_first
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

#[cfg(test)]
mod tests;
