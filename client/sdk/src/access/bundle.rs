//! The contract's bundle.

use std::sync::LazyLock;

use marque_primitives::Hash;

use crate::bundle::Bundle;

static BUNDLE: LazyLock<Bundle> =
    LazyLock::new(|| Bundle::read(include_str!("../../../../contracts/artifacts/access_control.contract")));

/// The contract's code.
pub fn wasm() -> &'static [u8] {
    &BUNDLE.wasm
}

/// The code's BLAKE2b-256 hash, by which a chain names it.
pub fn code_hash() -> Hash {
    BUNDLE.code_hash
}

/// The contract's metadata with its code, as other tools (polkadot.js, cargo-contract) read it.
pub fn metadata_json() -> &'static str {
    BUNDLE.json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_has_the_code_that_its_hash_names() {
        crate::bundle::tests::check(&BUNDLE);
    }
}
