//! Bad input: a typed error or a language error, never a trap, and nothing changed on chain.

use marque_contract_tests::{Actor, Failure, samples};
use marque_primitives::{
    AccountId, Controller, DeviceId, Error, NewKey, Operation, PublicKey, Relationships, Service, bounds,
};
use parity_scale_codec::Encode;

use crate::scene::Scene;

/// Encodings of points of small order, and of those that are not canonical: y as it is and y + p where that still fits into
/// 255 bits, with both signs.
const ED25519_TORSION: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/// Points of small order on Curve25519 and its twist, and the encodings that are not canonical (RFC 7748 takes them modulo p).
const X25519_REFUSED: [&str; 9] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // 9, the base point, with the bit that RFC 7748 ignores.
    "0900000000000000000000000000000000000000000000000000000000000080",
];

/// Bad encodings of RFC 9496, appendix A.2: not canonical, negative, no square, negative product, y = 0; and the identity.
const RISTRETTO_REFUSED: [&str; 8] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

const P256_REFUSED: [&str; 7] = [
    "000000000000000000000000000000000000000000000000000000000000000000",
    "040000000000000000000000000000000000000000000000000000000000000001",
    "050000000000000000000000000000000000000000000000000000000000000001",
    // x = p, p + 1, and the largest number.
    "02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "03ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "02ffffffff00000001000000000000000000000001000000000000000000000000",
    "03ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

fn execute(scene: &Scene, operation: &Operation) -> Vec<u8> {
    (scene.registry.bundle().selector("execute"), scene.id(), operation).encode()
}

fn unreadable(scene: &mut Scene, input: Vec<u8>, context: &str) {
    let caller = scene.controller.account();
    let answer = scene.registry.call_raw(input, caller);
    assert_eq!(answer.map(|receipt| receipt.result), Err(Failure::Language), "{context}");
}

#[test]
fn keys_that_are_weak_or_not_canonical_are_refused() {
    let ed25519 = ED25519_TORSION.map(|hex| (PublicKey::Ed25519(bytes(hex)), Relationships::AUTHENTICATION));
    let sr25519 = RISTRETTO_REFUSED.map(|hex| (PublicKey::Sr25519(bytes(hex)), Relationships::AUTHENTICATION));
    let x25519 = X25519_REFUSED.map(|hex| (PublicKey::X25519(bytes(hex)), Relationships::KEY_AGREEMENT));
    let p256 = P256_REFUSED.map(|hex| (PublicKey::P256(bytes(hex)), Relationships::AUTHENTICATION));
    let mut scene = Scene::controlled();
    for (public_key, relationships) in ed25519.into_iter().chain(sr25519).chain(x25519).chain(p256) {
        let add = Operation::AddKey { key: NewKey { public_key, relationships } };
        assert_eq!(scene.refused(add), Error::InvalidKey, "{public_key:?}");
    }
    // Not on the curve: y = 2 has no x.
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let key = NewKey { public_key: PublicKey::Ed25519(no_point), relationships: Relationships::AUTHENTICATION };
    assert_eq!(scene.refused(Operation::AddKey { key }), Error::InvalidKey);
}

#[test]
fn weak_keys_are_refused_as_device_ids_and_in_rotations_too() {
    let mut scene = Scene::controlled();
    for hex in ED25519_TORSION {
        let device = DeviceId(bytes(hex));
        let arguments = (device, samples::registration(Controller::Device));
        let answer = scene.registry.call::<()>("execute", arguments, device.account());
        assert_eq!(answer.unwrap().result, Err(Error::InvalidKey), "{hex}");
        scene.registry.check_state(&[device]);
        let rotate = Operation::RotateKey { id: 0, public_key: PublicKey::Ed25519(device.0) };
        assert_eq!(scene.refused(rotate), Error::InvalidKey, "{hex}");
    }
}

#[test]
fn services_with_bad_texts_are_refused() {
    let good = samples::service("meter");
    let id = |id: &str| Service { id: id.into(), ..good.clone() };
    let kind = |text: &str| Service { service_type: text.into(), ..good.clone() };
    let endpoint = |text: &str| Service { endpoint: text.into(), ..good.clone() };
    let long = |bytes: usize| "x".repeat(bytes);
    let mut bad = vec![
        id(""),
        id(&long(bounds::SERVICE_ID_BYTES_MAX + 1)),
        id("key-1"),
        id("key-"),
        kind(""),
        kind(&long(bounds::SERVICE_TYPE_BYTES_MAX + 1)),
        endpoint(""),
        endpoint(&long(bounds::SERVICE_ENDPOINT_BYTES_MAX + 1)),
    ];
    for text in ["a b", "a#b", "a/b", "ä", "a\0", "a%20", "a\u{202e}"] {
        bad.extend([id(text), kind(text)]);
    }
    for character in [' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}', '\n', '\0', '\x7f', 'ä', '\u{200b}'] {
        bad.push(endpoint(&format!("https://example.org/{character}")));
    }
    for text in ["example.org", "/path", "//example.org/", ":", ":rest", "1a:b", "a_b:c", "-:c"] {
        bad.push(endpoint(text));
    }
    let mut scene = Scene::controlled();
    for service in bad {
        assert_eq!(
            scene.refused(Operation::SetService { service: service.clone() }),
            Error::InvalidService,
            "{service:?}"
        );
    }
    for service in [id("key"), id("A-z.0_9~"), endpoint("urn:x?a=b&c=[d]#e%20"), endpoint("x+1.-:")] {
        scene.changed(Operation::SetService { service });
    }
}

#[test]
fn unknown_messages_are_refused() {
    let mut scene = Scene::controlled();
    for input in [vec![], vec![0xd0], vec![0; 3], vec![0; 4], vec![0xff; 4], vec![0xff; 100]] {
        unreadable(&mut scene, input.clone(), &format!("{input:02x?}"));
    }
    // A constructor is no message.
    let constructor = (scene.registry.bundle().selector("new"), [0u8; 64]).encode();
    unreadable(&mut scene, constructor, "constructor");
    let id = scene.id();
    scene.registry.check_state(&[id]);
}

#[test]
fn truncated_input_is_refused_at_every_byte() {
    let mut scene = Scene::controlled();
    let register = Operation::Register {
        controller: Controller::Account(scene.stranger.account()),
        metadata: Some([1; 32]),
        keys: vec![scene.stranger.new_key(Relationships::AUTHENTICATION)],
        services: vec![samples::service("meter")],
    };
    let bundle = scene.registry.bundle();
    let signed = scene.registry.sign(&scene.device, scene.id(), register.clone());
    let verify =
        (scene.id(), Relationships::AUTHENTICATION, scene.device.account(), b"message".to_vec(), signed.signature);
    let whole = [
        (bundle.selector("execute"), scene.id(), register).encode(),
        (bundle.selector("execute_signed"), &signed).encode(),
        (bundle.selector("register_batch"), vec![signed.clone(); 2]).encode(),
        (bundle.selector("device"), scene.id()).encode(),
        (bundle.selector("status"), scene.id()).encode(),
        (bundle.selector("statuses"), vec![scene.id(); 2]).encode(),
        (bundle.selector("key_status"), scene.id(), scene.device.account(), Relationships::AUTHENTICATION).encode(),
        (bundle.selector("verify_signature"), verify).encode(),
        bundle.selector("info").encode(),
    ];
    // All but the constructor.
    assert_eq!(whole.len() + 1, bundle.names().count());
    for input in whole {
        for length in 0..input.len() {
            unreadable(&mut scene, input[..length].to_vec(), &format!("{length} of {input:02x?}"));
        }
    }
    let id = scene.id();
    scene.registry.check_state(&[id]);
}

#[test]
fn unknown_variants_and_bad_texts_are_refused() {
    let mut scene = Scene::controlled();
    let selector = scene.registry.bundle().selector("execute");
    let id = scene.id();
    for variant in 16..=255u8 {
        unreadable(&mut scene, (selector, id, variant, [0u8; 64]).encode(), &format!("operation {variant}"));
    }
    let mut invalid_utf8 = execute(&scene, &Operation::RemoveService { id: "abc".into() });
    *invalid_utf8.last_mut().unwrap() = 0xff;
    unreadable(&mut scene, invalid_utf8, "text that is no UTF-8");
    // Lengths that promise more than there is: nothing is allocated for them.
    for promised in [[0xfe, 0xff, 0xff, 0xff].to_vec(), [0x03, 0xff, 0xff, 0xff, 0xff].to_vec(), vec![0x33; 17]] {
        let register = [&(selector, id, 0u8, Controller::Device, None::<[u8; 32]>).encode()[..], &promised].concat();
        unreadable(&mut scene, register, "keys without an end");
        let batch = [&scene.registry.bundle().selector("register_batch")[..], &promised].concat();
        unreadable(&mut scene, batch, "a batch without an end");
        let statuses = [&scene.registry.bundle().selector("statuses")[..], &promised].concat();
        unreadable(&mut scene, statuses, "a page without an end");
    }
    scene.registry.check_state(&[id]);
}

#[test]
fn over_long_lists_are_refused_by_their_bounds() {
    let mut scene = Scene::controlled();
    let device = Actor::new("another");
    let key = scene.stranger.new_key(Relationships::AUTHENTICATION);
    let register = |keys: usize, services: usize| Operation::Register {
        controller: Controller::Device,
        metadata: None,
        keys: vec![key; keys],
        services: (0..services).map(|_| samples::service("x")).collect(),
    };
    let cases = [
        (register(bounds::KEYS_MAX, 0), Error::MaxKeysExceeded),
        (register(300, 0), Error::MaxKeysExceeded),
        (register(0, bounds::SERVICES_MAX + 1), Error::MaxServicesExceeded),
        (register(0, 150), Error::MaxServicesExceeded),
    ];
    for (operation, expected) in cases {
        assert_eq!(scene.registry.execute(&device, device.device(), operation).error(), expected);
    }
    let long = Service { endpoint: "x".repeat(12_000), ..samples::service("x") };
    assert_eq!(scene.refused(Operation::SetService { service: long }), Error::InvalidService);
    assert_eq!(scene.refused(Operation::RemoveService { id: "x".repeat(12_000) }), Error::ServiceNotFound);
}

/// ink! reads what a message takes and stops there: what follows is ignored. Nobody signs or pays for less than what is done, because a
/// signed operation is hashed from the decoded value.
#[test]
fn trailing_bytes_are_ignored() {
    let mut scene = Scene::controlled();
    let mut input = execute(&scene, &Operation::BumpEpoch);
    input.extend_from_slice(b"trailing");
    let caller = scene.controller.account();
    let (with, without) = (input.clone(), execute(&scene, &Operation::BumpEpoch));
    let answers = [with, without].map(|input| {
        scene.registry.trial(|registry| {
            let receipt = registry.call_raw(input, caller).unwrap();
            (receipt.result, receipt.events)
        })
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, Ok::<(), Error>(()).encode());
}

/// ink!'s buffer has 16 KiB. What is longer ends in the contract's trap before any of its code runs: the chain undoes the call.
#[test]
fn input_over_the_buffer_is_undone_by_the_chain() {
    let mut scene = Scene::controlled();
    let mut input = execute(&scene, &Operation::BumpEpoch);
    input.resize(16 * 1024 + 1, 0);
    let caller = scene.controller.account();
    let answer = scene.registry.call_raw(input.clone(), caller).map(|receipt| receipt.result);
    assert!(matches!(answer, Err(Failure::Chain(_))), "{answer:?}");
    let id = scene.id();
    scene.registry.check_state(&[id]);
    input.truncate(16 * 1024);
    scene.registry.trial(|registry| registry.call_raw(input, caller).unwrap());
}

#[test]
fn origins_without_a_key_are_accounts_like_others() {
    let mut scene = Scene::controlled();
    let id = scene.id();
    for origin in [AccountId([0; 32]), AccountId([0xff; 32]), scene.registry.contract] {
        let answer = scene.registry.call::<()>("execute", (id, Operation::BumpEpoch), origin);
        assert_eq!(answer.unwrap().result, Err(Error::NotAuthorized), "{origin:?}");
    }
    scene.registry.check_state(&[id]);
}
