//! What the contracts' codes cost.

use marque_contract_tests::{
    Actor, Bundle, Chain,
    access::RECLAIM_PRICE,
    deployed::GENESIS_HASH,
    station::{Guard, Terms},
};
use marque_primitives::AccountId;
use parity_scale_codec::Encode;

use super::{Cost, HOUR_MS};

/// A contract's code.
pub struct CodeCost {
    /// The contract.
    pub contract: &'static str,
    /// Its length.
    pub bytes: usize,
    /// Uploading it and making the contract.
    pub deploy: Cost,
}

/// Deploys each contract for itself: whom it would ask is not asked for that.
pub fn measure() -> Vec<CodeCost> {
    let somebody = AccountId([0; 32]);
    let guard = Guard { access_control: somebody, issuer: 0, audience: "station-1".into() };
    let terms = Terms {
        operator: somebody,
        meter: somebody,
        connectors: 2,
        price_per_wh: 10,
        power_max_w: 22_000,
        session_max_ms: 8 * HOUR_MS,
    };
    [
        ("did_registry", (GENESIS_HASH, somebody).encode()),
        ("ed25519", Vec::new()),
        ("access_control", (GENESIS_HASH, somebody, somebody, RECLAIM_PRICE).encode()),
        ("charging", (guard, terms).encode()),
    ]
    .map(|(contract, arguments)| deploy(contract, &arguments))
    .into()
}

fn deploy(contract: &'static str, arguments: &[u8]) -> CodeCost {
    let bundle = Bundle::committed(contract);
    let input = [&bundle.selector("new")[..], arguments].concat();
    let deployer = Actor::new("deployer").account();
    let receipt = Chain::default().deploy(&bundle.wasm, input, b"", deployer).expect("the bundle deploys");
    CodeCost { contract, bytes: bundle.wasm.len(), deploy: Cost::from(&receipt) }
}
