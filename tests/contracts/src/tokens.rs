//! Tokens, and the keys that sign them.

use ed25519_dalek::{Signer, SigningKey};
use marque_primitives::{
    PublicKey, Scheme, blake2b_256,
    token::{Claims, IssuerKeyRef, cwt},
};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};

/// A signing key of an authorization server, which is the same in every run: it is derived from the name.
pub enum TokenKey {
    /// Ed25519.
    Ed25519(SigningKey),
    /// Sr25519.
    Sr25519(Keypair),
}

impl TokenKey {
    /// The Ed25519 key of this name.
    pub fn ed25519(name: &str) -> Self {
        Self::Ed25519(SigningKey::from_bytes(&blake2b_256(name.as_bytes())))
    }

    /// The Sr25519 key of this name.
    ///
    /// # Panics
    /// Never: 32 bytes are such a secret.
    pub fn sr25519(name: &str) -> Self {
        let secret = MiniSecretKey::from_bytes(&blake2b_256(name.as_bytes())).expect("it has 32 bytes");
        Self::Sr25519(secret.expand_to_keypair(ExpansionMode::Ed25519))
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Ed25519(key) => PublicKey::Ed25519(key.verifying_key().to_bytes()),
            Self::Sr25519(pair) => PublicKey::Sr25519(pair.public.to_bytes()),
        }
    }

    /// Its scheme.
    pub const fn scheme(&self) -> Scheme {
        match self {
            Self::Ed25519(_) => Scheme::Ed25519,
            Self::Sr25519(_) => Scheme::Sr25519,
        }
    }

    /// Signs.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        match self {
            Self::Ed25519(key) => key.sign(bytes).to_bytes(),
            Self::Sr25519(pair) => pair.sign_simple(b"substrate", bytes).to_bytes(),
        }
    }

    /// The token with these claims, signed, as a CWT.
    ///
    /// # Panics
    /// When the claims are out of bounds.
    pub fn issue(&self, claims: &Claims, signed_by: IssuerKeyRef) -> Vec<u8> {
        let unsigned = cwt::unsigned(claims, signed_by, self.scheme()).expect("the claims are within their bounds");
        unsigned.finish(self.sign(&unsigned.signed_bytes()))
    }
}
