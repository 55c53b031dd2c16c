//! The genesis state: that of `substrate-contracts-node --dev`, without its Wasm code.

use contracts_node_runtime::{
    AccountId, BalancesConfig, BuildStorage, RuntimeGenesisConfig, SudoConfig, opaque::Header,
};
use sp_core::{H256, Pair, sr25519};
use sp_runtime::traits::{BlakeTwo256, Hash as _, Header as _};
use sp_state_machine::InMemoryBackend;
use sp_storage::StateVersion;

use crate::runtime::{NewNodes, STATE_VERSION, nodes_of};

/// Who has a balance at genesis, by the derivation path of the well-known development phrase.
const ENDOWED: [&str; 12] = [
    "//Alice",
    "//Bob",
    "//Charlie",
    "//Dave",
    "//Eve",
    "//Ferdie",
    "//Alice//stash",
    "//Bob//stash",
    "//Charlie//stash",
    "//Dave//stash",
    "//Eve//stash",
    "//Ferdie//stash",
];

/// What each of them has.
const ENDOWMENT: u128 = 1 << 60;

/// The first block and the trie nodes of its state.
pub(crate) struct Genesis {
    pub(crate) header: Header,
    pub(crate) nodes: NewNodes,
}

/// Builds the genesis block. The same on each call: its hash identifies the chain.
pub(crate) fn build() -> Result<Genesis, String> {
    let accounts = ENDOWED.iter().map(|path| account(path)).collect::<Result<Vec<_>, _>>()?;
    let storage = RuntimeGenesisConfig {
        balances: BalancesConfig { balances: accounts.iter().cloned().map(|account| (account, ENDOWMENT)).collect() },
        sudo: SudoConfig { key: accounts.first().cloned() },
        ..Default::default()
    }
    .build_storage()?;
    let backend = InMemoryBackend::<BlakeTwo256>::from((storage, STATE_VERSION));
    let state_root = *backend.root();
    let no_extrinsics = BlakeTwo256::ordered_trie_root(Vec::new(), StateVersion::V0);
    let header = Header::new(0, no_extrinsics, state_root, H256::zero(), sp_runtime::Digest::default());
    Ok(Genesis { header, nodes: nodes_of(backend.into_storage()) })
}

fn account(path: &str) -> Result<AccountId, String> {
    let pair = sr25519::Pair::from_string(path, None).map_err(|error| error.to_string())?;
    Ok(AccountId::from(pair.public()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genesis_is_the_same_on_each_call() {
        let (first, second) = (build().unwrap(), build().unwrap());
        assert_eq!(first.header.hash(), second.header.hash());
        assert!(first.nodes.iter().any(|(hash, _)| hash == first.header.state_root()));
    }
}
