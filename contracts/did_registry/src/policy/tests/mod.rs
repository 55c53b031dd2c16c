//! Tests of the policy: one file per family of operations, and shared fixtures here.

mod actors;
mod delegates;
mod history;
mod invariants;
mod keys;
mod lifecycle;
mod registration;
mod services;
mod signed;
mod transfer;

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use marque_primitives::{
    AccountId, Change, Controller, Device, DeviceId, Envelope, Error, KeyId, LogEntry, NewKey, NonceUse, Operation,
    PublicKey, Relationships, Role, Service, TimestampMs,
};

use super::{decide, ensure_next_nonce, ensure_submittable, Context};

/// The time at which every world starts.
pub const START_MS: TimestampMs = 1_700_000_000_000;

const INVOKE: Relationships = Relationships::CAPABILITY_INVOCATION;
const DELEGATE: Relationships = Relationships::CAPABILITY_DELEGATION;
const AUTHENTICATE: Relationships = Relationships::AUTHENTICATION;

/// Accounts that are no key of any device.
const CONTROLLER: AccountId = AccountId([0xc0; 32]);
const OFFEREE: AccountId = AccountId([0xc1; 32]);
const OPERATOR: AccountId = AccountId([0xd0; 32]);
const ROTATOR: AccountId = AccountId([0xd1; 32]);
const STRANGER: AccountId = AccountId([0xee; 32]);

static ED25519: LazyLock<Vec<[u8; 32]>> =
    LazyLock::new(|| (0..64).map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes()).collect());

/// Of these, the ones whose bytes are good Sr25519 keys as well.
static SR25519: LazyLock<Vec<PublicKey>> =
    LazyLock::new(|| ED25519.iter().map(|key| PublicKey::Sr25519(*key)).filter(|key| key.validate().is_ok()).collect());

/// The public key of seed `number` (below 64). Number 0 is the device's initial key.
fn ed25519(number: usize) -> PublicKey {
    PublicKey::Ed25519(ED25519[number])
}

/// The account of that key.
fn key_account(number: usize) -> AccountId {
    AccountId(ED25519[number])
}

const P256: PublicKey = PublicKey::P256([2; 33]);
const X25519: PublicKey = PublicKey::X25519([9; 32]);

fn new_key(number: usize, relationships: Relationships) -> NewKey {
    NewKey { public_key: ed25519(number), relationships }
}

fn add_key(number: usize, relationships: Relationships) -> Operation {
    Operation::AddKey { key: new_key(number, relationships) }
}

fn rotate(id: KeyId, public_key: PublicKey) -> Operation {
    Operation::RotateKey { id, public_key }
}

fn revoke_key(id: KeyId) -> Operation {
    Operation::RevokeKey { id }
}

fn service(id: &str) -> Service {
    Service { id: id.into(), service_type: "Telemetry".into(), endpoint: "https://m.example".into() }
}

fn set_service(id: &str) -> Operation {
    Operation::SetService { service: service(id) }
}

fn set_delegate(account: AccountId, role: Role, expires_ms: TimestampMs) -> Operation {
    Operation::SetDelegate { account, role, expires_ms }
}

fn register(controller: Controller) -> Operation {
    Operation::Register { controller, metadata: None, keys: vec![], services: vec![] }
}

/// A registry with one device, and the chain's clock.
#[derive(Clone)]
struct World {
    record: Option<Device>,
    history: Vec<(LogEntry, u32)>,
    now_ms: TimestampMs,
    block: u32,
}

impl World {
    /// Before the device's registration.
    fn empty() -> Self {
        Self { record: None, history: vec![], now_ms: START_MS, block: 1 }
    }

    /// The device is registered, without other keys or services.
    fn registered(controller: Controller) -> Self {
        let mut world = Self::empty();
        world.must(key_account(0), register(controller));
        world
    }

    fn of_account() -> Self {
        Self::registered(Controller::Account(CONTROLLER))
    }

    fn of_itself() -> Self {
        Self::registered(Controller::Device)
    }

    fn id() -> DeviceId {
        DeviceId(ED25519[0])
    }

    fn device(&self) -> &Device {
        self.record.as_ref().expect("the device is registered")
    }

    fn context(&self, actor: AccountId) -> Context {
        Context { device: Self::id(), actor, is_ed25519_proven: false, now_ms: self.now_ms, last_registration_block: 0 }
    }

    /// What the contract would decide; nothing is changed.
    fn decide(&self, actor: AccountId, operation: Operation) -> Result<Change, Error> {
        decide(self.record.as_ref(), operation, None, &self.context(actor)).map(|entry| entry.change)
    }

    /// Carries the operation out for its caller, as the contract does.
    fn act(&mut self, actor: AccountId, operation: Operation) -> Result<(), Error> {
        self.change(actor, operation, None)
    }

    /// Carries the envelope out as the contract does once the signature is verified.
    fn submit(&mut self, envelope: Envelope, submitter: AccountId) -> Result<(), Error> {
        ensure_submittable(&envelope, submitter, self.now_ms)?;
        ensure_next_nonce(self.record.as_ref(), &envelope)?;
        let nonce = NonceUse { lane: envelope.lane, nonce: envelope.nonce };
        self.change(envelope.signer, envelope.operation, Some(nonce))
    }

    #[track_caller]
    fn must(&mut self, actor: AccountId, operation: Operation) {
        let text = format!("{operation:?}");
        assert_eq!(self.act(actor, operation), Ok(()), "{text}");
    }

    #[track_caller]
    fn refuses(&self, actor: AccountId, operation: Operation, error: Error) {
        let text = format!("{operation:?}");
        assert_eq!(self.decide(actor, operation), Err(error), "{text}");
    }

    fn change(&mut self, actor: AccountId, operation: Operation, nonce: Option<NonceUse>) -> Result<(), Error> {
        let entry = decide(self.record.as_ref(), operation, nonce, &self.context(actor))?;
        self.record = Some(Device::evolve(self.record.take(), &entry, self.block));
        self.history.push((entry, self.block));
        self.block += 1;
        Ok(())
    }
}
