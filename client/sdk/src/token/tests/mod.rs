mod batch;
mod hostile;
mod issue;
mod jwk;
mod jws;
mod properties;
mod rfc;
mod vectors;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use marque_primitives::{DeviceId, Did, PublicKey, RegistryId};
use zeroize::Zeroizing;

use super::*;
use crate::signer::{Account, Seed};

const KID: IssuerKeyRef = IssuerKeyRef { issuer: 3, key: 0 };

/// RFC 8032, section 7.1, test 1: `vectors` is signed with it.
fn key() -> Account {
    let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    Account::ed25519(&Seed::from_bytes(&Zeroizing::new(seed.try_into().unwrap())))
}

fn did() -> Did {
    let device = hex::decode("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29").unwrap();
    Did { registry: RegistryId(*b"foobarfoob"), device: DeviceId(device.try_into().unwrap()) }
}

fn plain() -> Claims {
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
    let point = hex::decode("0365eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d").unwrap();
    Claims {
        audience: vec!["api://default".into(), "https://m.example".into()],
        not_before_s: Some(1_800_000_010),
        scopes: vec!["meter:read".into(), "charge:start".into()],
        epoch: u32::MAX,
        confirmation: Some(Confirmation::Key(PublicKey::P256(point.try_into().unwrap()))),
        ..plain()
    }
}

fn rsa() -> JwtSigningKey {
    JwtSigningKey::rs256(&BASE64.decode(vectors::RSA_PKCS8_BASE64.as_bytes()).unwrap()).unwrap()
}

fn p256() -> JwtSigningKey {
    JwtSigningKey::es256(&BASE64.decode(vectors::P256_PKCS8_BASE64.as_bytes()).unwrap()).unwrap()
}

fn base64url(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}
