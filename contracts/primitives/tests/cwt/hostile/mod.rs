//! Whatever is not the one form of a token is malformed. Each case is a good token but for one thing.

mod claims;
mod form;

use marque_primitives::token::{SignedToken, VerifyError};

use crate::{
    item::{
        Item::{self, Array, Bytes, Int, Map, Raw},
        head,
    },
    samples, vectors,
};

/// A token in parts, for one of them to be changed.
struct Parts {
    tag: Vec<u8>,
    header: Vec<(Item, Item)>,
    unprotected: Item,
    claims: Vec<(Item, Item)>,
    signature: Item,
    after: Vec<u8>,
}

const ALG: i128 = 1;
const KID: i128 = 4;
const TYP: i128 = 16;
const ISS: i128 = 1;
const SUB: i128 = 2;
const AUD: i128 = 3;
const EXP: i128 = 4;
const NBF: i128 = 5;
const IAT: i128 = 6;
const CTI: i128 = 7;
const CNF: i128 = 8;
const SCOPE: i128 = 9;
const EPOCH: i128 = -65537;
const CLIENT_ID: i128 = -65538;
const CLAIMS: [i128; 9] = [ISS, SUB, AUD, EXP, IAT, CTI, SCOPE, EPOCH, CLIENT_ID];

fn parts() -> Parts {
    let did = Item::text(&samples::did().to_text());
    let claims = [
        (ISS, Item::text("https://as.example/default")),
        (SUB, did.clone()),
        (AUD, Item::text("api://default")),
        (EXP, Int(1_800_000_300)),
        (IAT, Int(1_800_000_000)),
        (CTI, Bytes(b"0b71".to_vec())),
        (SCOPE, Item::text("meter:read")),
        (EPOCH, Int(4)),
        (CLIENT_ID, did),
    ];
    let header = [(ALG, Int(-8)), (KID, Bytes(b"3#key-0".to_vec())), (TYP, Item::text("at+cwt"))];
    let signature = SignedToken::from_cwt(&hex::decode(vectors::PLAIN.1).unwrap()).unwrap().signature;
    Parts {
        tag: head(6, 18),
        header: header.map(|(key, value)| (Int(key), value)).to_vec(),
        unprotected: Map(vec![]),
        claims: claims.map(|(key, value)| (Int(key), value)).to_vec(),
        signature: Bytes(samples::signature_bytes(&signature).to_vec()),
        after: vec![],
    }
}

impl Parts {
    fn encode(&self) -> Vec<u8> {
        self.encode_with(&Map(self.header.clone()).encode(), &Map(self.claims.clone()).encode())
    }

    fn encode_with(&self, header: &[u8], claims: &[u8]) -> Vec<u8> {
        let sign1 = Array(vec![
            Bytes(header.to_vec()),
            self.unprotected.clone(),
            Bytes(claims.to_vec()),
            self.signature.clone(),
        ]);
        [self.tag.clone(), sign1.encode(), self.after.clone()].concat()
    }
}

fn set(entries: &mut Vec<(Item, Item)>, key: i128, value: Item) {
    let key = Int(key).encode();
    match entries.iter_mut().find(|(existing, _)| existing.encode() == key) {
        Some(entry) => entry.1 = value,
        None => entries.push((Raw(key), value)),
    }
    entries.sort_by_key(|(key, _)| key.encode());
}

fn remove(entries: &mut Vec<(Item, Item)>, key: i128) {
    entries.retain(|(existing, _)| existing.encode() != Int(key).encode());
}

fn read(bytes: &[u8]) -> Result<SignedToken, VerifyError> {
    SignedToken::from_cwt(bytes)
}

#[track_caller]
fn refused(what: &str, change: impl FnOnce(&mut Parts)) {
    let mut parts = parts();
    change(&mut parts);
    refused_bytes(what, &parts.encode());
}

#[track_caller]
fn refused_bytes(what: &str, bytes: &[u8]) {
    assert_eq!(read(bytes), Err(VerifyError::Malformed), "{what}: {}", hex::encode(bytes));
}

#[track_caller]
fn refused_claim(key: i128, value: Item) {
    let what = format!("claim {key} is {}", hex::encode(value.encode()));
    refused(&what, |parts| set(&mut parts.claims, key, value));
}

#[track_caller]
fn accepted_claim(key: i128, value: Item) -> SignedToken {
    let mut parts = parts();
    set(&mut parts.claims, key, value);
    read(&parts.encode()).unwrap()
}

#[test]
fn the_parts_are_a_token() {
    assert_eq!(hex::encode(parts().encode()), vectors::PLAIN.1);
}
