//! Tokens that somebody made up: refused by a reason, never a trap.

use std::cell::RefCell;

use marque_contract_tests::{Access, Failure, TokenKey, chain::Means};
use marque_primitives::{
    blake2b_256, bounds,
    token::{Claims, Confirmation, IssuerKeyRef, Requirement, VerifyError},
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::scene::{ISSUER, Scene};

/// A scene whose authorization server signs with Sr25519, which costs the tests' machine less.
fn scene() -> Scene {
    Scene::with_key(TokenKey::sr25519("issuer key"))
}

/// A token that has all that a token can have.
fn full(scene: &Scene) -> Vec<u8> {
    let claims = scene.claims();
    scene.issue(&Claims {
        audience: [claims.audience.clone(), vec!["station-2".into(), "api://default".into()]].concat(),
        scopes: [claims.scopes.clone(), vec!["meter:read".into()]].concat(),
        not_before_s: Some(claims.issued_s),
        confirmation: Some(Confirmation::Key(scene.device.public_key())),
        ..claims
    })
}

fn refused(scene: &mut Scene, token: &[u8], context: &str) -> VerifyError {
    match scene.verify(token) {
        Ok(verified) => panic!("{context}: {verified:?}"),
        Err(error) => error,
    }
}

#[test]
fn a_token_cut_at_any_byte_is_none() {
    let mut scene = scene();
    let token = full(&scene);
    assert!(scene.verify(&token).is_ok());
    for length in 0..token.len() {
        assert_eq!(refused(&mut scene, &token[..length], &length.to_string()), VerifyError::Malformed);
    }
}

#[test]
fn a_token_with_something_after_it_is_none() {
    let mut scene = scene();
    let token = full(&scene);
    for byte in 0..=u8::MAX {
        let longer = [&token[..], &[byte]].concat();
        assert_eq!(refused(&mut scene, &longer, &byte.to_string()), VerifyError::Malformed);
    }
}

/// Whatever bit is changed, somebody else's token or none comes of it.
#[test]
fn a_token_with_any_bit_changed_is_refused() {
    let mut scene = scene();
    let token = full(&scene);
    for index in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone();
            changed[index] ^= 1 << bit;
            refused(&mut scene, &changed, &format!("bit {bit} of byte {index}"));
        }
    }
}

#[test]
fn an_ed25519_token_with_any_byte_changed_is_refused() {
    let mut scene = Scene::new();
    let token = scene.issue(&scene.claims());
    for index in 0..token.len() {
        let mut changed = token.clone();
        changed[index] ^= 1;
        refused(&mut scene, &changed, &format!("byte {index}"));
    }
}

#[test]
fn what_cbor_can_hide_is_none() {
    let mut scene = scene();
    let heads: [&[u8]; 12] = [
        &[0xd2, 0x84],
        &[0xd8, 0x3d, 0xd2, 0x84],
        // Lengths without an end, and ends that are far away.
        &[0x9f],
        &[0xbf],
        &[0x5f],
        &[0x7f],
        &[0xd2, 0x9f],
        &[0xd2, 0x84, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xd2, 0x84, 0x5a, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xfb],
        &[0xf7],
    ];
    // Arrays, maps and tags in one another, as deep as there is room.
    for fill in [0x00, 0x81, 0xa1, 0xc1, 0x9f, 0xbf, 0xff, 0x40, 0x60, 0xf6] {
        for head in heads {
            let mut token = head.to_vec();
            token.resize(bounds::CWT_BYTES_MAX, fill);
            assert_eq!(refused(&mut scene, &token, &format!("{head:02x?} {fill:02x}")), VerifyError::Malformed);
        }
    }
}

#[test]
fn a_token_has_its_bound() {
    let mut scene = Scene::new();
    let (token, requirement) = largest(&mut scene);
    assert_eq!(token.len(), bounds::CWT_BYTES_MAX);
    let presenter = scene.device.account();
    assert!(scene.access.verify(&token, &requirement, presenter).is_ok());
    let longer = [&token[..], &[0]].concat();
    assert_eq!(scene.access.verify(&longer, &requirement, presenter), Err(VerifyError::Malformed));
    // As long as ink!'s buffer lets in.
    for length in [4096, 15_000] {
        assert_eq!(refused(&mut scene, &vec![0xd2; length], "long"), VerifyError::Malformed);
    }
}

