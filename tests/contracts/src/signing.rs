//! Signed operations.

use ed25519_dalek::Signer;
use marque_primitives::{
    AccountId, DeviceId, Domain, Envelope, Operation, Signature, SignedOperation, TimestampMs, blake2b_256,
};

use crate::Actor;

/// How far ahead the deadline of the tests' envelopes is.
pub const DEADLINE_AHEAD_MS: TimestampMs = 60_000;

/// An envelope that anyone may submit, in lane 0 with this nonce.
pub fn envelope(
    device: DeviceId,
    operation: Operation,
    signer: AccountId,
    nonce: u64,
    now_ms: TimestampMs,
) -> Envelope {
    Envelope { device, operation, signer, submitter: None, lane: 0, nonce, deadline_ms: now_ms + DEADLINE_AHEAD_MS }
}

/// The envelope with this actor's Ed25519 signature for this domain.
pub fn sign(envelope: Envelope, domain: &Domain, signer: &Actor) -> SignedOperation {
    let signature = signer.key.sign(&envelope.signed_bytes(domain, blake2b_256));
    SignedOperation { envelope, signature: Signature::Ed25519(signature.to_bytes()) }
}
