//! Signed operations: who submits does not matter, what was signed does.

use marque_contract_tests::{Actor, samples, signing};
use marque_primitives::{
    AccountId, Controller, DeviceId, Envelope, Error, NewKey, NonceUse, Operation, PublicKey, Relationships, Signature,
    SignedOperation, blake2b_256, bounds,
};

use crate::scene::Scene;

fn bump(scene: &Scene, change: impl FnOnce(&mut Envelope)) -> SignedOperation {
    let mut envelope = scene.registry.envelope(&scene.controller, scene.id(), Operation::BumpEpoch);
    change(&mut envelope);
    signing::sign(envelope, &scene.registry.domain(), &scene.controller)
}

#[test]
fn a_sponsor_registers_a_device() {
    let mut scene = Scene::empty();
    let sponsor = Actor::new("sponsor");
    let controller = Controller::Account(scene.controller.account());
    let signed = scene.registry.sign(&scene.device, scene.id(), samples::registration(controller));
    let written = scene.registry.submit(&sponsor, signed);
    assert_eq!(written.changes.len(), 1);
    let entry = &written.changes[0].entry;
    assert_eq!((entry.actor, entry.nonce), (scene.device.account(), Some(NonceUse { lane: 0, nonce: 0 })));
    assert_eq!(scene.record().lanes, [1]);
    assert!(written.receipt.deposit > 0, "who submits pays");
}

#[test]
fn the_signer_counts_and_not_the_submitter() {
    let mut scene = Scene::controlled();
    let signed = bump(&scene, |_| ());
    let stranger = scene.stranger.clone();
    let written = scene.registry.submit(&stranger, signed);
    assert_eq!(written.changes[0].entry.actor, scene.controller.account());
    // And the other way about: the controller submits what a stranger signed.
    let signed = scene.registry.sign(&stranger, scene.id(), Operation::BumpEpoch);
    assert_eq!(scene.registry.submit(&scene.controller.clone(), signed).error(), Error::NotAuthorized);
}

#[test]
fn a_named_submitter_is_the_only_one() {
    let mut scene = Scene::controlled();
    let sponsor = Actor::new("sponsor");
    let signed = bump(&scene, |envelope| envelope.submitter = Some(sponsor.account()));
    let stranger = scene.stranger.clone();
    assert_eq!(scene.registry.submit(&stranger, signed.clone()).error(), Error::WrongSubmitter);
    assert_eq!(scene.registry.submit(&scene.controller.clone(), signed.clone()).error(), Error::WrongSubmitter);
    scene.registry.submit(&sponsor, signed).receipt.result.unwrap();
}

#[test]
fn lanes_are_independent_and_each_is_in_order() {
    let mut scene = Scene::controlled();
    let stranger = scene.stranger.clone();
    for (lane, nonce) in [(7, 0), (0, 0), (0, 1), (3, 0), (7, 1)] {
        let signed = bump(&scene, |envelope| (envelope.lane, envelope.nonce) = (lane, nonce));
        scene.registry.submit(&stranger, signed).receipt.result.unwrap();
    }
    assert_eq!(scene.record().lanes, [2, 0, 0, 1, 0, 0, 0, 2]);
    let skipped = bump(&scene, |envelope| (envelope.lane, envelope.nonce) = (1, 1));
    assert_eq!(scene.registry.submit(&stranger, skipped).error(), Error::InvalidNonce);
    for lane in [bounds::LANES_MAX, u8::MAX] {
        let beyond = bump(&scene, |envelope| (envelope.lane, envelope.nonce) = (lane, 0));
        assert_eq!(scene.registry.submit(&stranger, beyond).error(), Error::InvalidLane);
    }
}

