//! Public keys, what they may be used for, and which encodings are refused.

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    error::Error,
    field::{D, Element},
    ids::{AccountId, KeyId, TimestampMs},
};

/// A device's public key, by type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub enum PublicKey {
    /// Ed25519 (RFC 8032): the default.
    Ed25519([u8; 32]),
    /// Sr25519: cheap to verify on chain.
    Sr25519([u8; 32]),
    /// X25519 (RFC 7748), for key agreement alone.
    X25519([u8; 32]),
    /// P-256, compressed (SEC 1, section 2.3.3): secure elements. Stored on chain, verified off chain.
    P256([u8; 33]),
}

/// The type of a [`PublicKey`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyType {
    /// Ed25519.
    Ed25519,
    /// Sr25519.
    Sr25519,
    /// X25519.
    X25519,
    /// P-256.
    P256,
}

impl PublicKey {
    /// The key's type.
    pub const fn key_type(&self) -> KeyType {
        match self {
            Self::Ed25519(_) => KeyType::Ed25519,
            Self::Sr25519(_) => KeyType::Sr25519,
            Self::X25519(_) => KeyType::X25519,
            Self::P256(_) => KeyType::P256,
        }
    }

    /// The key's bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) | Self::Sr25519(bytes) | Self::X25519(bytes) => bytes,
            Self::P256(bytes) => bytes,
        }
    }

    /// The account that this key signs extrinsics for, if keys of its type can.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Ed25519(bytes) | Self::Sr25519(bytes) => Some(AccountId(*bytes)),
            Self::X25519(_) | Self::P256(_) => None,
        }
    }

    /// Checks that the bytes are the one canonical encoding of a usable key.
    ///
    /// For P-256 this checks the form and the range of `x`, not that the point is on the curve: the chain
    /// never verifies with such a key, and who does must decode it first.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] when the bytes are no point, not canonical, or of small order.
    pub fn validate(&self) -> Result<(), Error> {
        let valid = match self {
            Self::Ed25519(bytes) => is_valid_ed25519(bytes),
            Self::Sr25519(bytes) => is_valid_sr25519(bytes),
            Self::X25519(bytes) => is_valid_x25519(bytes),
            Self::P256(bytes) => is_well_formed_p256(bytes),
        };
        if valid { Ok(()) } else { Err(Error::InvalidKey) }
    }
}

/// Verification relationships (DID Core 1.0, section 5.3) as flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Relationships(pub u8);

impl Relationships {
    /// Proves who the device is.
    pub const AUTHENTICATION: Self = Self(1);
    /// Signs statements and tokens.
    pub const ASSERTION_METHOD: Self = Self(2);
    /// Agrees on keys for encryption. X25519 keys have this one, and no other key has it.
    pub const KEY_AGREEMENT: Self = Self(4);
    /// Changes the device's own record.
    pub const CAPABILITY_INVOCATION: Self = Self(8);
    /// Names delegates, where the device is its own controller.
    pub const CAPABILITY_DELEGATION: Self = Self(16);
    /// What a device's initial key is for: all but key agreement.
    pub const INITIAL: Self = Self(1 | 2 | 8 | 16);

    const ALL: u8 = 0b1_1111;

    /// Whether each relationship of `other` is among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Checks that the flags are known, not empty, and fit the key's type.
    ///
    /// # Errors
    /// [`Error::InvalidRelationships`].
    pub fn validate_for(self, key_type: KeyType) -> Result<(), Error> {
        let fits = match key_type {
            KeyType::X25519 => self == Self::KEY_AGREEMENT,
            _ => !self.contains(Self::KEY_AGREEMENT),
        };
        if self.0 != 0 && self.0 & !Self::ALL == 0 && fits { Ok(()) } else { Err(Error::InvalidRelationships) }
    }
}

/// A key to be added to a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct NewKey {
    /// The key.
    pub public_key: PublicKey,
    /// What it is for.
    pub relationships: Relationships,
}

