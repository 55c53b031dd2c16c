//! Public keys as JSON Web Keys (RFC 7517, RFC 7518, RFC 8037) and their thumbprints (RFC 7638).

use data_encoding::BASE64URL_NOPAD;
use marque_primitives::PublicKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use serde_json::{Map, Value, json};

use super::{error::JwkError, json};

/// The longest key or set of keys that is read, in bytes.
pub(super) const JWK_BYTES_MAX: usize = 64 * 1024;
/// Members that only private keys and shared secrets have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// The range of an RSA modulus, in bits: below, it can be broken; above, it is slow to verify for everybody.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A public key, as a JSON Web Key says it. What it is for, and its name, are beside it ([`PublishedKey`](super::PublishedKey)).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Jwk {
    /// `OKP` with `Ed25519`. The bytes are not looked at here: a [`VerificationKey`](super::VerificationKey) looks at them.
    Ed25519([u8; 32]),
    /// `OKP` with `Sr25519`, which is Marque's own: no registry has a name for it. Tokens can be bound to such a key.
    Sr25519([u8; 32]),
    /// `EC` with `P-256`.
    P256(P256PublicKey),
    /// `RSA`.
    Rsa(RsaPublicKey),
}

/// A point of P-256.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct P256PublicKey(p256::PublicKey);

impl P256PublicKey {
    /// The point of this encoding (SEC 1, section 2.3.3), compressed or not.
    ///
    /// # Errors
    /// [`JwkError::InvalidKey`] when it is none of the curve.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, JwkError> {
        // A hybrid encoding and the identity are refused by the library.
        p256::PublicKey::from_sec1_bytes(bytes).map(Self).map_err(|_| JwkError::InvalidKey)
    }

    /// The point with one coordinate, and a bit of the other.
    pub fn compressed(&self) -> [u8; 33] {
        let mut bytes = [0; 33];
        bytes.copy_from_slice(self.0.to_encoded_point(true).as_bytes());
        bytes
    }

    /// The point with both coordinates: 4, `x`, `y`.
    pub fn uncompressed(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes.copy_from_slice(self.0.to_encoded_point(false).as_bytes());
        bytes
    }
}

/// An RSA key of 2048 to 4096 bits with a usual exponent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaPublicKey {
    /// The key of this modulus and exponent, big-endian without leading zeros.
    ///
    /// # Errors
    /// [`JwkError::InvalidKey`] when the modulus is even or has less than 2048 or more than 4096 bits, or the exponent is even, below
    /// 65537 or of more than 32 bits.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, JwkError> {
        let bits = bit_len(modulus).ok_or(JwkError::InvalidKey)?;
        let exponent_bits = bit_len(exponent).ok_or(JwkError::InvalidKey)?;
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        let is_good =
            RSA_BITS.contains(&bits) && is_odd(modulus) && (17..=32).contains(&exponent_bits) && is_odd(exponent);
        if !is_good {
            return Err(JwkError::InvalidKey);
        }
        Ok(Self { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// The modulus, big-endian without leading zeros.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The public exponent, big-endian without leading zeros.
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }
}

/// Bits of a big-endian number; `None` if it has leading zeros or is empty.
fn bit_len(number: &[u8]) -> Option<usize> {
    let first = number.first().filter(|first| **first != 0)?;
    Some(number.len() * 8 - first.leading_zeros() as usize)
}

impl Jwk {
    /// Reads a key. Members that are not part of it are ignored.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn from_json(json: &str) -> Result<Self, JwkError> {
        if json.len() > JWK_BYTES_MAX {
            return Err(JwkError::NotJson);
        }
        Self::read(&json::read_object(json.as_bytes()).ok_or(JwkError::NotJson)?)
    }

    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, JwkError> {
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkError::Private);
        }
        let text = |name| members.get(name).and_then(Value::as_str);
        let part = |name| text(name).ok_or(JwkError::InvalidKey);
        match (part("kty")?, text("crv")) {
            ("OKP", Some("Ed25519")) => Ok(Self::Ed25519(decode_bytes(part("x")?).ok_or(JwkError::InvalidKey)?)),
            ("OKP", Some("Sr25519")) => Ok(Self::Sr25519(decode_bytes(part("x")?).ok_or(JwkError::InvalidKey)?)),
            ("EC", Some("P-256")) => read_p256(part("x")?, part("y")?).map(Self::P256),
            ("RSA", _) => RsaPublicKey::new(&decode(part("n")?)?, &decode(part("e")?)?).map(Self::Rsa),
            _ => Err(JwkError::UnknownType),
        }
    }

    /// The key of a device or of an authorization server.
    ///
    /// # Errors
    /// [`JwkError::InvalidKey`] when it is no point of P-256; [`JwkError::UnknownType`] for X25519, which signs nothing.
    pub fn from_public_key(key: &PublicKey) -> Result<Self, JwkError> {
        match key {
            PublicKey::Ed25519(bytes) => Ok(Self::Ed25519(*bytes)),
            PublicKey::Sr25519(bytes) => Ok(Self::Sr25519(*bytes)),
            PublicKey::P256(point) => P256PublicKey::from_sec1(point).map(Self::P256),
            PublicKey::X25519(_) => Err(JwkError::UnknownType),
        }
    }

    /// The key as one of a device; `None` for RSA, which devices do not have.
    pub fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Ed25519(bytes) => Some(PublicKey::Ed25519(*bytes)),
            Self::Sr25519(bytes) => Some(PublicKey::Sr25519(*bytes)),
            Self::P256(point) => Some(PublicKey::P256(point.compressed())),
            Self::Rsa(_) => None,
        }
    }

    /// The members that make the key, and no others: in the order of their names, which is what a thumbprint is taken of.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Ed25519(x) => json!({ "crv": "Ed25519", "kty": "OKP", "x": encode_bytes(x) }),
            Self::Sr25519(x) => json!({ "crv": "Sr25519", "kty": "OKP", "x": encode_bytes(x) }),
            Self::P256(point) => {
                let bytes = point.uncompressed();
                let (x, y) = bytes[1..].split_at(32);
                json!({ "crv": "P-256", "kty": "EC", "x": encode_bytes(x), "y": encode_bytes(y) })
            }
            Self::Rsa(key) => {
                json!({ "e": encode_bytes(&key.exponent), "kty": "RSA", "n": encode_bytes(&key.modulus) })
            }
        }
    }

    /// The SHA-256 thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> [u8; 32] {
        // They are in order there, and this writes them without whitespace.
        let digest = ring::digest::digest(&ring::digest::SHA256, self.to_json().to_string().as_bytes());
        let mut thumbprint = [0; 32];
        thumbprint.copy_from_slice(digest.as_ref());
        thumbprint
    }
}

fn read_p256(x: &str, y: &str) -> Result<P256PublicKey, JwkError> {
    let coordinate = |text| decode_bytes::<32>(text).ok_or(JwkError::InvalidKey);
    P256PublicKey::from_sec1(&[&[4][..], &coordinate(x)?, &coordinate(y)?].concat())
}

fn decode(text: &str) -> Result<Vec<u8>, JwkError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| JwkError::InvalidKey)
}

/// Base64url without padding, as all of JOSE has it.
pub(super) fn encode_bytes(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// This many bytes, in their one form.
pub(super) fn decode_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}
