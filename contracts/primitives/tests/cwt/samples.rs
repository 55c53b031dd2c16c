//! What the tokens of [`crate::vectors`] say.

use marque_primitives::{
    DeviceId, Did, PublicKey, RegistryId, Scheme, Signature,
    token::{Claims, Confirmation, IssuerKeyRef},
};

/// A token and what it says.
pub struct Sample {
    /// What is signed, in hexadecimal.
    pub signed_bytes: &'static str,
    /// The token, in hexadecimal.
    pub cwt: &'static str,
    /// What it says.
    pub claims: Claims,
    /// The key that it names.
    pub signed_by: IssuerKeyRef,
    /// The scheme that it names.
    pub scheme: Scheme,
}

pub const KID: IssuerKeyRef = IssuerKeyRef { issuer: 3, key: 0 };

pub fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

pub fn did() -> Did {
    Did {
        registry: RegistryId(*b"foobarfoob"),
        device: DeviceId(bytes("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")),
    }
}

pub fn plain() -> Claims {
    Claims {
        issuer: "https://as.example/default".into(),
        subject: did(),
        audience: vec!["api://default".into()],
        expires_s: 1_800_000_300,
        issued_s: 1_800_000_000,
        not_before_s: None,
        token_id: "0b71".into(),
        client_id: did().to_text(),
        scopes: vec!["meter:read".into()],
        epoch: 4,
        confirmation: None,
    }
}

fn full() -> Claims {
    // The x of RFC 9052, appendix C.7.1, with the other y.
    let point = bytes("0365eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d");
    Claims {
        audience: vec!["api://default".into(), "https://m.example".into()],
        not_before_s: Some(1_800_000_010),
        scopes: vec!["meter:read".into(), "charge:start".into()],
        epoch: u32::MAX,
        confirmation: Some(Confirmation::Key(PublicKey::P256(point))),
        ..plain()
    }
}

pub fn all() -> Vec<Sample> {
    use crate::vectors::{BOUND, FULL, PLAIN, SR25519_BOUND, THUMBPRINT};

    let bound = |key| Claims { confirmation: Some(Confirmation::Key(key)), ..plain() };
    let thumbprint =
        Claims { token_id: "x".into(), epoch: 0, confirmation: Some(Confirmation::Thumbprint([7; 32])), ..plain() };
    let largest = IssuerKeyRef { issuer: u32::MAX, key: 23 };
    let sample =
        |(signed_bytes, cwt), claims, signed_by, scheme| Sample { signed_bytes, cwt, claims, signed_by, scheme };
    vec![
        sample(PLAIN, plain(), KID, Scheme::Ed25519),
        sample(BOUND, bound(PublicKey::Ed25519(did().device.0)), KID, Scheme::Ed25519),
        sample(FULL, full(), largest, Scheme::Sr25519),
        sample(THUMBPRINT, thumbprint, IssuerKeyRef { issuer: 0, key: 10 }, Scheme::Ed25519),
        sample(SR25519_BOUND, bound(PublicKey::Sr25519([9; 32])), KID, Scheme::Sr25519),
    ]
}

pub fn signature_bytes(signature: &Signature) -> [u8; 64] {
    match signature {
        Signature::Ed25519(bytes) | Signature::Sr25519(bytes) => *bytes,
    }
}
