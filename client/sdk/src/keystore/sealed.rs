//! A key sealed at rest: Argon2id (RFC 9106) over the passphrase, XChaCha20-Poly1305 over the seed.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::AeadInPlace};
use parity_scale_codec::Encode;
use rand::{RngCore, rngs::OsRng};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{KeyName, Passphrase};
use crate::signer::{Scheme, Seed};

/// The format's version.
const VERSION: u32 = 1;
const AAD_TAG: &[u8] = b"marque:keystore:v1";
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
const SEED_BYTES: usize = 32;
const TAG_BYTES: usize = 16;

/// What Argon2id costs. A file states its own, within these bounds, so that a hostile one costs at most 256 MiB and some
/// seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealParams {
    /// Memory in KiB: 8 to 262 144. Default 65 536 (64 MiB).
    pub memory_kib: u32,
    /// Passes over the memory: 1 to 10. Default 3.
    pub iterations: u32,
    /// Lanes: 1 to 4. Default 1.
    pub parallelism: u32,
}

impl Default for SealParams {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, iterations: 3, parallelism: 1 }
    }
}

impl SealParams {
    const MEMORY_KIB_MAX: u32 = 256 * 1024;
    const ITERATIONS_MAX: u32 = 10;
    const PARALLELISM_MAX: u32 = 4;

    /// Checks the bounds.
    ///
    /// # Errors
    /// Says which number is out of bounds.
    pub(super) fn checked(self) -> Result<Params, String> {
        if self.memory_kib > Self::MEMORY_KIB_MAX {
            return Err(format!("memoryKib is above {}", Self::MEMORY_KIB_MAX));
        }
        if self.iterations > Self::ITERATIONS_MAX {
            return Err(format!("iterations is above {}", Self::ITERATIONS_MAX));
        }
        if self.parallelism > Self::PARALLELISM_MAX {
            return Err(format!("parallelism is above {}", Self::PARALLELISM_MAX));
        }
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(SEED_BYTES))
            .map_err(|error| error.to_string())
    }
}

/// The content of a key file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SealedKey {
    version: u32,
    pub(super) name: String,
    scheme: String,
    #[serde(with = "hex_bytes")]
    pub(super) public_key: [u8; 32],
    kdf: String,
    params: SealParams,
    #[serde(with = "hex_bytes")]
    salt: [u8; SALT_BYTES],
    cipher: String,
    #[serde(with = "hex_bytes")]
    nonce: [u8; NONCE_BYTES],
    #[serde(with = "hex_bytes")]
    sealed_seed: [u8; SEED_BYTES + TAG_BYTES],
}

const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20-poly1305";

impl SealedKey {
    /// Seals a seed.
    ///
    /// # Errors
    /// Says which parameter is out of bounds.
    pub(super) fn seal(
        name: &KeyName,
        scheme: Scheme,
        public_key: [u8; 32],
        seed: &Seed,
        passphrase: &Passphrase,
        params: SealParams,
    ) -> Result<Self, String> {
        let mut sealed = Self {
            version: VERSION,
            name: name.to_string(),
            scheme: scheme_name(scheme).to_owned(),
            public_key,
            kdf: KDF.to_owned(),
            params,
            salt: [0; SALT_BYTES],
            cipher: CIPHER.to_owned(),
            nonce: [0; NONCE_BYTES],
            sealed_seed: [0; SEED_BYTES + TAG_BYTES],
        };
        OsRng.fill_bytes(&mut sealed.salt);
        OsRng.fill_bytes(&mut sealed.nonce);
        let cipher = sealed.cipher(passphrase)?;
        let mut bytes = Zeroizing::new(*seed.expose());
        let tag = cipher
            .encrypt_in_place_detached(XNonce::from_slice(&sealed.nonce), &sealed.bound(), bytes.as_mut_slice())
            .map_err(|error| error.to_string())?;
        let (seed_part, tag_part) = sealed.sealed_seed.split_at_mut(SEED_BYTES);
        seed_part.copy_from_slice(bytes.as_slice());
        tag_part.copy_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens the seal; `Ok(None)` when the passphrase is wrong or something was changed.
    ///
    /// # Errors
    /// Says which parameter is out of bounds.
    pub(super) fn open(&self, passphrase: &Passphrase) -> Result<Option<Seed>, String> {
        let cipher = self.cipher(passphrase)?;
        let (seed_part, tag_part) = self.sealed_seed.split_at(SEED_BYTES);
        let mut bytes = Zeroizing::new([0; SEED_BYTES]);
        bytes.copy_from_slice(seed_part);
        let opened = cipher.decrypt_in_place_detached(
            XNonce::from_slice(&self.nonce),
            &self.bound(),
            bytes.as_mut_slice(),
            tag_part.into(),
        );
        Ok(opened.is_ok().then(|| Seed::from_bytes(&bytes)))
    }

    /// Reads a file's content. What is read must be, byte for byte, what would be written: nothing in a key file may vary
    /// without breaking its seal.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let sealed: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if sealed.version != VERSION {
            return Err(format!("its version is {}, not {VERSION}", sealed.version));
        }
        if sealed.kdf != KDF || sealed.cipher != CIPHER {
            return Err(format!("only {KDF} and {CIPHER} are known"));
        }
        sealed.scheme()?;
        sealed.params.checked()?;
        if sealed.to_bytes()? != bytes {
            return Err("it was written by something else".to_owned());
        }
        Ok(sealed)
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| error.to_string())?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    pub(super) fn scheme(&self) -> Result<Scheme, String> {
        match self.scheme.as_str() {
            "ed25519" => Ok(Scheme::Ed25519),
            "sr25519" => Ok(Scheme::Sr25519),
            _ => Err("its scheme is neither ed25519 nor sr25519".to_owned()),
        }
    }

    fn cipher(&self, passphrase: &Passphrase) -> Result<XChaCha20Poly1305, String> {
        let params = self.params.checked()?;
        let mut key = Zeroizing::new([0; SEED_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, key.as_mut_slice())
            .map_err(|error| error.to_string())?;
        Ok(XChaCha20Poly1305::new(key.as_slice().into()))
    }

    /// What the seal binds beside the seed: a file can't be passed off as another key's.
    fn bound(&self) -> Vec<u8> {
        let params = (self.params.memory_kib, self.params.iterations, self.params.parallelism);
        (AAD_TAG, self.version, &self.name, &self.scheme, self.public_key, &self.kdf, params, self.salt).encode()
    }
}

const fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Ed25519 => "ed25519",
        Scheme::Sr25519 => "sr25519",
    }
}

/// Bytes as lowercase hexadecimal text.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        let mut bytes = [0; N];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes).map_err(D::Error::custom)?;
        Ok(bytes)
    }
}
