//! A signed operation is good once, in one place, as it was signed.

use marque_contract_tests::{Actor, Registry, samples, signing};
use marque_primitives::{
    Controller, Domain, Envelope, Error, NewKey, Operation, PublicKey, Relationships, Role, Signature, SignedOperation,
    bounds,
};
use parity_scale_codec::{DecodeAll, Encode};

use crate::scene::{HOUR_MS, Scene};

/// One device in the state that the operation needs, and another one of the same controller with the same nonces.
struct Replay {
    scene: Scene,
    sponsor: Actor,
    signer: Actor,
    sibling: Actor,
    signed: SignedOperation,
}

fn operations(now_ms: u64) -> Vec<Operation> {
    let other = Actor::new("other");
    let key = other.new_key(Relationships::AUTHENTICATION);
    let expires_ms = now_ms + HOUR_MS;
    let account = other.account();
    let register = Operation::Register {
        controller: Controller::Account(account),
        metadata: Some([1; 32]),
        keys: vec![key, NewKey { public_key: PublicKey::P256([2; 33]), ..key }],
        services: vec![samples::service("meter")],
    };
    vec![
        register,
        Operation::AddKey { key },
        Operation::RotateKey { id: 0, public_key: other.public_key() },
        Operation::RevokeKey { id: 0 },
        Operation::SetService { service: samples::service("meter") },
        Operation::RemoveService { id: "removable".into() },
        Operation::SetMetadata { hash: Some([2; 32]) },
        Operation::SetDelegate { account, role: Role::Operator, expires_ms },
        Operation::RemoveDelegate { account: Actor::new("rotator").account(), role: Role::Rotator },
        Operation::Suspend,
        Operation::Resume,
        Operation::BumpEpoch,
        Operation::OfferTransfer { to: Controller::Account(account), expires_ms },
        Operation::CancelTransfer,
        Operation::AcceptTransfer,
        Operation::Revoke,
    ]
}

impl Replay {
    fn of(operation: Operation) -> Self {
        let mut scene = Scene::empty();
        let sponsor = Actor::new("sponsor");
        let sibling = Actor::new("sibling");
        let buyer = Actor::new("buyer");
        let registers = matches!(operation, Operation::Register { .. });
        if !registers {
            for device in [scene.device.clone(), sibling.clone()] {
                prepare(&mut scene.registry, &device, &scene.controller, &buyer, &operation);
            }
        }
        let signer = match operation {
            Operation::Register { .. } => scene.device.clone(),
            Operation::AcceptTransfer => buyer,
            _ => scene.controller.clone(),
        };
        let mut envelope = scene.registry.envelope(&signer, scene.id(), operation);
        envelope.submitter = Some(sponsor.account());
        let signed = signing::sign(envelope, &scene.registry.domain(), &signer);
        Self { scene, sponsor, signer, sibling, signed }
    }

    fn refused(&mut self, signed: SignedOperation) -> Error {
        let error = self.scene.registry.submit(&self.sponsor, signed).error();
        let devices = [self.scene.id(), self.sibling.device()];
        self.scene.registry.check_state(&devices);
        error
    }

    /// The envelope with this change, under the old signature and signed anew.
    fn altered(&self, change: impl FnOnce(&mut Envelope)) -> [SignedOperation; 2] {
        let mut envelope = self.signed.envelope.clone();
        change(&mut envelope);
        let anew = signing::sign(envelope.clone(), &self.scene.registry.domain(), &self.signer);
        [SignedOperation { envelope, signature: self.signed.signature }, anew]
    }
}

