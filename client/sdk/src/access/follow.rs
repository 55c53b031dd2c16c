//! The access contract's events.

use futures::Stream;
use marque_primitives::{
    AccountId,
    access::{AccessLogEntry, IssuerId},
};
use parity_scale_codec::DecodeAll;

use super::{Access, messages};
use crate::{
    chain::{BlockRef, ContractEvent},
    follow,
    registry::{HistoryError, RegistryEvent, device_changed},
};

/// A change of an authorization server, and where it happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessEvent {
    /// The finalized block.
    pub block: BlockRef,
    /// The extrinsic, as its place in the block.
    pub extrinsic_index: Option<u32>,
    /// The authorization server.
    pub issuer: IssuerId,
    /// What was changed, by whom and when.
    pub entry: AccessLogEntry,
}

/// A change in one of the two contracts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AnyEvent {
    /// Of a device.
    Registry(RegistryEvent),
    /// Of an authorization server.
    Access(AccessEvent),
}

impl Access {
    /// Every change in finalized blocks from number `from` on, each once and in order, and then each new one. It goes on when the
    /// connection is lost and comes back, and fetches what was missed.
    ///
    /// It ends after an error: [`HistoryError::Pruned`] when the node no longer has a block, [`HistoryError::Undecodable`],
    /// [`HistoryError::Chain`].
    pub fn events(&self, from: u32) -> impl Stream<Item = Result<AccessEvent, HistoryError>> + Send + use<> {
        let access = self.clone();
        follow::events(self.chain(), from, move |block| {
            let access = access.clone();
            async move { access.events_in(block).await }
        })
    }

    /// The changes in one block, in order.
    ///
    /// # Errors
    /// [`HistoryError::Pruned`], [`HistoryError::Undecodable`], [`HistoryError::Chain`].
    pub async fn events_in(&self, block: BlockRef) -> Result<Vec<AccessEvent>, HistoryError> {
        let emitted = self.chain().contract_events(&block.hash).await;
        let emitted = emitted.map_err(|error| HistoryError::at(block.number, error))?;
        let mut events = Vec::new();
        for event in &emitted {
            let changed = issuer_changed(&self.contract, event).transpose();
            let undecodable = |reason| HistoryError::Undecodable { block: block.number, reason };
            let extrinsic_index = event.extrinsic_index;
            let changed = changed.map_err(undecodable)?;
            events.extend(changed.map(|(issuer, entry)| AccessEvent { block, extrinsic_index, issuer, entry }));
        }
        Ok(events)
    }

    /// Every change of the registry and of the access contract, in the order of the chain: as [`events`](Self::events).
    pub fn all_events(&self, from: u32) -> impl Stream<Item = Result<AnyEvent, HistoryError>> + Send + use<> {
        let access = self.clone();
        follow::events(self.chain(), from, move |block| {
            let access = access.clone();
            async move { access.all_events_in(block).await }
        })
    }

    /// The changes of both contracts in one block, in order.
    ///
    /// # Errors
    /// Those of [`events_in`](Self::events_in).
    pub async fn all_events_in(&self, block: BlockRef) -> Result<Vec<AnyEvent>, HistoryError> {
        let emitted = self.chain().contract_events(&block.hash).await;
        let emitted = emitted.map_err(|error| HistoryError::at(block.number, error))?;
        let registry = self.registry().contract();
        let undecodable = |reason| HistoryError::Undecodable { block: block.number, reason };
        let mut events = Vec::new();
        for event in &emitted {
            let extrinsic_index = event.extrinsic_index;
            let changed = device_changed(&registry, event).transpose().map_err(undecodable)?;
            events
                .extend(changed.map(|(device, entry)| {
                    AnyEvent::Registry(RegistryEvent { block, extrinsic_index, device, entry })
                }));
            let changed = issuer_changed(&self.contract, event).transpose().map_err(undecodable)?;
            events.extend(
                changed.map(|(issuer, entry)| AnyEvent::Access(AccessEvent { block, extrinsic_index, issuer, entry })),
            );
        }
        Ok(events)
    }
}

/// The change that an event of this contract tells of; `None` for other events.
pub(crate) fn issuer_changed(
    contract: &AccountId,
    event: &ContractEvent,
) -> Option<Result<(IssuerId, AccessLogEntry), String>> {
    let is_change = event.contract == *contract && event.topics.first() == Some(&messages::ISSUER_CHANGED);
    is_change.then(|| <(IssuerId, AccessLogEntry)>::decode_all(&mut &event.data[..]).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use marque_primitives::access::{AccessChange, IssuerDelegate, IssuerRole};
    use parity_scale_codec::Encode;

    use super::*;

    const CONTRACT: AccountId = AccountId([1; 32]);

    fn event() -> ContractEvent {
        let delegate = IssuerDelegate { account: AccountId([4; 32]), role: IssuerRole::KeyManager, expires_ms: 5 };
        let change = AccessChange::DelegateSet { delegate };
        let entry = AccessLogEntry { at_ms: 3, actor: AccountId([4; 32]), change };
        ContractEvent {
            extrinsic_index: Some(1),
            contract: CONTRACT,
            topics: vec![messages::ISSUER_CHANGED],
            data: (9u32, entry).encode(),
        }
    }

    #[test]
    fn an_event_cut_or_continued_is_an_error() {
        let whole = event();
        assert_eq!(issuer_changed(&CONTRACT, &whole).unwrap().unwrap().0, 9);
        for cut in 0..whole.data.len() {
            let event = ContractEvent { data: whole.data[..cut].to_vec(), ..whole.clone() };
            assert!(issuer_changed(&CONTRACT, &event).unwrap().is_err(), "cut at {cut}");
        }
        let continued = ContractEvent { data: [whole.data.clone(), vec![0]].concat(), ..whole };
        assert!(issuer_changed(&CONTRACT, &continued).unwrap().is_err());
    }

    #[test]
    fn events_of_others_are_passed_over() {
        assert!(issuer_changed(&AccountId([2; 32]), &event()).is_none());
        assert!(issuer_changed(&CONTRACT, &ContractEvent { topics: vec![], ..event() }).is_none());
        assert!(issuer_changed(&CONTRACT, &ContractEvent { topics: vec![[0; 32]], ..event() }).is_none());
    }
}
