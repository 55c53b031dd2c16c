//! Client secrets: 256 random bits, shown once, and kept as HMAC-SHA-256 under a master key that is kept elsewhere.
//!
//! A slow hash is for what people make up. Of 256 random bits none can be guessed, and a copy of the database alone lets nobody try.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Random;

const TAG: &[u8] = b"marque:gateway:client-secret:1";

/// The key that secrets are kept under. It is wiped when it is dropped, and never shown.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// The key of these bytes, which must be random and kept apart from the database.
    pub const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// What is kept of a client's secret.
    pub(crate) fn mac(&self, client_id: &str, secret: &str) -> Option<[u8; 32]> {
        let mut mac = keyed(&self.0);
        mac.update(TAG);
        // No client's id has this byte: nothing can be moved from the one part to the other.
        for part in [client_id, "\0", secret] {
            mac.update(part.as_bytes());
        }
        Some(mac.finalize().into_bytes().into())
    }

    /// A key for another purpose, which its tag names. Who has it learns nothing of this one, and nothing of those of other tags. Tags are
    /// constants, and none is the beginning of another.
    pub(crate) fn derive(&self, tag: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut mac = keyed(&self.0);
        mac.update(tag);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

/// HMAC-SHA-256 with a key of 32 bytes.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // A key is filled up to a block with zeros (RFC 2104, section 2); with a block, the library can't fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    Hmac::new((&*block).into())
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey(..)")
    }
}

/// A new secret; `None` without randomness.
pub(crate) fn generate(random: &dyn Random) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(&mut *bytes).then(|| Zeroizing::new(BASE64URL_NOPAD.encode(&*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn key(byte: u8) -> MasterKey {
        MasterKey::new(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn what_is_kept_depends_on_key_client_and_secret() {
        let kept = key(1).mac("0oa1", "secret");
        assert!(kept.is_some());
        assert_eq!(kept, key(1).mac("0oa1", "secret"));
        for other in [key(2).mac("0oa1", "secret"), key(1).mac("0oa2", "secret"), key(1).mac("0oa1", "Secret")] {
            assert_ne!(kept, other);
        }
        assert_ne!(key(1).mac("0oa1", "2"), key(1).mac("0oa12", ""));
    }

    #[test]
    fn derived_keys_are_those_of_the_standard() {
        // RFC 4231, section 4.2, with its key of 20 bytes: the rest of a key is zeros.
        let mut bytes = [0; 32];
        bytes[..20].fill(0x0b);
        let derived = MasterKey::new(Zeroizing::new(bytes)).derive(b"Hi There");
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(data_encoding::HEXLOWER.encode(&*derived), expected);
        assert_ne!(key(1).derive(b"a"), key(1).derive(b"b"));
        assert_ne!(key(1).derive(b"a"), key(2).derive(b"a"));
    }

    #[test]
    fn a_secret_has_256_bits_and_is_not_shown() {
        let (first, second) = (generate(&SystemRandom).unwrap(), generate(&SystemRandom).unwrap());
        assert_eq!(BASE64URL_NOPAD.decode(first.as_bytes()).unwrap().len(), 32);
        assert_ne!(first, second);
        assert_eq!(format!("{:?}", key(7)), "MasterKey(..)");
    }
}