#[test]
fn a_refused_operation_uses_up_no_nonce() {
    let mut scene = Scene::controlled();
    let stranger = scene.stranger.clone();
    let signed = scene.registry.sign(&scene.controller, scene.id(), Operation::Resume);
    assert_eq!(scene.registry.submit(&stranger, signed.clone()).error(), Error::NotSuspended);
    assert_eq!(scene.record().lanes, [] as [u64; 0]);
    // So that it is good as soon as it is possible, until its deadline.
    scene.by_controller(Operation::Suspend).receipt.result.unwrap();
    scene.registry.submit(&stranger, signed).receipt.result.unwrap();
}

#[test]
fn deadlines_hold_to_the_millisecond() {
    let mut scene = Scene::controlled();
    let stranger = scene.stranger.clone();
    let now_ms = scene.registry.now_ms();
    let due = |scene: &Scene, deadline_ms| bump(scene, |envelope| envelope.deadline_ms = deadline_ms);
    for deadline_ms in [0, now_ms - 1] {
        let signed = due(&scene, deadline_ms);
        assert_eq!(scene.registry.submit(&stranger, signed).error(), Error::DeadlinePassed);
    }
    for deadline_ms in [now_ms + bounds::DEADLINE_AHEAD_MAX_MS + 1, u64::MAX] {
        let signed = due(&scene, deadline_ms);
        assert_eq!(scene.registry.submit(&stranger, signed).error(), Error::DeadlineTooFar);
    }
    for deadline_ms in [now_ms, now_ms + bounds::DEADLINE_AHEAD_MAX_MS] {
        let signed = due(&scene, deadline_ms);
        scene.registry.submit(&stranger, signed).receipt.result.unwrap();
    }
}

#[test]
fn faults_are_reported_in_order() {
    let mut scene = Scene::self_controlled();
    scene.by_device(Operation::Suspend).receipt.result.unwrap();
    let (sponsor, stranger) = (Actor::new("sponsor"), scene.stranger.clone());
    let now_ms = scene.registry.now_ms();
    // Everything is wrong with this one; each step repairs what the answer names.
    let bad_key = NewKey { public_key: PublicKey::Ed25519([0xff; 32]), relationships: Relationships(0) };
    let mut envelope = Envelope {
        device: scene.id(),
        operation: Operation::AddKey { key: bad_key },
        signer: stranger.account(),
        submitter: Some(sponsor.account()),
        lane: bounds::LANES_MAX,
        nonce: 5,
        deadline_ms: now_ms - 1,
    };
    let domain = scene.registry.domain();
    let mut check = |envelope: &Envelope, signer: &Actor, submitter: &Actor, expected: Error| {
        let signed = signing::sign(envelope.clone(), &domain, signer);
        assert_eq!(scene.registry.submit(submitter, signed).error(), expected);
    };
    check(&envelope, &sponsor, &stranger, Error::WrongSubmitter);
    check(&envelope, &sponsor, &sponsor, Error::DeadlinePassed);
    envelope.deadline_ms = now_ms + bounds::DEADLINE_AHEAD_MAX_MS + 1;
    check(&envelope, &sponsor, &sponsor, Error::DeadlineTooFar);
    envelope.deadline_ms = now_ms;
    check(&envelope, &sponsor, &sponsor, Error::InvalidLane);
    envelope.lane = 0;
    check(&envelope, &sponsor, &sponsor, Error::InvalidNonce);
    envelope.nonce = 0;
    check(&envelope, &sponsor, &sponsor, Error::InvalidSignature);
    check(&envelope, &stranger, &sponsor, Error::NotAuthorized);
    let device = Actor::new("device");
    envelope.signer = device.account();
    check(&envelope, &device, &sponsor, Error::InvalidRelationships);
    envelope.operation = Operation::AddKey { key: NewKey { relationships: Relationships::AUTHENTICATION, ..bad_key } };
    check(&envelope, &device, &sponsor, Error::InvalidKey);
}

#[test]
fn an_unknown_device_is_named_after_the_signature() {
    let mut scene = Scene::empty();
    let stranger = scene.stranger.clone();
    let mut signed = scene.registry.sign(&scene.device, scene.id(), Operation::BumpEpoch);
    assert_eq!(scene.registry.submit(&stranger, signed.clone()).error(), Error::NotFound);
    signed.signature = Signature::Ed25519([0; 64]);
    assert_eq!(scene.registry.submit(&stranger, signed).error(), Error::InvalidSignature);
}

