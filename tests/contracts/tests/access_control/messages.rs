//! Every message of the contract, with arguments that it accepts.

use marque_contract_tests::Access;
use marque_primitives::access::{Grantee, IssuerId};
use parity_scale_codec::Encode;

use crate::{
    operations::{new_key, trust},
    scene::{ISSUER, Scene},
};

/// The whole input of each message but the constructor, by its name.
pub fn all(scene: &Scene) -> Vec<(&'static str, Vec<u8>)> {
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    let operation = trust(1, &["meter:read", "meter:write"], now_ms + 1);
    let token = scene.issue(&scene.claims());
    let standing =
        marque_primitives::token::SignedToken::from_cwt(&token).unwrap().standing(marque_primitives::blake2b_256);
    let verify = (token, scene.requirement(), scene.device.account());
    let input = |name, arguments: Vec<u8>| (name, input(&scene.access, name, &arguments));
    let other: IssuerId = 1;
    vec![
        input("register_issuer", ("https://other.example", vec![new_key("a", now_ms), new_key("b", now_ms)]).encode()),
        input("execute", (ISSUER, operation).encode()),
        input("reclaim", (ISSUER, [7u8; 32]).encode()),
        input("issuer", ISSUER.encode()),
        input("scope", (ISSUER, "meter:read").encode()),
        input("role", (ISSUER, "reader").encode()),
        input("grants", (ISSUER, Grantee::Device(id)).encode()),
        input("trust", (ISSUER, other).encode()),
        input("is_token_revoked", (ISSUER, [7u8; 32]).encode()),
        input("tokens_before", (ISSUER, id).encode()),
        input("entitlements", (ISSUER, id).encode()),
        input("verify", verify.encode()),
        input("check", (standing, scene.requirement()).encode()),
        input("info", Vec::new()),
    ]
}

/// The input of a message with these encoded arguments.
pub fn input(access: &Access, name: &str, arguments: &[u8]) -> Vec<u8> {
    [&access.bundle().selector(name)[..], arguments].concat()
}
