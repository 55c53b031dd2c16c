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

    pub(super) async fn block_at(&self, number: u32) -> Result<BlockRef, HistoryError> {
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

#[cfg(test)]
mod tests;
