//! What the registry costs.

use ed25519_dalek::Signer;
use marque_contract_tests::{Actor, Registry, chain::Means, samples};
use marque_primitives::{
    AccountId, Controller, Device, DeviceId, DeviceStatus, Error, Operation, PublicKey, RegistryInfo, Relationships,
    Role, Signature, SignedOperation, bounds,
};
use parity_scale_codec::{Decode, Encode};

use super::{Cost, HOUR_MS};

const SPONSORED_SAMPLES: usize = 16;

/// An operation, as it is called and as it is submitted with a signature.
pub struct OperationCost {
    /// What it is.
    pub name: &'static str,
    /// Called by its actor.
    pub direct: Cost,
    /// Submitted by a sponsor.
    pub signed: Cost,
}

/// A batch of registrations.
pub struct BatchCost {
    /// Devices in it.
    pub devices: usize,
    /// The whole call.
    pub whole: Cost,
}

/// All that is measured.
pub struct RegistryCosts {
    /// A call whose message does not exist: what each call pays before any of the registry's own code runs.
    pub floor: Cost,
    /// Writes to a small record.
    pub operations: Vec<OperationCost>,
    /// Writes to the largest record.
    pub largest: Vec<OperationCost>,
    /// Sponsored registrations of several devices with nothing but their initial keys: picoseconds. An Ed25519 signature's bits decide
    /// how long its check takes, and what is signed has the contract's account, which each build changes; one sample would tell little.
    pub sponsored_ps: Vec<u64>,
    /// Batches.
    pub batches: Vec<BatchCost>,
    /// Reads.
    pub reads: Vec<(&'static str, Cost)>,
}

impl RegistryCosts {
    /// The small record's operation of this name.
    pub fn operation(&self, name: &str) -> &OperationCost {
        self.operations.iter().find(|cost| cost.name == name).expect("it is measured")
    }

