//! The deployed registry, with a check of every write.

use std::collections::BTreeMap;

use marque_primitives::{
    AccountId, Change, Device, DeviceId, DeviceStatus, Domain, Envelope, Error, LogEntry, NonceUse, Operation,
    RegistryInfo, Relationships, Signature, SignedOperation, TimestampMs,
};
use parity_scale_codec::{Decode, Encode};

use crate::{
    Actor, Bundle, Chain, Deployed, Failure, Receipt,
    chain::{Means, RawEvent, State},
    deployed::GENESIS_HASH,
    signing, written,
};

/// The event of the registry.
#[derive(Clone, PartialEq, Eq, Debug, Decode)]
pub struct DeviceChanged {
    /// The device.
    pub device: DeviceId,
    /// What was changed.
    pub entry: LogEntry,
}

/// Whose doing a change is, and to what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Attribution {
    device: DeviceId,
    actor: AccountId,
    nonce: Option<NonceUse>,
}

impl From<&Envelope> for Attribution {
    fn from(envelope: &Envelope) -> Self {
        let nonce = NonceUse { lane: envelope.lane, nonce: envelope.nonce };
        Self { device: envelope.device, actor: envelope.signer, nonce: Some(nonce) }
    }
}

impl From<&DeviceChanged> for Attribution {
    fn from(changed: &DeviceChanged) -> Self {
        Self { device: changed.device, actor: changed.entry.actor, nonce: changed.entry.nonce }
    }
}

/// What a write came to: one change per event.
pub type Written<T> = written::Written<T, Error, DeviceChanged>;

impl<T> Written<T> {
    /// The one change that was made.
    ///
    /// # Panics
    /// When there was none, or more than one.
    pub fn change(&self) -> &Change {
        &self.only().entry.change
    }
}

/// A registry on a chain of its own, and what its events say that its state is.
pub struct Registry {
    /// The chain.
    pub chain: Chain,
    /// The registry's account.
    pub contract: AccountId,
    /// The contract that checks Ed25519 signatures for it.
    pub ed25519: AccountId,
    deployed: Deployed,
    expected: Expected,
}

/// What the events so far say.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Expected {
    devices: BTreeMap<DeviceId, Device>,
    info: RegistryInfo,
    deposit: u128,
}

/// What a registry and its chain were at one moment.
pub struct Saved {
    chain: State,
    expected: Expected,
}

impl Default for Registry {
    fn default() -> Self {
        Self::deploy(Chain::default(), &Actor::new("deployer"), b"")
    }
}

impl Registry {
    /// Deploys a registry. The salt makes its account another one.
    ///
    /// # Panics
    /// When the chain refuses the bundle.
    pub fn deploy(mut chain: Chain, deployer: &Actor, salt: &[u8]) -> Self {
        let ed25519 = Deployed::ed25519(&mut chain, deployer).account;
        let deployed = Deployed::new(&mut chain, "did_registry", (GENESIS_HASH, ed25519), salt, deployer);
        let contract = deployed.account;
        let info = RegistryInfo { genesis_hash: GENESIS_HASH, ed25519, registered: 0, last_registration_block: 0 };
        let deposit = chain.held_deposit(contract);
        Self { chain, contract, ed25519, deployed, expected: Expected { devices: BTreeMap::new(), info, deposit } }
    }

    /// The bundle that was deployed.
    pub fn bundle(&self) -> &Bundle {
        &self.deployed.bundle
    }

    /// Where signatures are good.
    pub fn domain(&self) -> Domain {
        Domain { genesis_hash: GENESIS_HASH, contract: self.contract }
    }

    /// The block's time.
    pub fn now_ms(&self) -> TimestampMs {
        self.chain.now_ms()
    }

    /// What the events say that the device's record is.
    pub fn record(&self, device: DeviceId) -> Option<&Device> {
        self.expected.devices.get(&device)
    }

