//! The contract's bundle, as it was built: code, its hash, and metadata.

use std::sync::LazyLock;

use marque_primitives::Hash;
use serde::Deserialize;

const BUNDLE: &str = include_str!("../../../../contracts/artifacts/did_registry.contract");

#[derive(Deserialize)]
struct Bundle {
    source: Source,
}

#[derive(Deserialize)]
struct Source {
    hash: String,
    wasm: String,
}

struct Code {
    wasm: Vec<u8>,
    hash: Hash,
}

static CODE: LazyLock<Code> = LazyLock::new(|| {
    // The bundle is part of this program: a test reads it whole, so that what can't be read never comes to be released.
    let bundle: Option<Bundle> = serde_json::from_str(BUNDLE).ok();
    let source = bundle.map(|bundle| bundle.source);
    let bytes = |text: &str| hex::decode(text.trim_start_matches("0x")).ok();
    let hash = source.as_ref().and_then(|source| bytes(&source.hash)?.try_into().ok()).unwrap_or_default();
    let wasm = source.and_then(|source| bytes(&source.wasm)).unwrap_or_default();
    Code { wasm, hash }
});

/// The contract's code.
pub fn wasm() -> &'static [u8] {
    &CODE.wasm
}

/// The code's BLAKE2b-256 hash, by which a chain names it.
pub fn code_hash() -> Hash {
    CODE.hash
}

/// The contract's metadata with its code, as other tools (polkadot.js, cargo-contract) read it.
pub const fn metadata_json() -> &'static str {
    BUNDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_has_the_code_that_its_hash_names() {
        assert!(wasm().starts_with(b"\0asm"));
        assert_eq!(marque_primitives::blake2b_256(wasm()), code_hash());
    }
}
