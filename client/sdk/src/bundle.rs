//! The contracts' bundles, as they were built: code, its hash, and metadata.

use std::sync::LazyLock;

use marque_primitives::Hash;
use serde::Deserialize;

/// A contract that was built with this client.
pub struct Bundle {
    json: &'static str,
    code: LazyLock<Code>,
}

struct Code {
    wasm: Vec<u8>,
    hash: Hash,
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

macro_rules! bundle {
    ($name:literal) => {{
        const JSON: &str = include_str!(concat!("../../../contracts/artifacts/", $name, ".contract"));
        Bundle { json: JSON, code: LazyLock::new(|| Code::of(JSON)) }
    }};
}

/// The registry of device identities.
pub static DID_REGISTRY: Bundle = bundle!("did_registry");
/// Authorization servers, scopes, grants, and the verification of tokens.
pub static ACCESS_CONTROL: Bundle = bundle!("access_control");
/// The example of a contract that acts on verified identity: a charging station.
pub static CHARGING: Bundle = bundle!("charging");
/// What checks Ed25519 signatures for the other contracts.
pub static ED25519: Bundle = bundle!("ed25519");

impl Bundle {
    /// The contract's code.
    pub fn wasm(&self) -> &[u8] {
        &self.code.wasm
    }

    /// The code's BLAKE2b-256 hash, by which a chain names it.
    pub fn code_hash(&self) -> Hash {
        self.code.hash
    }

    /// The contract's metadata with its code, as other tools (polkadot.js, cargo-contract) read it.
    pub const fn metadata_json(&self) -> &'static str {
        self.json
    }
}

impl Code {
    /// The bundle is part of this program: a test reads it whole, so that what can't be read never comes to be released.
    fn of(json: &str) -> Self {
        let source = serde_json::from_str::<File>(json).ok().map(|file| file.source);
        let bytes = |text: &str| hex::decode(text.trim_start_matches("0x")).ok();
        let hash = source.as_ref().and_then(|source| bytes(&source.hash)?.try_into().ok()).unwrap_or_default();
        let wasm = source.and_then(|source| bytes(&source.wasm)).unwrap_or_default();
        Self { wasm, hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bundle_has_the_code_that_its_hash_names() {
        for bundle in [&DID_REGISTRY, &ACCESS_CONTROL, &CHARGING, &ED25519] {
            assert!(bundle.wasm().starts_with(b"\0asm"));
            assert_eq!(marque_primitives::blake2b_256(bundle.wasm()), bundle.code_hash());
        }
    }
}
