//! The runtime's metadata, which says how transactions, storage keys, events and errors are encoded. Runtimes are upgraded, so
//! that each block is read with the metadata of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use marque_primitives::Hash;
use parity_scale_codec::{Decode, Encode};
use serde::Deserialize;
use subxt::{
    Metadata,
    client::{OfflineClient, OfflineClientAtBlock},
    config::{SubstrateConfig, substrate::SpecVersionForRange},
    error::DispatchError,
    rpcs::client::rpc_params,
    utils::H256,
};

use super::{At, Chain, ChainError, wire, wire::Weight};

/// The newest metadata version that is asked for.
const METADATA_VERSION: u32 = 15;
/// Runtimes that are kept. A follower of a long history forgets the others and asks again.
const RUNTIMES_MAX: usize = 8;

/// One version of the chain's runtime.
#[derive(Debug)]
pub(super) struct Runtime {
    pub(super) client: OfflineClientAtBlock<SubstrateConfig>,
    /// What one transaction may take of a block at most.
    pub(super) weight_max: Weight,
}

/// The versions that were met.
#[derive(Debug)]
pub(super) struct Runtimes {
    genesis_hash: Hash,
    known: Mutex<HashMap<u32, Arc<Runtime>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuntimeVersion {
    spec_version: u32,
    transaction_version: u32,
}

impl Runtimes {
    pub(super) fn new(genesis_hash: Hash) -> Self {
        Self { genesis_hash, known: Mutex::default() }
    }

    fn get(&self, spec_version: u32) -> Option<Arc<Runtime>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&spec_version).cloned()
    }

    fn put(&self, version: &RuntimeVersion, metadata: Metadata) -> Result<Arc<Runtime>, ChainError> {
        let runtime = Arc::new(Runtime::new(self.genesis_hash, version, metadata)?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= RUNTIMES_MAX {
            known.clear();
        }
        known.insert(version.spec_version, runtime.clone());
        Ok(runtime)
    }
}

impl Runtime {
    fn new(genesis_hash: Hash, version: &RuntimeVersion, metadata: Metadata) -> Result<Self, ChainError> {
        let range = SpecVersionForRange {
            block_range: 0..u64::MAX,
            spec_version: version.spec_version,
            transaction_version: version.transaction_version,
        };
        let config = SubstrateConfig::builder()
            .set_genesis_hash(H256(genesis_hash))
            .set_metadata_for_spec_versions([(version.spec_version, Arc::new(metadata))])
            .set_spec_version_for_block_ranges([range])
            .build();
        let client = OfflineClient::new_with_config(config).at_block(0u64);
        let client = client.map_err(|error| ChainError::undecodable("metadata", error))?;
        let weight_max = weight_max(&client)?;
        Ok(Self { client, weight_max })
    }

    pub(super) fn has_contracts(&self) -> bool {
        self.client.metadata_ref().pallet_by_name("Contracts").is_some()
    }

    /// A constant of a pallet.
    pub(super) fn constant<T: Decode>(&self, pallet: &str, name: &str) -> Result<T, ChainError> {
        constant(&self.client, pallet, name)
    }

    /// The name of a dispatch error, as `Pallet::Error` where a pallet made it.
    pub(super) fn dispatch_error(&self, bytes: &[u8]) -> String {
        match DispatchError::decode_from(bytes, self.client.metadata()) {
            Ok(DispatchError::Module(error)) => error.details_string(),
            Ok(error) => error.to_string(),
            Err(_) => format!("unknown error 0x{}", hex::encode(&bytes[..bytes.len().min(8)])),
        }
    }
}

/// `frame_system::limits::BlockWeights`: base and maximum of the block, and then first the class of normal transactions, with its
/// base, its maximum for one transaction, and its maximum in all.
fn weight_max(client: &OfflineClientAtBlock<SubstrateConfig>) -> Result<Weight, ChainError> {
    type Limits = (Weight, Weight, Weight, Option<Weight>, Option<Weight>);
    let (_, block, _, one, all) = constant::<Limits>(client, "System", "BlockWeights")?;
    Ok(one.or(all).unwrap_or(block))
}

/// A constant; what follows the part of it that `T` names is passed over.
fn constant<T: Decode>(
    client: &OfflineClientAtBlock<SubstrateConfig>,
    pallet: &str,
    name: &str,
) -> Result<T, ChainError> {
    let undecodable = |error: &dyn ToString| ChainError::undecodable(format!("{pallet}.{name}"), error.to_string());
    let address = subxt::dynamic::constant::<()>(pallet, name);
    let bytes = client.constants().entry_bytes(address).map_err(|error| undecodable(&error))?;
    T::decode(&mut &bytes[..]).map_err(|error| undecodable(&error))
}

impl Chain {
    /// The runtime that made (or will execute on) the state of this block.
    pub(super) async fn runtime_at(&self, block: &Hash) -> Result<Arc<Runtime>, ChainError> {
        let hash = wire::hex(block);
        let version: RuntimeVersion = self.rpc().read("state_getRuntimeVersion", || rpc_params![&hash]).await?;
        if let Some(runtime) = self.inner.runtimes.get(version.spec_version) {
            return Ok(runtime);
        }
        let metadata = self.metadata_at(block).await?;
        self.inner.runtimes.put(&version, metadata)
    }

    async fn metadata_at(&self, block: &Hash) -> Result<Metadata, ChainError> {
        const FUNCTION: &str = "Metadata_metadata_at_version";
        let undecodable = |error: &dyn ToString| ChainError::undecodable("metadata", error.to_string());
        let answer = self.state_call(FUNCTION, &METADATA_VERSION.encode(), At::Block(*block)).await;
        let versioned = answer.ok().and_then(|bytes| Option::<Vec<u8>>::decode(&mut &bytes[..]).ok().flatten());
        let bytes = match versioned {
            Some(bytes) => bytes,
            None => {
                let bytes = self.state_call("Metadata_metadata", &[], At::Block(*block)).await?;
                Vec::<u8>::decode(&mut &bytes[..]).map_err(|error| undecodable(&error))?
            }
        };
        Metadata::decode(&mut &bytes[..]).map_err(|error| undecodable(&error))
    }
}
