//! The registry's events.

use futures::Stream;
use marque_primitives::{AccountId, DeviceId, LogEntry};
use parity_scale_codec::DecodeAll;

use super::{HistoryError, Registry, messages};
use crate::{
    chain::{BlockRef, ContractEvent},
    follow,
};

/// A change of a device, and where it happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistryEvent {
    /// The finalized block.
    pub block: BlockRef,
    /// The extrinsic, as its place in the block.
    pub extrinsic_index: Option<u32>,
    /// The device.
    pub device: DeviceId,
    /// What was changed, by whom and when.
    pub entry: LogEntry,
}

impl Registry {
    /// Every change in finalized blocks from number `from` on, each once and in order, and then each new one. It goes on when the
    /// connection is lost and comes back, and fetches what was missed.
    ///
    /// It ends after an error: [`HistoryError::Pruned`] when the node no longer has a block, [`HistoryError::Undecodable`],
    /// [`HistoryError::Chain`], with [`ChainError::Replaced`](crate::ChainError::Replaced) in it when the chain is not the one from
    /// before.
    pub fn events(&self, from: u32) -> impl Stream<Item = Result<RegistryEvent, HistoryError>> + Send + use<> {
        let registry = self.clone();
        follow::events(&self.chain, from, move |block| {
            let registry = registry.clone();
            async move { registry.events_in(block).await }
        })
    }

    /// The changes in one block, in order.
    ///
    /// # Errors
    /// [`HistoryError::Pruned`], [`HistoryError::Undecodable`], [`HistoryError::Chain`].
    pub async fn events_in(&self, block: BlockRef) -> Result<Vec<RegistryEvent>, HistoryError> {
        let emitted = self.chain.contract_events(&block.hash).await;
        let emitted = emitted.map_err(|error| HistoryError::at(block.number, error))?;
        let mut events = Vec::new();
        for event in &emitted {
            let changed = device_changed(&self.contract, event).transpose();
            let undecodable = |reason| HistoryError::Undecodable { block: block.number, reason };
            let extrinsic_index = event.extrinsic_index;
            let changed = changed.map_err(undecodable)?;
            events.extend(changed.map(|(device, entry)| RegistryEvent { block, extrinsic_index, device, entry }));
        }
        Ok(events)
    }
}

/// The change that an event of this contract tells of; `None` for other events.
pub(crate) fn device_changed(
    contract: &AccountId,
    event: &ContractEvent,
) -> Option<Result<(DeviceId, LogEntry), String>> {
    let is_change = event.contract == *contract && event.topics.first() == Some(&messages::DEVICE_CHANGED);
    is_change.then(|| <(DeviceId, LogEntry)>::decode_all(&mut &event.data[..]).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use marque_primitives::{Change, NonceUse};
    use parity_scale_codec::Encode;

    use super::*;

    const CONTRACT: AccountId = AccountId([1; 32]);

    fn event() -> ContractEvent {
        let entry = LogEntry {
            version: 2,
            epoch: 1,
            at_ms: 3,
            actor: AccountId([4; 32]),
            previous_block: 5,
            nonce: Some(NonceUse { lane: 1, nonce: 6 }),
            change: Change::ServiceRemoved { id: "api".into() },
        };
        ContractEvent {
            extrinsic_index: Some(1),
            contract: CONTRACT,
            topics: vec![messages::DEVICE_CHANGED],
            data: (DeviceId([9; 32]), entry).encode(),
        }
    }

    #[test]
    fn an_event_cut_or_continued_is_an_error() {
        let whole = event();
        assert_eq!(device_changed(&CONTRACT, &whole).unwrap().unwrap().0, DeviceId([9; 32]));
        for cut in 0..whole.data.len() {
            let event = ContractEvent { data: whole.data[..cut].to_vec(), ..whole.clone() };
            assert!(device_changed(&CONTRACT, &event).unwrap().is_err(), "cut at {cut}");
        }
        let continued = ContractEvent { data: [whole.data.clone(), vec![0]].concat(), ..whole };
        assert!(device_changed(&CONTRACT, &continued).unwrap().is_err());
    }

    #[test]
    fn events_of_others_are_passed_over() {
        assert!(device_changed(&AccountId([2; 32]), &event()).is_none());
        assert!(device_changed(&CONTRACT, &ContractEvent { topics: vec![], ..event() }).is_none());
        assert!(device_changed(&CONTRACT, &ContractEvent { topics: vec![[0; 32]], ..event() }).is_none());
    }
}
