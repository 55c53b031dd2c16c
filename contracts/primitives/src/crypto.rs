//! Hash and signatures.

use alloc::vec::Vec;

use blake2::{Blake2b, Digest, digest::consts::U32};
use curve25519_dalek::edwards::EdwardsPoint;
use ed25519_dalek::{Verifier, VerifyingKey};
use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::ids::Hash;

/// A signature scheme of accounts and of authorization servers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// Ed25519 (RFC 8032): devices.
    Ed25519,
    /// Sr25519 (Schnorrkel over ristretto255): the usual one of Substrate accounts.
    Sr25519,
}

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

/// An Ed25519 signature to be checked: what the contract `ed25519` is asked.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct SignatureCheck {
    /// The signer's public key.
    pub public_key: [u8; 32],
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: [u8; 64],
}

impl SignatureCheck {
    /// Whether the signature holds, by [`verify_ed25519`].
    pub fn holds(&self) -> bool {
        verify_ed25519(&self.public_key, &self.message, &self.signature)
    }
}

/// Whether `signature` is `public_key`'s Ed25519 signature of `message` (RFC 8032, section 5.1.7, without
/// the cofactor; small-order and non-canonical keys and small-order `R` are refused).
///
/// Two correct verifiers that treat those cases differently would disagree on what was signed: this is the one rule for
/// chain and client. It is ed25519-dalek's `verify_strict`, without the work of decoding `R`: the encoding of the point that
/// `R` should be is compared with the signature's, so that an `R` that is no canonical encoding of a point never equals it.
pub fn verify_ed25519(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    Ed25519Key::decode(public_key).is_some_and(|key| key.verifies(message, signature))
}

/// An Ed25519 public key that was decoded and found usable: for who checks many signatures of one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ed25519Key(VerifyingKey);

impl Ed25519Key {
    /// `None` when the bytes are no point, not canonically encoded, or of small order: no signature is good by such a key.
    pub fn decode(public_key: &[u8; 32]) -> Option<Self> {
        let key = is_strict(public_key).then(|| VerifyingKey::from_bytes(public_key))?;
        key.ok().map(Self)
    }

    /// The bytes that it was decoded from: its one encoding.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The point that it is: not of small order, but perhaps with a part of small order.
    pub fn point(&self) -> EdwardsPoint {
        self.0.to_edwards()
    }

    /// Whether `signature` is this key's of `message`, by the rule of [`verify_ed25519`].
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        !is_small_order(signature.r_bytes()) && self.0.verify(message, &signature).is_ok()
    }
}

/// The `y` of the points of small order, little-endian: of order 4, 1, 2, 8 and 8. Either sign of `x` goes with them.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
];

/// Whether these bytes, if they encode a point at all, are its one encoding, and it is not of small order.
pub(crate) fn is_strict(compressed: &[u8; 32]) -> bool {
    crate::key::is_canonical_field_element(compressed) && !is_small_order(compressed)
}

/// Whether these bytes are an encoding of a point of small order.
fn is_small_order(compressed: &[u8; 32]) -> bool {
    let mut y = *compressed;
    y[31] &= 0x7f;
    SMALL_ORDER_Y.contains(&y)
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;

    use super::*;

    #[test]
    fn every_point_of_small_order_is_known_and_no_other_is() {
        for point in EIGHT_TORSION {
            assert!(is_small_order(&point.compress().0), "{point:?}");
        }
        let all: std::collections::BTreeSet<[u8; 32]> = EIGHT_TORSION
            .iter()
            .map(|point| {
                let mut y = point.compress().0;
                y[31] &= 0x7f;
                y
            })
            .collect();
        assert_eq!(all, SMALL_ORDER_Y.into_iter().collect());
    }
}
