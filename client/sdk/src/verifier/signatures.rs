//! Signatures by keys that were decoded before.

use marque_primitives::{Ed25519Key, PublicKey};
use subxt_signer::sr25519;

/// An authorization server's key, ready to check signatures with. Its type alone chooses the scheme.
#[derive(Clone, Copy, Debug)]
pub(super) enum SigningKey {
    Ed25519(Ed25519Key),
    Sr25519([u8; 32]),
    /// No signature is good by it.
    Unusable,
}

/// A signature to be checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    pub(super) key: &'a SigningKey,
    pub(super) bytes: &'a [u8],
    pub(super) signature: &'a [u8; 64],
}

impl SigningKey {
    pub(super) fn of(public_key: &PublicKey) -> Self {
        match public_key {
            PublicKey::Ed25519(bytes) => Ed25519Key::decode(bytes).map_or(Self::Unusable, Self::Ed25519),
            PublicKey::Sr25519(bytes) => Self::Sr25519(*bytes),
            PublicKey::X25519(_) | PublicKey::P256(_) => Self::Unusable,
        }
    }
}

impl Signed<'_> {
    pub(super) fn holds(&self) -> bool {
        match self.key {
            SigningKey::Ed25519(key) => key.verifies(self.bytes, self.signature),
            SigningKey::Sr25519(key) => {
                sr25519::verify(&sr25519::Signature(*self.signature), self.bytes, &sr25519::PublicKey(*key))
            }
            SigningKey::Unusable => false,
        }
    }
}

/// Which of many signatures hold.
pub(super) fn check_all(signed: &[Signed<'_>]) -> Vec<bool> {
    signed.iter().map(Signed::holds).collect()
}
