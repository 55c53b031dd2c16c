//! Randomness, injected, and the ids that are made of it.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

/// A source of randomness that nobody can guess.
pub trait Random: Send + Sync {
    /// Fills the bytes; `false` if there is no randomness.
    fn fill(&self, bytes: &mut [u8]) -> bool;
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        rand::RngCore::try_fill_bytes(&mut rand::rngs::OsRng, bytes).is_ok()
    }
}

/// A token's id, with 192 random bits, as Okta's look.
pub(crate) fn token_id(random: &dyn Random) -> Option<String> {
    let mut bytes = [0; 24];
    random.fill(&mut bytes).then(|| format!("AT.{}", BASE64URL_NOPAD.encode(&bytes)))
}

/// The id of an operator's access token, with 96 random bits.
pub(crate) fn operator_id(random: &dyn Random) -> Option<String> {
    let mut bytes = [0; 12];
    random.fill(&mut bytes).then(|| format!("00T{}", BASE64URL_NOPAD.encode(&bytes)))
}

/// An application's client id, with 96 random bits, as Okta's look.
pub(crate) fn client_id(random: &dyn Random) -> Option<String> {
    let mut bytes = [0; 12];
    random.fill(&mut bytes).then(|| format!("0oa{}", BASE64URL_NOPAD.encode(&bytes)))
}

/// A random UUID (RFC 9562, section 5.4).
pub(crate) fn uuid(random: &dyn Random) -> Option<String> {
    let mut bytes = [0; 16];
    if !random.fill(&mut bytes) {
        return None;
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = HEXLOWER.encode(&bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Some(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_forms() {
        let id = token_id(&SystemRandom).unwrap();
        assert!(marque_sdk::primitives::access::is_token_id(&id), "{id}");
        let uuid = uuid(&SystemRandom).unwrap();
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn without_randomness_there_are_none() {
        struct None_;
        impl Random for None_ {
            fn fill(&self, _: &mut [u8]) -> bool {
                false
            }
        }
        assert_eq!((token_id(&None_), uuid(&None_)), (None, None));
    }
}
