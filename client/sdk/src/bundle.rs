//! Contracts' bundles, as they were built: code, its hash, and metadata. They are part of this program.

use std::sync::LazyLock;

use marque_primitives::Hash;
use serde::Deserialize;

/// The contract that checks Ed25519 signatures for the others.
pub(crate) static ED25519: LazyLock<Bundle> =
    LazyLock::new(|| Bundle::read(include_str!("../../../contracts/artifacts/ed25519.contract")));

/// A contract's bundle.
pub(crate) struct Bundle {
    /// The contract's metadata with its code, as other tools (polkadot.js, cargo-contract) read it.
    pub(crate) json: &'static str,
    /// Its code.
    pub(crate) wasm: Vec<u8>,
    /// The code's BLAKE2b-256 hash, by which a chain names it.
    pub(crate) code_hash: Hash,
}

#[derive(Deserialize)]
struct File {
    source: Source,
}

#[derive(Deserialize)]
struct Source {
    hash: String,
    wasm: String,
}

impl Bundle {
    /// Reads a bundle. A test reads each of them whole, so that what can't be read never comes to be released; it would be empty.
    pub(crate) fn read(json: &'static str) -> Self {
        let source = serde_json::from_str(json).ok().map(|File { source }| source);
        let bytes = |text: &str| hex::decode(text.trim_start_matches("0x")).ok();
        let code_hash = source.as_ref().and_then(|source| bytes(&source.hash)?.try_into().ok()).unwrap_or_default();
        let wasm = source.and_then(|source| bytes(&source.wasm)).unwrap_or_default();
        Self { json, wasm, code_hash }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What holds for each bundle.
    pub(crate) fn check(bundle: &Bundle) {
        assert!(bundle.wasm.starts_with(b"\0asm"));
        assert_eq!(marque_primitives::blake2b_256(&bundle.wasm), bundle.code_hash);
    }

    #[test]
    fn the_bundle_has_the_code_that_its_hash_names() {
        check(&ED25519);
    }

    #[test]
    fn what_is_no_bundle_is_empty() {
        for json in ["", "{}", r#"{"source":{"hash":"0x00","wasm":"0x0"}}"#] {
            let bundle = Bundle::read(json);
            assert!(bundle.wasm.is_empty() && bundle.code_hash == [0; 32], "{json}");
        }
    }
}
