//! Who is in the story: accounts and devices that are made anew each time.

use marque_sdk::{
    Account, At, CallError, Chain, Registry, Signer, account,
    chain::Deployed,
    did,
    primitives::{AccountId, DeviceId, Operation, SignedOperation},
    registry::deploy_ed25519,
};

use super::teller::Teller;
use crate::{failure::Outcome, shown, spec::hex0x};

/// What each account gets from //Alice, in the chain's smallest unit: 100 UNIT.
pub const ALLOWANCE: u128 = 100_000_000_000_000;

/// A device and its initial key.
pub struct Actor {
    /// Its key.
    pub key: Account,
    /// Its id.
    pub id: DeviceId,
}

impl Actor {
    /// A device with a new key.
    pub fn new() -> Self {
        let key = Account::generate();
        let id = DeviceId(key.account().0);
        Self { key, id }
    }
}

/// All who are in the story.
pub struct Cast {
    /// The registry.
    pub registry: Registry,
    /// An electricity utility: it owns the meter and the robot, and pays for the meter's transactions.
    pub utility: Account,
    /// A service company, which the utility lets suspend its robot.
    pub operations: Account,
    /// Who buys the robot.
    pub buyer: Account,
    /// Somebody with money and no rights.
    pub stranger: Account,
    /// An electricity meter, which never has money.
    pub meter: Actor,
    /// The meter's second key.
    pub meter_key: Account,
    /// A charging station that is its own master and pays for itself.
    pub charger: Actor,
    /// A robot that is sold.
    pub robot: Actor,
}

impl Cast {
    /// Gives everybody money, and deploys a registry.
    ///
    /// # Errors
    /// When a step does not go as it should.
    pub async fn gather(teller: &mut Teller, chain: &Chain) -> Outcome<Self> {
        teller
            .chapter("A registry", "One contract keeps the identities. Who deploys it pays, and has no say in it.")?;
        teller.show(&format!("chain {} with genesis {}", shown::url(chain.url()), hex0x(&chain.genesis_hash())))?;
        let alice = Account::from_uri("//Alice").map_err(|error| teller.differs("find //Alice", &error.to_string()))?;
        let mut ed25519 = None;
        let deploy = async {
            let Deployed { contract, receipt } = deploy_ed25519(chain, &alice).await?;
            ed25519 = Some(contract);
            Ok::<_, CallError>(receipt)
        };
        teller.accepted("a contract that checks Ed25519 signatures is deployed", alice.account(), deploy).await?;
        let ed25519 = ed25519.ok_or_else(|| teller.differs("it is deployed", "it is not there"))?;
        let mut deployed = None;
        let deploy = async {
            let (registry, receipt) = Registry::deploy_with_receipt(chain, &alice, ed25519).await?;
            deployed = Some(registry);
            Ok::<_, CallError>(receipt)
        };
        teller.accepted("the registry is deployed", alice.account(), deploy).await?;
        let registry = deployed.ok_or_else(|| teller.differs("the registry is deployed", "it is not there"))?;
        let attached = Registry::attach(chain, registry.contract()).await?;
        let id = did::format_registry_id(&attached.id());
        teller.check(
            &format!("it is found at {}, its id is {id}", account::format(&registry.contract())),
            attached.id() == registry.id(),
        )?;
        teller.check("it has no devices yet", registry.info().await?.registered == 0)?;
        let cast = Self {
            registry,
            utility: Account::generate(),
            operations: Account::generate(),
            buyer: Account::generate(),
            stranger: Account::generate(),
            meter: Actor::new(),
            meter_key: Account::generate(),
            charger: Actor::new(),
            robot: Actor::new(),
        };
        for account in cast.payers() {
            chain.transfer(&alice, &account, ALLOWANCE).await?;
        }
        let balance = chain.balance(&cast.utility.account(), At::Finalized).await?.free;
        teller.check("//Alice gives the people of this story, and the charger, 100 UNIT each", balance == ALLOWANCE)?;
        Ok(cast)
    }

    /// Who pays for transactions.
    fn payers(&self) -> [AccountId; 5] {
        [&self.utility, &self.operations, &self.buyer, &self.stranger, &self.charger.key].map(Signer::account)
    }

    /// An operation that a key signs, to be submitted by the utility alone.
    ///
    /// # Errors
    /// When the chain can't be read.
    pub async fn sign(&self, device: DeviceId, operation: Operation, key: &Account) -> Outcome<SignedOperation> {
        let prepared = self.registry.prepare(device, operation).only_by(self.utility.account());
        Ok(prepared.sign(key).await?)
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        self.registry.chain()
    }
}