    /// Puts a record into the contract's storage, past the contract: for states that no test could reach in time.
    pub fn plant(&mut self, device: DeviceId, record: Device) {
        let key = (self.bundle().mapping_key("devices"), device).encode();
        self.chain.plant(self.contract, &key, &record.encode());
        self.expected.devices.insert(device, record);
        self.check_state(&[device]);
    }

    /// Does something and takes it back, whatever it was.
    pub fn trial<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.save();
        let result = act(self);
        self.go_back(before);
        result
    }

    /// All that is now, to [`go_back`](Self::go_back) to.
    pub fn save(&mut self) -> Saved {
        Saved { chain: self.chain.snapshot(), expected: self.expected.clone() }
    }

    /// Goes back to what was.
    pub fn go_back(&mut self, before: Saved) {
        self.chain.restore(before.chain);
        self.expected = before.expected;
    }
}

/// Writes. Each is made in a block of its own, and checked:
///
/// - an accepted one emits exactly one event for each device that it changes, with who did it; nothing else does;
/// - the event's version, epoch, time and chain of blocks follow from the record before, and `Device::evolve` makes of both
///   what the contract has stored;
/// - the registry's own numbers follow from the events;
/// - the deposit that the contract holds changes by what the chain says that it charged;
/// - a refused one changes none of this.
impl Registry {
    /// Carries out an operation for the caller.
    pub fn execute(&mut self, caller: &Actor, device: DeviceId, operation: Operation) -> Written<()> {
        let origin = Attribution { device, actor: caller.account(), nonce: None };
        self.write("execute", (device, operation), caller.account(), &[origin], |()| vec![true])
    }

    /// Submits a signed operation.
    pub fn submit(&mut self, submitter: &Actor, signed: SignedOperation) -> Written<()> {
        let origin = Attribution::from(&signed.envelope);
        self.write("execute_signed", signed, submitter.account(), &[origin], |()| vec![true])
    }

    /// Submits a batch of signed registrations.
    pub fn register_batch(
        &mut self,
        submitter: &Actor,
        batch: Vec<SignedOperation>,
    ) -> Written<Vec<Result<(), Error>>> {
        let origins: Vec<Attribution> = batch.iter().map(|signed| Attribution::from(&signed.envelope)).collect();
        let accepted = |results: &Vec<Result<(), Error>>| results.iter().map(Result::is_ok).collect();
        self.write("register_batch", batch, submitter.account(), &origins, accepted)
    }

    /// Signs an operation with the device's next nonce in lane 0, for anyone to submit.
    pub fn sign(&self, signer: &Actor, device: DeviceId, operation: Operation) -> SignedOperation {
        signing::sign(self.envelope(signer, device, operation), &self.domain(), signer)
    }

    /// The envelope of [`sign`](Self::sign).
    pub fn envelope(&self, signer: &Actor, device: DeviceId, operation: Operation) -> Envelope {
        let nonce = self.record(device).map_or(0, |record| record.next_nonce(0));
        signing::envelope(device, operation, signer.account(), nonce, self.now_ms())
    }

    /// Writes. Each of `origins` stands for one change, which is made if `accepted` says so.
    fn write<T: Decode>(
        &mut self,
        message: &str,
        arguments: impl Encode,
        caller: AccountId,
        origins: &[Attribution],
        accepted: impl FnOnce(&T) -> Vec<bool>,
    ) -> Written<T> {
        self.chain.next_block();
        let receipt = self.call(message, arguments, caller).expect("the contract reads well-formed input");
        let changes: Vec<DeviceChanged> = receipt.events.iter().map(|event| self.decode_event(event)).collect();
        let accepted = receipt.result.as_ref().map_or_else(|_| vec![false; origins.len()], accepted);
        let expected: Vec<Attribution> =
            origins.iter().zip(accepted).filter_map(|(origin, accepted)| accepted.then_some(*origin)).collect();
        assert_eq!(changes.iter().map(Attribution::from).collect::<Vec<_>>(), expected, "one event for each change");
        for changed in &changes {
            self.follow(changed);
        }
        self.expected.deposit = self.expected.deposit.checked_add_signed(receipt.deposit).expect("no negative deposit");
        self.check_state(&origins.iter().map(|origin| origin.device).collect::<Vec<_>>());
        Written { receipt, changes }
    }

