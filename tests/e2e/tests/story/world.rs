//! Who is in the story, and what they can be asked.

use marque_e2e_tests::Backend;
use marque_sdk::{
    Account, CallError, Chain, Registry, Signer,
    primitives::{AccountId, Controller, Device, DeviceId, Error, Operation, SignedOperation},
};

/// What a device needs to pay for itself, in the chain's smallest unit.
const FUNDS: u128 = 100_000_000_000_000_000;

pub struct World {
    pub chain: Chain,
    pub registry: Registry,
    /// Deploys, sponsors and controls.
    pub alice: Account,
    /// Is offered a device.
    pub bob: Account,
    /// Is an operator.
    pub charlie: Account,
    /// Is a rotator.
    pub dave: Account,
    /// Has no part in anything.
    pub eve: Account,
    pub url: String,
}

/// A device and its initial key.
pub struct Registered {
    pub id: DeviceId,
    pub key: Account,
}

impl World {
    pub async fn begin(backend: &Backend) -> Self {
        let chain = backend.connect().await;
        let account = |uri: &str| Account::from_uri(uri).unwrap();
        let alice = account("//Alice");
        let registry = Registry::deploy(&chain, &alice).await.unwrap();
        let [bob, charlie, dave, eve] = ["//Bob", "//Charlie", "//Dave", "//Eve"].map(account);
        Self { chain, registry, alice, bob, charlie, dave, eve, url: backend.url().to_owned() }
    }

    pub async fn fund(&self, account: &Account) {
        self.chain.transfer(&self.alice, &id(account), FUNDS).await.unwrap();
    }

    pub async fn record(&self, device: &Registered) -> Device {
        self.registry.device(device.id).await.unwrap().expect("the device is registered")
    }

    pub async fn execute(&self, signer: &Account, device: &Registered, operation: Operation) -> Device {
        self.registry.execute(signer, device.id, operation).await.unwrap();
        self.record(device).await
    }

    /// Has the registry refuse, and checks that nothing was changed.
    pub async fn refuse(&self, signer: &Account, device: &Registered, operation: Operation, with: Error) {
        let before = self.registry.device(device.id).await.unwrap();
        let refused = self.registry.execute(signer, device.id, operation.clone()).await;
        expect_refusal(refused, with, &operation);
        assert_eq!(
            self.registry.device(device.id).await.unwrap(),
            before,
            "{operation:?} was refused and changed something"
        );
    }

    pub async fn refuse_signed(&self, submitter: &Account, signed: SignedOperation, with: Error) {
        let refused = self.registry.submit(submitter, signed.clone()).await;
        expect_refusal(refused, with, &signed.envelope);
    }

    /// Signs and submits a registration, paid by Alice.
    pub async fn sponsor(&self, controller: Controller) -> Registered {
        let device = new_device();
        let prepared = self.registry.prepare(device.id, register(controller)).only_by(id(&self.alice));
        let signed = prepared.sign(&device.key).await.unwrap();
        self.registry.submit(&self.alice, signed).await.unwrap();
        device
    }
}

pub fn id(account: &Account) -> AccountId {
    Signer::account(account)
}

pub fn controlled_by(account: &Account) -> Controller {
    Controller::Account(id(account))
}

pub fn new_device() -> Registered {
    let key = Account::generate();
    Registered { id: key.device_id().unwrap(), key }
}

pub fn register(controller: Controller) -> Operation {
    Operation::Register { controller, metadata: None, keys: vec![], services: vec![] }
}

fn expect_refusal<T: std::fmt::Debug>(result: Result<T, CallError>, with: Error, what: &impl std::fmt::Debug) {
    match result {
        Err(error) => assert_eq!(error.refusal(), Some(with), "{what:?}: {error}"),
        Ok(receipt) => panic!("{what:?} was not refused: {receipt:?}"),
    }
}