fn prepare(registry: &mut Registry, device: &Actor, controller: &Actor, buyer: &Actor, operation: &Operation) {
    let expires_ms = registry.now_ms() + HOUR_MS;
    let register = Operation::Register {
        controller: Controller::Account(controller.account()),
        metadata: None,
        keys: Vec::new(),
        services: vec![samples::service("removable")],
    };
    let registration = registry.sign(device, device.device(), register);
    registry.submit(controller, registration).receipt.result.unwrap();
    let mut steps =
        vec![Operation::SetDelegate { account: Actor::new("rotator").account(), role: Role::Rotator, expires_ms }];
    match operation {
        Operation::Resume => steps.push(Operation::Suspend),
        Operation::CancelTransfer | Operation::AcceptTransfer => {
            steps.push(Operation::OfferTransfer { to: Controller::Account(buyer.account()), expires_ms });
        }
        _ => {}
    }
    for step in steps {
        registry.execute(controller, device.device(), step).receipt.result.unwrap();
    }
}

fn for_each_operation(mut check: impl FnMut(Replay)) {
    for operation in operations(Scene::empty().registry.now_ms()) {
        check(Replay::of(operation));
    }
}

#[test]
fn is_refused_on_another_chain_and_contract() {
    for_each_operation(|mut replay| {
        let here = replay.scene.registry.domain();
        let mut other_contract = here;
        other_contract.contract.0[31] ^= 1;
        let mut other_chain = here;
        other_chain.genesis_hash[0] ^= 1;
        for elsewhere in [other_chain, other_contract] {
            let signed = signing::sign(replay.signed.envelope.clone(), &elsewhere, &replay.signer);
            assert_eq!(replay.refused(signed), Error::InvalidSignature, "{elsewhere:?}");
        }
        let signed = replay.signed.clone();
        let good = replay.scene.registry.submit(&replay.sponsor, signed);
        assert_eq!(good.receipt.result, Ok(()), "where it was signed for, it is good");
    });
}

#[test]
fn is_refused_by_another_deployment_of_the_same_code() {
    let deployer = Actor::new("deployer");
    let device = Actor::new("device");
    let mut first = Registry::default();
    let mut second = Registry::deploy(Default::default(), &deployer, b"another");
    let Domain { genesis_hash, contract } = first.domain();
    assert_eq!(genesis_hash, second.domain().genesis_hash);
    assert_ne!(contract, second.contract);
    let signed = first.sign(&device, device.device(), samples::registration(Controller::Device));
    assert_eq!(second.submit(&deployer, signed.clone()).error(), Error::InvalidSignature);
    first.submit(&deployer, signed).receipt.result.unwrap();
}

#[test]
fn is_refused_for_another_device() {
    for_each_operation(|mut replay| {
        let sibling = replay.sibling.device();
        let [moved, _] = replay.altered(|envelope| envelope.device = sibling);
        assert_eq!(replay.refused(moved), Error::InvalidSignature);
    });
}

#[test]
fn is_refused_with_any_byte_of_the_operation_changed() {
    for_each_operation(|mut replay| {
        let bytes = replay.signed.envelope.operation.encode();
        let flipped = (0..bytes.len()).map(|position| (position, bytes[position] ^ 1));
        let other_operations = (0..16).map(|variant| (0, variant));
        let mut tried = 0;
        for (position, byte) in flipped.chain(other_operations) {
            let mut changed = bytes.clone();
            changed[position] = byte;
            let Ok(operation) = Operation::decode_all(&mut &changed[..]) else { continue };
            if operation == replay.signed.envelope.operation {
                continue;
            }
            let [altered, _] = replay.altered(|envelope| envelope.operation = operation);
            // Not by `refused`, which reads both devices: they are read once, below.
            let answer = replay.scene.registry.call::<()>("execute_signed", altered, replay.sponsor.account());
            assert_eq!(answer.unwrap().result, Err(Error::InvalidSignature), "byte {position}");
            tried += 1;
        }
        assert!(tried > 0);
        let devices = [replay.scene.id(), replay.sibling.device()];
        replay.scene.registry.check_state(&devices);
    });
}

