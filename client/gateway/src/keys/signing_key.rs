//! A signing key in memory, and how new ones are made.

use std::fmt;

use marque_sdk::{
    Account, Seed, Signer,
    primitives::{PublicKey, access::IssuerKeyId, token::IssuerKeyRef},
    token::{Algorithm, Jwk, JwtSigningKey},
};
use rsa::{RsaPrivateKey, pkcs8::EncodePrivateKey};
use zeroize::Zeroizing;

use super::document::KeyError;
use crate::Random;

/// The size of new RSA keys, in bits: what all services know.
const RSA_BITS: usize = 2048;

/// A key that signs tokens. Its private part is wiped when it is dropped where the library can, and never shown.
pub struct SigningKey {
    key_id: String,
    secret: Secret,
}

pub(crate) enum Secret {
    /// The chain knows it by this name, once it is there.
    Ed25519(Account, Option<IssuerKeyRef>),
    Jwt(JwtSigningKey),
}

impl SigningKey {
    /// The key of this name and secret: a seed for EdDSA (RFC 8032), else PKCS#8 in DER. `None` if it is none of that algorithm.
    pub(crate) fn new(algorithm: Algorithm, key_id: String, secret: &[u8]) -> Option<Self> {
        let secret = match algorithm {
            Algorithm::EdDsa => {
                let seed = Zeroizing::new(<[u8; 32]>::try_from(secret).ok()?);
                Secret::Ed25519(Account::ed25519(&Seed::from_bytes(&seed)), IssuerKeyRef::from_text(&key_id))
            }
            Algorithm::Es256 => Secret::Jwt(JwtSigningKey::es256(secret).ok()?),
            Algorithm::Rs256 => Secret::Jwt(JwtSigningKey::rs256(secret).ok()?),
        };
        Some(Self { key_id, secret })
    }

    /// `kid`.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// By what it signs.
    pub const fn algorithm(&self) -> Algorithm {
        match &self.secret {
            Secret::Ed25519(..) => Algorithm::EdDsa,
            Secret::Jwt(key) => key.algorithm(),
        }
    }

    /// Its public part.
    pub fn jwk(&self) -> Jwk {
        match &self.secret {
            Secret::Ed25519(account, _) => Jwk::Ed25519(account.account().0),
            Secret::Jwt(key) => key.verification_key().jwk().clone(),
        }
    }

    /// Its number on the chain and its public key there, if it is there.
    pub(crate) fn on_chain(&self) -> Option<(IssuerKeyId, PublicKey)> {
        match &self.secret {
            Secret::Ed25519(account, reference) => reference.map(|reference| (reference.key, account.public_key())),
            Secret::Jwt(_) => None,
        }
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({}, {})", self.key_id, self.algorithm().name())
    }
}

/// A private key that was made just now, to be sealed.
pub(crate) struct NewSecret {
    pub(crate) secret: Zeroizing<Vec<u8>>,
    pub(crate) jwk: Jwk,
}

impl NewSecret {
    /// A new key. The randomness is for EdDSA: the libraries that make the others take the system's.
    ///
    /// # Errors
    /// [`KeyError::NotMade`].
    pub(crate) fn generate(algorithm: Algorithm, random: &dyn Random) -> Result<Self, KeyError> {
        let secret = match algorithm {
            Algorithm::EdDsa => generate_seed(random),
            Algorithm::Es256 => JwtSigningKey::generate_es256().ok(),
            Algorithm::Rs256 => generate_rsa(),
        };
        let secret = secret.ok_or(KeyError::NotMade(algorithm))?;
        let key = SigningKey::new(algorithm, String::new(), &secret).ok_or(KeyError::NotMade(algorithm))?;
        Ok(Self { jwk: key.jwk(), secret })
    }
}

fn generate_seed(random: &dyn Random) -> Option<Zeroizing<Vec<u8>>> {
    let mut seed = Zeroizing::new(vec![0; 32]);
    random.fill(&mut seed).then_some(seed)
}

fn generate_rsa() -> Option<Zeroizing<Vec<u8>>> {
    let key = RsaPrivateKey::new(&mut rand::rngs::OsRng, RSA_BITS).ok()?;
    Some(key.to_pkcs8_der().ok()?.to_bytes())
}
