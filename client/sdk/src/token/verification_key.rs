//! Keys that verify JWTs.

use marque_primitives::{PublicKey, verify_ed25519};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};

use super::{Algorithm, Jwk, JwkError};

/// A public key that verifies with one algorithm, which follows from its type. What a token's header says changes nothing about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerificationKey {
    jwk: Jwk,
    algorithm: Algorithm,
}

impl VerificationKey {
    /// The key, if it is for a JWT algorithm.
    ///
    /// # Errors
    /// [`JwkError::UnknownType`] for Sr25519; [`JwkError::InvalidKey`] for an Ed25519 key that is no point, not canonical or of small
    /// order.
    pub fn new(jwk: Jwk) -> Result<Self, JwkError> {
        let algorithm = match &jwk {
            Jwk::Ed25519(bytes) => {
                PublicKey::Ed25519(*bytes).validate().map_err(|_| JwkError::InvalidKey)?;
                Algorithm::EdDsa
            }
            Jwk::P256(_) => Algorithm::Es256,
            Jwk::Rsa(_) => Algorithm::Rs256,
            Jwk::Sr25519(_) => return Err(JwkError::UnknownType),
        };
        Ok(Self { jwk, algorithm })
    }

    /// The algorithm that it verifies with.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as a JSON Web Key.
    pub const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Whether the signature, as a JWS has it, is this key's over these bytes.
    pub fn is_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        match &self.jwk {
            Jwk::Ed25519(key) => signature.try_into().is_ok_and(|signature| verify_ed25519(key, bytes, signature)),
            Jwk::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.uncompressed()).verify(bytes, signature).is_ok()
            }
            Jwk::Rsa(key) => RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() }
                .verify(&RSA_PKCS1_2048_8192_SHA256, bytes, signature)
                .is_ok(),
            Jwk::Sr25519(_) => false,
        }
    }
}