    fn follow(&mut self, changed: &DeviceChanged) {
        let DeviceChanged { device, entry } = changed;
        let block = self.chain.block();
        let before = self.expected.devices.remove(device);
        let (version, epoch, previous_block) =
            before.as_ref().map_or((0, 0, 0), |record| (record.version, record.epoch, record.changed_block));
        assert_eq!(entry.version, version + 1);
        assert_eq!(entry.epoch, epoch + u32::from(entry.change.starts_epoch()));
        assert_eq!(entry.previous_block, previous_block);
        assert_eq!(entry.at_ms, self.chain.now_ms());
        if let Change::Registered { previous_registration_block, .. } = entry.change {
            assert!(before.is_none(), "a device is registered once");
            assert_eq!(previous_registration_block, self.expected.info.last_registration_block);
            self.expected.info.registered += 1;
            self.expected.info.last_registration_block = block;
        }
        self.expected.devices.insert(*device, Device::evolve(before, entry, block));
    }

    /// Checks that the contract has what the events say, for these devices and for the registry as a whole.
    pub fn check_state(&mut self, devices: &[DeviceId]) {
        for device in devices {
            assert_eq!(self.device(*device).as_ref(), self.record(*device), "the stored record is what its events say");
        }
        assert_eq!(self.info(), self.expected.info);
        assert_eq!(self.chain.held_deposit(self.contract), self.expected.deposit);
    }

    fn decode_event(&self, event: &RawEvent) -> DeviceChanged {
        self.deployed.event(event, "DeviceChanged", |changed: &DeviceChanged| vec![changed.device.0])
    }
}

/// Reads.
impl Registry {
    /// The device's record.
    pub fn device(&mut self, device: DeviceId) -> Option<Device> {
        self.read("device", device).result
    }

    /// The device's status.
    pub fn status(&mut self, device: DeviceId) -> Option<DeviceStatus> {
        self.read("status", device).result
    }

    /// The statuses of several devices.
    ///
    /// # Errors
    /// The contract's.
    pub fn statuses(&mut self, devices: &[DeviceId]) -> Result<Vec<Option<DeviceStatus>>, Error> {
        self.read("statuses", devices).result
    }

    /// Whether the contract takes the message as signed by the device.
    ///
    /// # Errors
    /// The contract's.
    pub fn verify_signature(
        &mut self,
        device: DeviceId,
        relationships: Relationships,
        signer: AccountId,
        message: &[u8],
        signature: Signature,
    ) -> Result<(), Error> {
        self.read("verify_signature", (device, relationships, signer, message, signature)).result
    }

    /// What the registry says of itself.
    pub fn info(&mut self) -> RegistryInfo {
        self.read("info", ()).result
    }

    /// Calls a message that changes nothing; anybody may.
    ///
    /// # Panics
    /// When the contract can't read the arguments, traps, emits or takes a deposit.
    pub fn read<T: Decode>(&mut self, message: &str, arguments: impl Encode) -> Receipt<T> {
        self.deployed.read(&mut self.chain, message, arguments)
    }
}

/// Calls, with all that can go wrong.
impl Registry {
    /// Calls a message that gives a result or a refusal.
    ///
    /// # Errors
    /// As [`Deployed::call_raw`].
    pub fn call<T: Decode>(
        &mut self,
        message: &str,
        arguments: impl Encode,
        origin: AccountId,
    ) -> Result<Receipt<Result<T, Error>>, Failure> {
        self.deployed.call(&mut self.chain, message, arguments, origin, Means::default())
    }

    /// Calls with any bytes, and gives the answer's bytes.
    ///
    /// # Errors
    /// As [`Deployed::call_raw`].
    pub fn call_raw(&mut self, input: Vec<u8>, origin: AccountId) -> Result<Receipt<Vec<u8>>, Failure> {
        self.deployed.call_raw(&mut self.chain, input, origin, Means::default())
    }
}
