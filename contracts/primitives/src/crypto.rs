//! Hash and signatures.

use blake2::{Blake2b, Digest, digest::consts::U32};
use ed25519_dalek::VerifyingKey;
use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::ids::Hash;

/// A signature, with the scheme that it is checked by. The signer's key is named beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Signature {
    /// Ed25519 (RFC 8032).
    Ed25519([u8; 64]),
    /// Sr25519 (Schnorrkel over ristretto255) in the context `substrate`; the cheap one on chain.
    Sr25519([u8; 64]),
}

/// BLAKE2b with a 256-bit result, the chain's own hash (RFC 7693).
pub fn blake2b_256(bytes: &[u8]) -> Hash {
    Blake2b::<U32>::digest(bytes).into()
}

/// Whether `signature` is `public_key`'s Ed25519 signature of `message` (RFC 8032, section 5.1.7, without
/// the cofactor; small-order and non-canonical keys and small-order `R` are refused).
///
/// Two correct verifiers that treat those cases differently would disagree on what was signed: this is the one rule for
/// chain and client.
pub fn verify_ed25519(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    if !crate::key::is_canonical_field_element(public_key) {
        return false;
    }
    let Ok(key) = VerifyingKey::from_bytes(public_key) else { return false };
    key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
}