/// A token of just the most bytes that it may have, and a requirement that asks for all that it says. It is of an authorization server whose
/// URL makes up what is missing.
fn largest(scene: &mut Scene) -> (Vec<u8>, Requirement) {
    let signed_by = IssuerKeyRef { issuer: 1, key: 0 };
    let audience: Vec<String> =
        (0..bounds::AUDIENCES_MAX).map(|number| format!("{number}{}", "a".repeat(127))).collect();
    let with_url = |url: String, scene: &Scene| Claims {
        issuer: url,
        audience: audience.clone(),
        scopes: (0..bounds::SCOPES_MAX).map(|number| format!("a:{number:062}")).collect(),
        client_id: "c".repeat(bounds::CLIENT_ID_BYTES_MAX),
        confirmation: Some(Confirmation::Key(scene.device.public_key())),
        ..scene.claims()
    };
    let url = format!("https://{}", "u".repeat(32));
    let room = bounds::CWT_BYTES_MAX - scene.key.issue(&with_url(url.clone(), scene), signed_by).len();
    let claims = with_url(url + &"u".repeat(room), scene);
    let (owner, key) = (scene.owner.clone(), scene.new_key(&scene.key));
    scene.access.register_issuer(&owner, &claims.issuer, vec![key]).accepted();
    let requirement = Requirement { issuer: 1, audience: audience[3].clone(), scopes: claims.scopes.clone() };
    (scene.key.issue(&claims, signed_by), requirement)
}

#[test]
fn any_requirement_is_answered() {
    let mut scene = scene();
    let (token, presenter) = (full(&scene), scene.device.account());
    let cases = [
        (Requirement { audience: String::new(), ..scene.requirement() }, Err(VerifyError::WrongAudience)),
        (Requirement { audience: "ä".repeat(4000), ..scene.requirement() }, Err(VerifyError::WrongAudience)),
        (Requirement { scopes: vec![String::new()], ..scene.requirement() }, Err(VerifyError::MissingScope)),
        (Requirement { scopes: vec!["x".repeat(8000)], ..scene.requirement() }, Err(VerifyError::MissingScope)),
        (Requirement { scopes: vec!["meter:read".into(); 1000], ..scene.requirement() }, Ok(())),
        (Requirement { scopes: Vec::new(), ..scene.requirement() }, Ok(())),
    ];
    for (requirement, expected) in cases {
        assert_eq!(scene.access.verify(&token, &requirement, presenter).map(|_| ()), expected);
    }
}

/// Random bytes, and good tokens with something replaced, inserted or left out.
#[test]
fn no_token_traps() {
    let scene = scene();
    let token = full(&scene);
    let (length, presenter, requirement) = (token.len(), scene.device.account(), scene.requirement());
    let bytes = prop::collection::vec(any::<u8>(), 0..=64);
    let changed = (0..=length, 0..=length, bytes)
        .prop_map(move |(from, to, bytes)| [&token[..from.min(to)], &bytes, &token[from.max(to)..]].concat());
    let random = prop::collection::vec(any::<u8>(), 0..=bounds::CWT_BYTES_MAX);
    let (original, scene) = (full(&scene), RefCell::new(scene));
    let mut runner = TestRunner::deterministic();
    let outcome = runner.run(&prop_oneof![3 => changed, 1 => random], |token| {
        let answer = scene.borrow_mut().access.verify(&token, &requirement, presenter);
        prop_assert!(answer.is_err() || token == original, "{:02x?}", token);
        Ok(())
    });
    outcome.unwrap();
}

/// The same with the rest of what is said: whatever decodes is answered, whatever does not is a language error.
#[test]
fn no_input_traps() {
    let scene = scene();
    let caller = scene.owner.account();
    let mut runner = TestRunner::deterministic();
    let messages: Vec<Vec<u8>> = crate::messages::all(&scene).into_iter().map(|(_, input)| input).collect();
    let (count, scene) = (messages.len(), RefCell::new(scene));
    let input = (0..count, any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..=16));
    let outcome = runner.run(&input, |(message, at, bytes)| {
        let mut input = messages[message].clone();
        let at = 4 + at.index(input.len() - 3);
        input.splice(at..input.len().min(at + bytes.len()), bytes);
        let call = |access: &mut Access| access.call_raw(input.clone(), caller, Means::default());
        let answer = scene.borrow_mut().access.trial(call);
        prop_assert!(!matches!(answer, Err(Failure::Chain(_))), "{:02x?}: {:?}", input, answer);
        Ok(())
    });
    outcome.unwrap();
}

/// What a token says has no say in who signed it.
#[test]
fn a_token_of_nobody_is_refused() {
    let mut scene = scene();
    for (issuer, key) in [(ISSUER, 1), (ISSUER, u32::MAX), (1, 0), (u32::MAX, u32::MAX)] {
        let token = scene.key.issue(&scene.claims(), IssuerKeyRef { issuer, key });
        let expected = if issuer == ISSUER { VerifyError::IssuerKeyNotValid } else { VerifyError::UnknownIssuer };
        assert_eq!(refused(&mut scene, &token, "nobody's"), expected);
    }
    let unsigned =
        marque_primitives::token::cwt::unsigned(&scene.claims(), crate::scene::KEY, scene.key.scheme()).unwrap();
    for signature in [[0; 64], [0xff; 64], {
        let half = blake2b_256(b"x");
        [half, half].concat().try_into().unwrap()
    }] {
        assert_eq!(refused(&mut scene, &unsigned.finish(signature), "unsigned"), VerifyError::InvalidSignature);
    }
}
