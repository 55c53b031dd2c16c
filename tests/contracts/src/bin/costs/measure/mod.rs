//! The measurements: of each contract, and of its code.

mod access;
mod code;
mod registry;
mod station;

use marque_contract_tests::Receipt;

pub use access::{AccessCosts, OperationCost as AccessOperationCost};
pub use code::CodeCost;
pub use registry::{OperationCost, RegistryCosts};
pub use station::{GuardedCost, StationCosts};

const HOUR_MS: u64 = 60 * 60 * 1000;

/// What one call costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Picoseconds.
    pub ref_time_ps: u64,
    /// Bytes of storage proof.
    pub proof_bytes: u64,
    /// Units: one per byte and one per item; negative is a refund.
    pub deposit: i128,
    /// Events of the contract.
    pub events: usize,
}

impl<T> From<&Receipt<T>> for Cost {
    fn from(receipt: &Receipt<T>) -> Self {
        let Receipt { ref_time_ps, proof_bytes, deposit, ref events, .. } = *receipt;
        Self { ref_time_ps, proof_bytes, deposit, events: events.len() }
    }
}

/// All that is measured.
pub struct Costs {
    /// The contracts' codes.
    pub codes: Vec<CodeCost>,
    /// The registry.
    pub registry: RegistryCosts,
    /// `access_control`.
    pub access: AccessCosts,
    /// The charging station.
    pub station: StationCosts,
}

impl Costs {
    /// Bytes of the codes of these contracts together.
    pub fn code_bytes(&self, contracts: &[&str]) -> u64 {
        let codes = self.codes.iter().filter(|code| contracts.contains(&code.contract));
        codes.map(|code| code.bytes as u64).sum()
    }
}

/// Measures everything.
pub fn all() -> Costs {
    let access = access::measure();
    Costs { codes: code::measure(), registry: registry::measure(), station: station::measure(&access), access }
}
