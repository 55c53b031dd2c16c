//! `did:marque` identifiers (W3C DID 1.1, section 3.1) and their one text.
//!
//! `did:marque:<registry-id>:<device-id>`: the registry id is 16 lowercase base32 characters (RFC 4648, section 6, without
//! padding); the device id is `z` and the base58btc form of `0xed01` and the device's initial Ed25519 public key, as in did:key.
//! Contracts read DIDs in tokens, so this is written for them: fixed sizes, and no more code than that takes.

use alloc::string::String;

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::ids::{DeviceId, RegistryId};

/// The DID of a device: `did:marque:<registry-id>:<device-id>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
pub struct Did {
    /// The registry that it is in.
    pub registry: RegistryId,
    /// The device.
    pub device: DeviceId,
}

impl Did {
    /// What each `did:marque` DID begins with.
    pub const PREFIX: &'static str = "did:marque:";
    /// Bytes of the text: no DID is longer or shorter.
    pub const TEXT_BYTES: usize = Self::PREFIX.len() + RegistryId::TEXT_BYTES + 1 + DeviceId::TEXT_BYTES;

    /// Reads a DID. There is one text for each: other case, other lengths and whatever comes before or after are refused. Whether
    /// the bytes of the device id are a usable key is the registry's to say.
    pub fn from_text(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(Self::PREFIX)?;
        let (registry, device) = rest.split_at_checked(RegistryId::TEXT_BYTES)?;
        Some(Self {
            registry: RegistryId::from_text(registry)?,
            device: DeviceId::from_text(device.strip_prefix(':')?)?,
        })
    }

    /// The DID as text.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(Self::TEXT_BYTES);
        text.push_str(Self::PREFIX);
        self.registry.write_text(&mut text);
        text.push(':');
        self.device.write_text(&mut text);
        text
    }
}

/// RFC 4648, section 6, in lower case.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl RegistryId {
    /// Bytes of the text. Ten bytes are exactly sixteen characters: no trailing bits are left that could differ.
    pub const TEXT_BYTES: usize = 16;

    /// Reads a registry id: 16 lowercase base32 characters.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() != Self::TEXT_BYTES {
            return None;
        }
        let mut id = [0; 10];
        for (bytes, digits) in id.chunks_mut(5).zip(text.as_bytes().chunks(8)) {
            let mut bits: u64 = 0;
            for digit in digits {
                bits = bits << 5 | u64::from(base32_digit(*digit)?);
            }
            bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(Self(id))
    }

    /// The registry id as text.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(Self::TEXT_BYTES);
        self.write_text(&mut text);
        text
    }

    fn write_text(&self, text: &mut String) {
        for bytes in self.0.chunks(5) {
            let bits = bytes.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
            for shift in (0..40).step_by(5).rev() {
                text.push(char::from(BASE32[(bits >> shift) as usize & 31]));
            }
        }
    }
}

fn base32_digit(byte: u8) -> Option<u8> {
    match byte {
        b'a'..=b'z' => Some(byte.wrapping_sub(b'a')),
        b'2'..=b'7' => Some(byte.wrapping_sub(b'2').wrapping_add(26)),
        _ => None,
    }
}

/// The base58btc alphabet.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The multicodec prefix of an Ed25519 public key (`ed25519-pub` as a varint).
const ED25519_PREFIX: u32 = 0xed01;
/// Base58 characters of a prefixed key. As the prefix is no zero, all of them have this many.
const BASE58_CHARS: usize = 47;
/// Base58 digits that are worked on at once: the most whose value fits 32 bits.
const CHUNK: usize = 5;
/// The prefixed key's 34 bytes as a number: 32-bit limbs, the lowest first.
type Limbs = [u32; 9];

impl DeviceId {
    /// Bytes of the text.
    pub const TEXT_BYTES: usize = 1 + BASE58_CHARS;

    /// Reads a device id: `z` and 47 base58btc characters of an Ed25519 public key, as in did:key. Whether the bytes are a usable
    /// key is not looked at.
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('z')?.as_bytes();
        if digits.len() != BASE58_CHARS {
            return None;
        }
        let mut limbs: Limbs = [0; 9];
        for chunk in digits.chunks(CHUNK) {
            let (mut scale, mut value) = (1u64, 0u64);
            for digit in chunk {
                scale = scale.wrapping_mul(58);
                value = value.wrapping_mul(58).wrapping_add(base58_digit(*digit)?);
            }
            // 47 digits are below 2^276, and the limbs have room for 2^288: nothing is carried out at the end.
            for limb in &mut limbs {
                let product = u64::from(*limb).wrapping_mul(scale).wrapping_add(value);
                *limb = product as u32;
                value = product >> 32;
            }
        }
        let [key @ .., prefix] = limbs;
        if prefix != ED25519_PREFIX {
            return None;
        }
        let mut id = [0; 32];
        for (bytes, limb) in id.chunks_mut(4).zip(key.iter().rev()) {
            bytes.copy_from_slice(&limb.to_be_bytes());
        }
        Some(Self(id))
    }

    /// The device id as text.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(Self::TEXT_BYTES);
        self.write_text(&mut text);
        text
    }

    fn write_text(&self, text: &mut String) {
        let mut limbs: Limbs = [ED25519_PREFIX; 9];
        for (limb, bytes) in limbs.iter_mut().zip(self.0.rchunks(4)) {
            let mut word = [0; 4];
            word.copy_from_slice(bytes);
            *limb = u32::from_be_bytes(word);
        }
        let mut digits = [0; BASE58_CHARS];
        for chunk in digits.rchunks_mut(CHUNK) {
            let mut value = divide(&mut limbs, 58u64.pow(CHUNK as u32));
            for digit in chunk.iter_mut().rev() {
                *digit = BASE58[(value % 58) as usize];
                value /= 58;
            }
        }
        text.push('z');
        digits.iter().for_each(|digit| text.push(char::from(*digit)));
    }
}

/// Divides the number, and gives the remainder.
fn divide(limbs: &mut Limbs, by: u64) -> u64 {
    limbs.iter_mut().rev().fold(0, |remainder, limb| {
        let dividend = remainder << 32 | u64::from(*limb);
        *limb = (dividend / by) as u32;
        dividend % by
    })
}

/// The value of a base58btc character: the alphabet in its runs, which is less code than a table and less work than a search.
fn base58_digit(byte: u8) -> Option<u64> {
    let (first, value) = match byte {
        b'1'..=b'9' => (b'1', 0),
        b'A'..=b'H' => (b'A', 9),
        b'J'..=b'N' => (b'J', 17),
        b'P'..=b'Z' => (b'P', 22),
        b'a'..=b'k' => (b'a', 33),
        b'm'..=b'z' => (b'm', 44),
        _ => return None,
    };
    Some(u64::from(byte.wrapping_sub(first).wrapping_add(value)))
}
