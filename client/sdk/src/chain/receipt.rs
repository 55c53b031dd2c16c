//! What a transaction did.

use marque_primitives::{AccountId, Hash, blake2b_256};
use parity_scale_codec::Decode;
use subxt::{
    config::SubstrateConfig,
    events::{Event, Events, Phase},
    rpcs::client::rpc_params,
};

use super::{BlockRef, Chain, ChainError, Weight, wire};

/// `twox128("System") ‖ twox128("Events")`.
const EVENTS_KEY: &str = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7";

/// What a transaction did: where it is, what it cost, and what it emitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Its block.
    pub block: BlockRef,
    /// Its place in the block.
    pub extrinsic_index: u32,
    /// BLAKE2b-256 of the extrinsic.
    pub extrinsic_hash: Hash,
    /// The fee that was paid, in the chain's smallest unit; `None` when the chain does not say.
    pub fee: Option<u128>,
    /// What the execution took.
    pub weight: Weight,
    /// What contracts emitted.
    pub events: Vec<ContractEvent>,
}

/// An event that a contract emitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContractEvent {
    /// The extrinsic that it was emitted in, as its place in the block; `None` when it was emitted outside of any.
    pub extrinsic_index: Option<u32>,
    /// The contract.
    pub contract: AccountId,
    /// Its topics; of an ink! event the first is the hash of its signature.
    pub topics: Vec<Hash>,
    /// Its data, SCALE-encoded.
    pub data: Vec<u8>,
}

/// What the chain made of an extrinsic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Outcome {
    pub(super) receipt: Receipt,
    /// The name of the dispatch error, if it failed.
    pub(super) failure: Option<String>,
    /// The contract that it instantiated last.
    pub(super) instantiated: Option<AccountId>,
}

impl Chain {
    /// The events that contracts emitted in a block.
    ///
    /// # Errors
    /// [`ChainError::BlockNotFound`], [`ChainError::StateDiscarded`]; others when the chain can't be read.
    pub async fn contract_events(&self, block: &Hash) -> Result<Vec<ContractEvent>, ChainError> {
        let Some(bytes) = self.event_bytes(block).await? else { return Ok(Vec::new()) };
        let runtime = self.runtime_at(block).await?;
        let events = runtime.client.events().from_bytes(bytes);
        Ok(read(&events)?.iter().filter_map(contract_event).collect())
    }

    /// The outcome of an extrinsic in a block; `None` when it is not in it.
    pub(super) async fn outcome(&self, block: BlockRef, extrinsic_hash: &Hash) -> Result<Option<Outcome>, ChainError> {
        let body = self.body(&block.hash).await?;
        let Some(index) = body.iter().position(|extrinsic| blake2b_256(extrinsic) == *extrinsic_hash) else {
            return Ok(None);
        };
        let extrinsic_index = u32::try_from(index).map_err(|error| ChainError::undecodable("block", error))?;
        let bytes = self.event_bytes(&block.hash).await?.unwrap_or_default();
        let runtime = self.runtime_at(&block.hash).await?;
        let events = runtime.client.events().from_bytes(bytes);
        let receipt = Receipt {
            block,
            extrinsic_index,
            extrinsic_hash: *extrinsic_hash,
            fee: None,
            weight: Weight::default(),
            events: Vec::new(),
        };
        let mut outcome = Outcome { receipt, failure: None, instantiated: None };
        for event in read(&events)?.iter().filter(|event| event.phase() == Phase::ApplyExtrinsic(extrinsic_index)) {
            outcome.note(event, |bytes| runtime.dispatch_error(bytes));
        }
        Ok(Some(outcome))
    }

    async fn event_bytes(&self, block: &Hash) -> Result<Option<Vec<u8>>, ChainError> {
        let hash = wire::hex(block);
        let value: Option<String> = self.rpc().read("state_getStorage", || rpc_params![EVENTS_KEY, &hash]).await?;
        value.map(|value| wire::bytes("System.Events", &value)).transpose()
    }
}

impl Outcome {
    fn note(&mut self, event: &Event<'_, SubstrateConfig>, dispatch_error: impl Fn(&[u8]) -> String) {
        let bytes = event.field_bytes();
        match (event.pallet_name(), event.event_name()) {
            ("System", "ExtrinsicSuccess") => {
                // `DispatchInfo` begins with the weight.
                self.receipt.weight = Weight::decode(&mut &bytes[..]).unwrap_or_default();
            }
            ("System", "ExtrinsicFailed") => self.failure = Some(dispatch_error(bytes)),
            ("TransactionPayment", "TransactionFeePaid") => {
                // The payer, the fee, and the tip, which is part of the fee.
                self.receipt.fee = <([u8; 32], u128)>::decode(&mut &bytes[..]).ok().map(|(_, fee)| fee);
            }
            ("Contracts", "Instantiated") => {
                let accounts = <(AccountId, AccountId)>::decode(&mut &bytes[..]);
                self.instantiated = accounts.ok().map(|(_deployer, contract)| contract);
            }
            _ => self.receipt.events.extend(contract_event(event)),
        }
    }
}

fn read<'events>(events: &'events Events<SubstrateConfig>) -> Result<Vec<Event<'events, SubstrateConfig>>, ChainError> {
    let read: Result<Vec<_>, _> = events.iter().collect();
    read.map_err(|error| ChainError::undecodable("System.Events", error))
}

fn contract_event(event: &Event<'_, SubstrateConfig>) -> Option<ContractEvent> {
    if (event.pallet_name(), event.event_name()) != ("Contracts", "ContractEmitted") {
        return None;
    }
    let wire::Emitted { contract, data } = wire::decode_all("Contracts.ContractEmitted", event.field_bytes()).ok()?;
    let extrinsic_index = match event.phase() {
        Phase::ApplyExtrinsic(index) => Some(index),
        Phase::Finalization | Phase::Initialization => None,
    };
    Some(ContractEvent {
        extrinsic_index,
        contract,
        topics: event.topics().iter().map(|topic| topic.0).collect(),
        data,
    })
}