/// Signs in the context that wallets and the chain use.
pub fn sign_sr25519(pair: &schnorrkel::Keypair, message: &[u8]) -> Signature {
    Signature::Sr25519(pair.sign_simple(b"substrate", message).to_bytes())
}

/// An Sr25519 key that is the same in every run.
pub fn sr25519_pair(seed: u8) -> schnorrkel::Keypair {
    let secret = schnorrkel::MiniSecretKey::from_bytes(&[seed; 32]).expect("32 bytes");
    secret.expand_to_keypair(schnorrkel::ExpansionMode::Ed25519)
}

#[test]
fn an_sr25519_key_signs_too() {
    let mut scene = Scene::self_controlled();
    let pair = sr25519_pair(1);
    let account = AccountId(pair.public.to_bytes());
    let key = NewKey { public_key: PublicKey::Sr25519(account.0), relationships: Relationships::INITIAL };
    scene.by_device(Operation::AddKey { key }).receipt.result.unwrap();

    let mut envelope = scene.registry.envelope(&scene.device, scene.id(), Operation::BumpEpoch);
    envelope.signer = account;
    let bytes = envelope.signed_bytes(&scene.registry.domain(), blake2b_256);
    let stranger = scene.stranger.clone();
    let submitted = |signature| SignedOperation { envelope: envelope.clone(), signature };
    let other = sign_sr25519(&sr25519_pair(2), &bytes);
    assert_eq!(scene.registry.submit(&stranger, submitted(other)).error(), Error::InvalidSignature);
    let Signature::Sr25519(good) = sign_sr25519(&pair, &bytes) else { panic!("of that scheme") };
    let wrong_scheme = submitted(Signature::Ed25519(good));
    assert_eq!(scene.registry.submit(&stranger, wrong_scheme).error(), Error::InvalidSignature);
    let written = scene.registry.submit(&stranger, submitted(Signature::Sr25519(good)));
    assert_eq!(written.changes[0].entry.actor, account);
}

/// A signature's check stands in for the check of the key: keys that anybody can sign for must not pass it.
#[test]
fn a_weak_key_registers_by_no_signature() {
    let mut scene = Scene::empty();
    let stranger = scene.stranger.clone();
    // The identity, and with it as the key R = the identity and S = 0 satisfy the equation for every message.
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&identity);
    for signature in [Signature::Ed25519(signature), Signature::Sr25519(signature)] {
        let device = DeviceId(identity);
        let mut envelope = scene.registry.envelope(&stranger, device, samples::registration(Controller::Device));
        envelope.signer = device.account();
        let answer = scene.registry.submit(&stranger, SignedOperation { envelope, signature });
        assert_eq!(answer.error(), Error::InvalidSignature);
    }
}

/// An Sr25519 key's bytes may be no Ed25519 point, or another one than that of its owner.
#[test]
fn an_sr25519_signature_registers_only_what_is_an_ed25519_key() {
    let mut scene = Scene::empty();
    let stranger = scene.stranger.clone();
    let (mut registered, mut refused) = (0, 0);
    for seed in 0..16 {
        let pair = sr25519_pair(seed);
        let device = DeviceId(pair.public.to_bytes());
        let mut envelope = scene.registry.envelope(&stranger, device, samples::registration(Controller::Device));
        envelope.signer = device.account();
        let signature = sign_sr25519(&pair, &envelope.signed_bytes(&scene.registry.domain(), blake2b_256));
        match scene.registry.submit(&stranger, SignedOperation { envelope, signature }).receipt.result {
            Ok(()) => registered += 1,
            Err(error) => {
                assert_eq!(error, Error::InvalidKey);
                refused += 1;
            }
        }
    }
    assert!(registered > 0 && refused > 0, "half of all numbers are y-coordinates: {registered} {refused}");
}