    /// The read of this name.
    pub fn read(&self, name: &str) -> &Cost {
        &self.reads.iter().find(|(read, _)| *read == name).expect("it is measured").1
    }
}

/// A registry with a small and a largest device of one controller.
struct Bench {
    registry: Registry,
    small: Actor,
    large: Actor,
    controller: Actor,
    sponsor: Actor,
    buyer: Actor,
}

/// Measures the registry.
pub fn measure() -> RegistryCosts {
    let mut bench = Bench::new();
    RegistryCosts {
        floor: bench.floor(),
        operations: bench.operations(),
        largest: bench.on_the_largest(),
        sponsored_ps: (0..SPONSORED_SAMPLES).map(|number| bench.sponsored(number)).collect(),
        batches: [1, 8, bounds::BATCH_MAX].map(|devices| bench.batch(devices)).into(),
        reads: bench.reads(),
    }
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            registry: Registry::default(),
            small: Actor::new("small device"),
            large: Actor::new("large device"),
            controller: Actor::new("controller"),
            sponsor: Actor::new("sponsor"),
            buyer: Actor::new("buyer"),
        };
        let registration = samples::registration(bench.controlled());
        bench.register(&bench.small.clone(), registration);
        let keys = (1..bounds::KEYS_MAX)
            .map(|number| Actor::new(format!("key {number}")).new_key(Relationships::AUTHENTICATION));
        let registration = Operation::Register {
            controller: bench.controlled(),
            metadata: Some([1; 32]),
            keys: keys.collect(),
            services: (0..bounds::SERVICES_MAX).map(samples::largest_service).collect(),
        };
        bench.register(&bench.large.clone(), registration);
        bench
    }

    fn controlled(&self) -> Controller {
        Controller::Account(self.controller.account())
    }

    /// Registers by signature, so that lane 0 is in use: only its first nonce takes room.
    fn register(&mut self, device: &Actor, registration: Operation) {
        let signed = self.registry.sign(device, device.device(), registration);
        self.registry.submit(&self.sponsor, signed).receipt.result.expect("the device registers");
    }

    fn floor(&mut self) -> Cost {
        let answer =
            self.registry.chain.call(self.registry.contract, vec![0; 4], self.sponsor.account(), Means::default());
        Cost::from(&answer.expect("the contract answers"))
    }

    /// Measures an operation both ways, after those that prepare it, and takes all of it back.
    fn operation(
        &mut self,
        name: &'static str,
        device: &Actor,
        actor: &Actor,
        prepare: &[Operation],
        operation: &Operation,
    ) -> OperationCost {
        let (controller, sponsor, id) = (self.controller.clone(), self.sponsor.clone(), device.device());
        let mut measure = |signed: bool| {
            self.registry.trial(|registry| {
                for step in prepare {
                    registry.execute(&controller, id, step.clone()).receipt.result.expect("it is prepared");
                }
                let written = if signed {
                    let signed = registry.sign(actor, id, operation.clone());
                    registry.submit(&sponsor, signed)
                } else {
                    registry.execute(actor, id, operation.clone())
                };
                assert_eq!(written.receipt.result, Ok(()), "{name}");
                Cost::from(&written.receipt)
            })
        };
        OperationCost { name, direct: measure(false), signed: measure(true) }
    }

    fn operations(&mut self) -> Vec<OperationCost> {
        let new = Actor::new("new device");
        let expires_ms = self.registry.now_ms() + HOUR_MS;
        let account = Actor::new("delegate").account();
        let typical = Operation::Register {
            controller: self.controlled(),
            metadata: Some([1; 32]),
            keys: vec![Actor::new("second key").new_key(Relationships::AUTHENTICATION)],
            services: vec![samples::service("meter")],
        };
        let own = samples::registration(Controller::Device);
        let mut costs = vec![
            self.operation("Register, initial key alone", &new, &new, &[], &own),
            self.operation("Register, with a key, a service and metadata", &new, &new, &[], &typical),
        ];
        let (small, controller, buyer) = (self.small.clone(), self.controller.clone(), self.buyer.clone());
        let x25519 = marque_primitives::NewKey {
            public_key: PublicKey::X25519([9; 32]),
            relationships: Relationships::KEY_AGREEMENT,
        };
        let key = Actor::new("new key");
        let set_service = Operation::SetService { service: samples::service("meter") };
        let set_delegate = Operation::SetDelegate { account, role: Role::Operator, expires_ms };
        let offer = Operation::OfferTransfer { to: Controller::Account(buyer.account()), expires_ms };
        let by_controller: Vec<(&'static str, Vec<Operation>, Operation)> = vec![
            ("AddKey, Ed25519", vec![], Operation::AddKey { key: key.new_key(Relationships::AUTHENTICATION) }),
            ("AddKey, X25519", vec![], Operation::AddKey { key: x25519 }),
            ("RotateKey, Ed25519", vec![], Operation::RotateKey { id: 0, public_key: key.public_key() }),
            ("RevokeKey", vec![], Operation::RevokeKey { id: 0 }),
            ("SetService", vec![], set_service.clone()),
            ("RemoveService", vec![set_service], Operation::RemoveService { id: "meter".into() }),
            ("SetMetadata", vec![], Operation::SetMetadata { hash: Some([1; 32]) }),
            ("SetDelegate", vec![], set_delegate.clone()),
            ("RemoveDelegate", vec![set_delegate], Operation::RemoveDelegate { account, role: Role::Operator }),
            ("Suspend", vec![], Operation::Suspend),
            ("Resume", vec![Operation::Suspend], Operation::Resume),
            ("BumpEpoch", vec![], Operation::BumpEpoch),
            ("OfferTransfer", vec![], offer.clone()),
            ("CancelTransfer", vec![offer.clone()], Operation::CancelTransfer),
            ("Revoke", vec![], Operation::Revoke),
        ];
        for (name, prepare, operation) in by_controller {
            costs.push(self.operation(name, &small, &controller, &prepare, &operation));
        }
        costs.push(self.operation("AcceptTransfer", &small, &buyer, &[offer], &Operation::AcceptTransfer));
        costs
    }

    fn on_the_largest(&mut self) -> Vec<OperationCost> {
        let (large, controller) = (self.large.clone(), self.controller.clone());
        let public_key = Actor::new("new key").public_key();
        let operations = [
            ("SetMetadata", Operation::SetMetadata { hash: None }),
            ("RotateKey, Ed25519", Operation::RotateKey { id: 5, public_key }),
            ("Suspend", Operation::Suspend),
            ("Revoke", Operation::Revoke),
        ];
        operations.map(|(name, operation)| self.operation(name, &large, &controller, &[], &operation)).into()
    }

    fn sponsored(&mut self, number: usize) -> u64 {
        let device = Actor::new(format!("sponsored device {number}"));
        let registration = samples::registration(Controller::Device);
        self.operation("sponsored registration", &device, &device, &[], &registration).signed.ref_time_ps
    }

    fn batch(&mut self, devices: usize) -> BatchCost {
        let controller = self.controlled();
        let sponsor = self.sponsor.clone();
        let whole = self.registry.trial(|registry| {
            let batch: Vec<SignedOperation> = (0..devices)
                .map(|number| {
                    let device = Actor::new(format!("batch device {number}"));
                    registry.sign(&device, device.device(), samples::registration(controller))
                })
                .collect();
            let written = registry.register_batch(&sponsor, batch);
            assert_eq!(written.receipt.result, Ok(vec![Ok(()); devices]));
            Cost::from(&written.receipt)
        });
        BatchCost { devices, whole }
    }

    fn reads(&mut self) -> Vec<(&'static str, Cost)> {
        let (small, large) = (self.small.device(), self.large.device());
        let pair = (self.small.clone(), b"a message of a device, of a usual length: 64 bytes are in it...".to_vec());
        let signature = Signature::Ed25519(pair.0.key.sign(&pair.1).to_bytes());
        let verify = (small, Relationships::AUTHENTICATION, AccountId(small.0), pair.1, signature);
        vec![
            ("status, small device", self.read::<Option<DeviceStatus>>("status", small)),
            ("status, largest device", self.read::<Option<DeviceStatus>>("status", large)),
            ("status, unknown device", self.read::<Option<DeviceStatus>>("status", DeviceId([9; 32]))),
            ("statuses, 64 small devices", self.read::<Statuses>("statuses", vec![small; bounds::PAGE_MAX])),
            ("statuses, 64 largest devices", self.read::<Statuses>("statuses", vec![large; bounds::PAGE_MAX])),
            ("device, small", self.read::<Option<Device>>("device", small)),
            ("device, largest", self.read::<Option<Device>>("device", large)),
            ("verify_signature, Ed25519", self.read::<Result<(), Error>>("verify_signature", verify)),
            ("info", self.read::<RegistryInfo>("info", ())),
        ]
    }

    fn read<T: Decode>(&mut self, message: &str, arguments: impl Encode) -> Cost {
        Cost::from(&self.registry.read::<T>(message, arguments))
    }
}

type Statuses = Result<Vec<Option<DeviceStatus>>, Error>;
