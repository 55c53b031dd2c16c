//! Entries of the log, chained by their hashes: who changes, moves or leaves out one breaks the chain from there on.

use marque_sdk::primitives::TimestampMs;
use sha2::{Digest, Sha256};

/// What the first entry follows.
pub const GENESIS: [u8; 32] = [0; 32];
const TAG: &[u8] = b"marque:gateway:log:1";

/// An entry of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its place: 1, 2, 3 …
    pub number: u64,
    /// When it was written, in milliseconds since the Unix epoch.
    pub published_ms: TimestampMs,
    /// The event, as JSON.
    pub body: String,
    /// The hash of all this and of the entry before.
    pub hash: [u8; 32],
}

/// The hash of an entry: SHA-256 of a tag, the hash of the entry before ([`GENESIS`] for the first), number and time (8 bytes each,
/// big-endian), and the event.
pub fn hash(previous: &[u8; 32], number: u64, published_ms: TimestampMs, body: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(TAG)
        .chain_update(previous)
        .chain_update(number.to_be_bytes())
        .chain_update(published_ms.to_be_bytes())
        .chain_update(body)
        .finalize()
        .into()
}