#[test]
fn is_refused_with_any_byte_of_the_signature_changed() {
    let mut replay = Replay::of(Operation::BumpEpoch);
    let Signature::Ed25519(good) = replay.signed.signature else { panic!("of that scheme") };
    for position in 0..good.len() {
        let mut changed = good;
        changed[position] ^= 1 << (position % 8);
        let signed = SignedOperation { signature: Signature::Ed25519(changed), ..replay.signed.clone() };
        assert_eq!(replay.refused(signed), Error::InvalidSignature, "byte {position}");
    }
    let other_scheme = SignedOperation { signature: Signature::Sr25519(good), ..replay.signed.clone() };
    assert_eq!(replay.refused(other_scheme), Error::InvalidSignature);
}

#[test]
fn is_refused_with_any_other_binding_changed() {
    for_each_operation(|mut replay| {
        let stranger = replay.scene.stranger.clone();
        let signed = replay.signed.clone();
        assert_eq!(replay.scene.registry.submit(&stranger, signed).error(), Error::WrongSubmitter);

        let nonce = replay.signed.envelope.nonce;
        // (what is changed, the answer with the old signature, the answer when the signer signs that)
        type Alteration = Box<dyn Fn(&mut Envelope)>;
        let now_ms = replay.scene.registry.now_ms();
        let stranger_account = stranger.account();
        let mut cases: Vec<(Alteration, Error, Error)> = vec![
            (Box::new(move |it| it.nonce = nonce + 1), Error::InvalidNonce, Error::InvalidNonce),
            (Box::new(|it| it.lane = bounds::LANES_MAX), Error::InvalidLane, Error::InvalidLane),
            (Box::new(move |it| it.deadline_ms = now_ms - 1), Error::DeadlinePassed, Error::DeadlinePassed),
            (
                Box::new(move |it| it.deadline_ms = now_ms + bounds::DEADLINE_AHEAD_MAX_MS + 1),
                Error::DeadlineTooFar,
                Error::DeadlineTooFar,
            ),
            (Box::new(move |it| it.signer = stranger_account), Error::InvalidSignature, Error::InvalidSignature),
        ];
        if nonce > 0 {
            cases.push((Box::new(move |it| it.nonce = nonce - 1), Error::InvalidNonce, Error::InvalidNonce));
        }
        for (change, expected, expected_anew) in cases {
            let [altered, anew] = replay.altered(change);
            assert_eq!(replay.refused(altered), expected);
            assert_eq!(replay.refused(anew), expected_anew);
        }
        // Changes that would be fine if the signer had signed them.
        let fine: [Alteration; 3] = [
            Box::new(|it| it.submitter = None),
            Box::new(|it| (it.lane, it.nonce) = (1, 0)),
            Box::new(|it| it.deadline_ms += 1),
        ];
        for change in fine {
            let [altered, anew] = replay.altered(change);
            assert_eq!(replay.refused(altered), Error::InvalidSignature);
            let sponsor = replay.sponsor.clone();
            let accepted = replay.scene.registry.trial(|registry| registry.submit(&sponsor, anew).receipt.result);
            assert_eq!(accepted, Ok(()));
        }
    });
}

#[test]
fn is_refused_the_second_time() {
    for_each_operation(|mut replay| {
        let (sponsor, signed) = (replay.sponsor.clone(), replay.signed.clone());
        replay.scene.registry.submit(&sponsor, signed.clone()).receipt.result.unwrap();
        assert_eq!(replay.refused(signed), Error::InvalidNonce);
    });
}

#[test]
fn is_refused_after_its_deadline() {
    for_each_operation(|mut replay| {
        let deadline_ms = replay.signed.envelope.deadline_ms;
        replay.scene.registry.chain.set_time(deadline_ms + 1);
        assert_eq!(replay.refused(replay.signed.clone()), Error::DeadlinePassed);
        replay.scene.registry.chain.set_time(deadline_ms);
        let (sponsor, signed) = (replay.sponsor.clone(), replay.signed.clone());
        replay.scene.registry.submit(&sponsor, signed).receipt.result.unwrap();
    });
}
