//! Secrets sealed at rest: XChaCha20-Poly1305 under a key that is derived from the master key. Each is bound to its place, so that none
//! can be put in another's.

use chacha20poly1305::{
    AeadInPlace, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{self},
};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::{MasterKey, Random};

const TAG: &[u8] = b"marque:gateway:sealed:1";
/// The only form there is so far.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const MAC_BYTES: usize = 16;
/// The largest secret, in bytes: an RSA key of 4096 bits takes about 2400.
const SECRET_BYTES_MAX: usize = 8192;

/// Why a secret can't be sealed or opened. What it is, no error says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
    /// The secret is too long.
    #[error("a secret has {SECRET_BYTES_MAX} bytes at most")]
    TooLong,
    /// The text is not in the form of a sealed secret.
    #[error("this is no sealed secret, or it was cut off: restore it from a backup")]
    Malformed,
    /// It was written by a newer version.
    #[error("the secret is sealed in a form that this version does not know: use the version that sealed it")]
    UnknownVersion,
    /// It was sealed under another master key or for another place, or it was changed.
    #[error(
        "the secret can't be opened: it was sealed under another master key or for another place, or it was changed"
    )]
    Refused,
}

/// Where a secret belongs: its kind, and its id among those of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// What it is, such as `key`.
    pub kind: &'a str,
    /// Whose it is.
    pub id: &'a str,
}

impl Place<'_> {
    /// The length comes first: no two places have the same bytes.
    fn bytes(self) -> Vec<u8> {
        [&(self.kind.len() as u64).to_be_bytes()[..], self.kind.as_bytes(), self.id.as_bytes()].concat()
    }
}

/// A sealed secret: a version, a nonce, and the ciphertext with its tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Seals a secret of at most 8192 bytes for a place.
    ///
    /// # Errors
    /// [`SealedError::TooLong`], [`SealedError::NoRandomness`].
    pub fn seal(
        master_key: &MasterKey,
        random: &dyn Random,
        place: Place<'_>,
        secret: &[u8],
    ) -> Result<Self, SealedError> {
        if secret.len() > SECRET_BYTES_MAX {
            return Err(SealedError::TooLong);
        }
        let mut nonce = [0; NONCE_BYTES];
        if !random.fill(&mut nonce) {
            return Err(SealedError::NoRandomness);
        }
        let mut secret = Zeroizing::new(secret.to_vec());
        let tag = cipher(master_key).encrypt_in_place_detached(&nonce.into(), &place.bytes(), &mut secret);
        let tag = tag.map_err(|aead::Error| SealedError::TooLong)?;
        Ok(Self([&[VERSION][..], &nonce, &secret, &tag].concat()))
    }

    /// The secret.
    ///
    /// # Errors
    /// [`SealedError::Malformed`], [`SealedError::UnknownVersion`], [`SealedError::Refused`].
    pub fn open(&self, master_key: &MasterKey, place: Place<'_>) -> Result<Zeroizing<Vec<u8>>, SealedError> {
        let (nonce, rest) = self.0.get(1..).and_then(|rest| rest.split_at_checked(NONCE_BYTES)).ok_or(MALFORMED)?;
        let length = rest.len().checked_sub(MAC_BYTES).ok_or(MALFORMED)?;
        let (ciphertext, tag) = rest.split_at(length);
        let mut secret = Zeroizing::new(ciphertext.to_vec());
        let nonce = XNonce::from_slice(nonce);
        let opened = cipher(master_key).decrypt_in_place_detached(nonce, &place.bytes(), &mut secret, tag.into());
        opened.map_err(|aead::Error| SealedError::Refused)?;
        Ok(secret)
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`SealedError::Malformed`], [`SealedError::UnknownVersion`].
    pub fn from_text(text: &str) -> Result<Self, SealedError> {
        let bytes_max = 1 + NONCE_BYTES + SECRET_BYTES_MAX + MAC_BYTES;
        if text.len() > BASE64URL_NOPAD.encode_len(bytes_max) {
            return Err(MALFORMED);
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| MALFORMED)?;
        match bytes.first() {
            Some(&VERSION) if bytes.len() > NONCE_BYTES + MAC_BYTES => Ok(Self(bytes)),
            Some(&VERSION) | None => Err(MALFORMED),
            Some(_) => Err(SealedError::UnknownVersion),
        }
    }

    /// Base64url without padding.
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

const MALFORMED: SealedError = SealedError::Malformed;

fn cipher(master_key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*master_key.derive(TAG)).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    const PLACE: Place<'_> = Place { kind: "key", id: "default/a" };
    const SECRET: &[u8] = b"thirty-two bytes of a signing key";

    fn key(byte: u8) -> MasterKey {
        MasterKey::new(Zeroizing::new([byte; 32]))
    }

    fn sealed() -> Sealed {
        Sealed::seal(&key(1), &SystemRandom, PLACE, SECRET).unwrap()
    }

    #[test]
    fn what_is_sealed_is_opened_again_through_its_text() {
        for secret in [SECRET, b"", &[7; SECRET_BYTES_MAX]] {
            let sealed = Sealed::seal(&key(1), &SystemRandom, PLACE, secret).unwrap();
            let read = Sealed::from_text(&sealed.to_text()).unwrap();
            assert_eq!(read, sealed);
            assert_eq!(**read.open(&key(1), PLACE).unwrap(), *secret);
        }
        assert_ne!(sealed(), sealed(), "each has its own nonce");
        let too_long = Sealed::seal(&key(1), &SystemRandom, PLACE, &[7; SECRET_BYTES_MAX + 1]);
        assert_eq!(too_long, Err(SealedError::TooLong));
    }

    #[test]
    fn another_key_or_place_opens_nothing() {
        assert_eq!(sealed().open(&key(2), PLACE), Err(SealedError::Refused));
        for place in [("key", "default/b"), ("ke", "ydefault/a"), ("keyd", "efault/a"), ("", "keydefault/a")] {
            let place = Place { kind: place.0, id: place.1 };
            assert_eq!(sealed().open(&key(1), place), Err(SealedError::Refused), "{place:?}");
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let Sealed(bytes) = sealed();
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let opened = Sealed::from_text(&BASE64URL_NOPAD.encode(&bytes)).and_then(|it| it.open(&key(1), PLACE));
            let expected = if bit < 8 { SealedError::UnknownVersion } else { SealedError::Refused };
            assert_eq!(opened, Err(expected), "bit {bit}");
        }
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_refused() {
        let Sealed(bytes) = sealed();
        for length in 0..bytes.len() {
            let opened =
                Sealed::from_text(&BASE64URL_NOPAD.encode(&bytes[..length])).and_then(|it| it.open(&key(1), PLACE));
            let expected = if length <= NONCE_BYTES + MAC_BYTES { MALFORMED } else { SealedError::Refused };
            assert_eq!(opened, Err(expected), "{length}");
        }
        let text = sealed().to_text();
        for text in [format!("{text}="), format!(" {text}"), text.replace(&text[..1], "+"), "A".repeat(100_000)] {
            assert_eq!(Sealed::from_text(&text), Err(MALFORMED));
        }
    }

    #[test]
    fn without_randomness_nothing_is_sealed() {
        struct None_;
        impl Random for None_ {
            fn fill(&self, _: &mut [u8]) -> bool {
                false
            }
        }
        assert_eq!(Sealed::seal(&key(1), &None_, PLACE, SECRET), Err(SealedError::NoRandomness));
    }
}