impl NewKey {
    /// Checks the key and that its relationships fit its type.
    ///
    /// # Errors
    /// [`Error::InvalidRelationships`], then [`Error::InvalidKey`].
    pub fn validate(&self) -> Result<(), Error> {
        self.relationships.validate_for(self.public_key.key_type())?;
        self.public_key.validate()
    }
}

/// A key of a device, as the chain keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct Key {
    /// Its number within the device; the fragment of its DID URL is `#key-<id>`.
    pub id: KeyId,
    /// The key.
    pub public_key: PublicKey,
    /// What it is for.
    pub relationships: Relationships,
    /// When it was added.
    pub added_ms: TimestampMs,
    /// When it was revoked; `None` while it is current.
    pub revoked_ms: Option<TimestampMs>,
}

impl Key {
    /// Whether the key is in force.
    pub const fn is_current(&self) -> bool {
        self.revoked_ms.is_none()
    }
}

/// Whether the 255-bit little-endian number (the top bit left out) is below p = 2^255 − 19.
pub(crate) fn is_canonical_field_element(bytes: &[u8; 32]) -> bool {
    let top = bytes[31] & 0x7f;
    let high_is_all_ones = top == 0x7f && bytes[1..31].iter().all(|byte| *byte == 0xff);
    !(high_is_all_ones && bytes[0] >= 0xed)
}

/// Whether [`Ed25519Key::decode`](crate::Ed25519Key::decode) finds a point, without finding it: there is an x² = (y² − 1)/(d·y² + 1), and so a square if that times
/// the square of its denominator is one (RFC 8032, section 5.1.3). Where x = 0, y is that of a point of small order.
fn is_valid_ed25519(bytes: &[u8; 32]) -> bool {
    let y_squared = Element::of(bytes).squared();
    let numerator = y_squared.minus(Element::ONE);
    let denominator = y_squared.times(D).plus(Element::ONE);
    crate::crypto::is_strict(bytes) && numerator.times(denominator).is_square()
}

/// Whether these bytes are the one encoding of an element of ristretto255 (RFC 9496, section 4.3.1) that is not the identity: its group
/// has prime order, so that no other element is weak.
fn is_valid_sr25519(bytes: &[u8; 32]) -> bool {
    let s = Element::of(bytes);
    let is_canonical = bytes[31] & 0x80 == 0 && is_canonical_field_element(bytes) && !s.is_negative();
    is_canonical && *bytes != [0; 32] && is_even_point(s)
}

/// The rest of RFC 9496, section 4.3.1: for 1/√(v·u2²) there is a point, whose t is not negative and whose y is not zero.
fn is_even_point(s: Element) -> bool {
    let s_squared = s.squared();
    let (u1, u2) = (Element::ONE.minus(s_squared), Element::ONE.plus(s_squared));
    let u2_squared = u2.squared();
    let v = D.times(u1.squared()).plus(u2_squared).negated();
    let Some(inverse) = v.times(u2_squared).inverse_square_root() else { return false };
    let den_x = inverse.times(u2);
    let den_y = inverse.times(den_x).times(v);
    let x = s.plus(s).times(den_x);
    let x = if x.is_negative() { x.negated() } else { x };
    let y = u1.times(den_y);
    !x.times(y).is_negative() && !y.is_zero()
}

/// The u-coordinates of the points of small order on Curve25519 and its twist that are canonical (RFC 7748, section 6.1, and
/// <https://cr.yp.to/ecdh.html#validate>).
const X25519_SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
];

fn is_valid_x25519(bytes: &[u8; 32]) -> bool {
    bytes[31] & 0x80 == 0 && is_canonical_field_element(bytes) && !X25519_SMALL_ORDER.contains(bytes)
}

/// p = 2^256 − 2^224 + 2^192 + 2^96 − 1, big-endian.
const P256_FIELD_PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff,
];

fn is_well_formed_p256(bytes: &[u8; 33]) -> bool {
    matches!(bytes[0], 2 | 3) && bytes[1..] < P256_FIELD_PRIME[..]
}
