//! Keys that sign JWTs for services which know no Ed25519.

use std::fmt;

use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use zeroize::Zeroizing;

use super::{Algorithm, Jwk, JwkError, P256PublicKey, RsaPublicKey, VerificationKey};
use crate::signer::SignerError;

/// A private key for ES256 or RS256. It is never shown. Signing takes the same time whatever the key is (the library is
/// BoringSSL's code: an RSA signature in plain Rust is not there yet).
pub struct JwtSigningKey {
    pair: Pair,
    public: VerificationKey,
}

enum Pair {
    Es256(Box<EcdsaKeyPair>),
    Rs256(Box<RsaKeyPair>),
}

impl JwtSigningKey {
    /// The P-256 key of this PKCS#8 document (RFC 5208, RFC 5915), in DER.
    ///
    /// # Errors
    /// [`JwkError::InvalidKey`].
    pub fn es256(pkcs8: &[u8]) -> Result<Self, JwkError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
            .map_err(|_| JwkError::InvalidKey)?;
        let public = VerificationKey::new(Jwk::P256(P256PublicKey::from_sec1(pair.public_key().as_ref())?))?;
        Ok(Self { pair: Pair::Es256(Box::new(pair)), public })
    }

    /// A new P-256 key as a PKCS#8 document, to be kept and given to [`es256`](Self::es256).
    ///
    /// # Errors
    /// [`SignerError::Refused`] when the system has no randomness.
    pub fn generate_es256() -> Result<Zeroizing<Vec<u8>>, SignerError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(Zeroizing::new(document.map_err(no_randomness)?.as_ref().to_vec()))
    }

    /// The RSA key of this PKCS#8 document (RFC 5208, RFC 8017), in DER: two primes, 2048 to 4096 bits.
    ///
    /// # Errors
    /// [`JwkError::InvalidKey`].
    pub fn rs256(pkcs8: &[u8]) -> Result<Self, JwkError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| JwkError::InvalidKey)?;
        let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
        let public = VerificationKey::new(Jwk::Rsa(RsaPublicKey::new(&n, &e)?))?;
        Ok(Self { pair: Pair::Rs256(Box::new(pair)), public })
    }

    /// The algorithm that it signs with.
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public part.
    pub const fn verification_key(&self) -> &VerificationKey {
        &self.public
    }

    /// Signs the bytes, as a JWS has it.
    ///
    /// # Errors
    /// [`SignerError::Refused`] when the system has no randomness.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, SignerError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Es256(pair) => Ok(pair.sign(&random, bytes).map_err(no_randomness)?.as_ref().to_vec()),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).map_err(no_randomness)?;
                Ok(signature)
            }
        }
    }
}

fn no_randomness(_: ring::error::Unspecified) -> SignerError {
    SignerError::Refused { reason: "the system gave no randomness".into() }
}

impl fmt::Debug for JwtSigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JwtSigningKey({})", self.algorithm().name())
    }
}
