//! Public keys as Multikey text (Controlled Identifiers 1.0, section 2.2.2): `z`, then base58btc of a two-byte multicodec
//! prefix and the key.

use marque_primitives::PublicKey;

const ED25519: [u8; 2] = [0xed, 0x01];
const SR25519: [u8; 2] = [0xef, 0x01];
const X25519: [u8; 2] = [0xec, 0x01];
const P256: [u8; 2] = [0x80, 0x24];
/// `z`, then base58btc of 35 bytes at most: 48 characters.
const TEXT_BYTES_MAX: usize = 1 + 48;

/// The key's Multikey text.
pub fn encode_multikey(key: &PublicKey) -> String {
    let prefix = match key {
        PublicKey::Ed25519(_) => ED25519,
        PublicKey::Sr25519(_) => SR25519,
        PublicKey::X25519(_) => X25519,
        PublicKey::P256(_) => P256,
    };
    format!("z{}", bs58::encode([&prefix, key.as_bytes()].concat()).into_string())
}

/// Reads a key's Multikey text. `None` when it is none, of a type that Marque does not know, or of the wrong length.
pub fn decode_multikey(text: &str) -> Option<PublicKey> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let bytes = bs58::decode(text.strip_prefix('z')?).into_vec().ok()?;
    let (prefix, key) = bytes.split_first_chunk::<2>()?;
    match *prefix {
        ED25519 => key.try_into().ok().map(PublicKey::Ed25519),
        SR25519 => key.try_into().ok().map(PublicKey::Sr25519),
        X25519 => key.try_into().ok().map(PublicKey::X25519),
        P256 => key.try_into().ok().map(PublicKey::P256),
        _ => None,
    }
}
