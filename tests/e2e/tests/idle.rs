//! A chain that makes no blocks while nothing happens: its time stands still, and nobody else's does.

use std::{sync::Arc, time::Duration};

use marque_devnet::Clock as _;
use marque_e2e_tests::Backend;
use marque_sdk::{
    Account, Chain, ChainConfig, Registry, Signer,
    chain::Clock,
    primitives::{Controller, DeviceId, Operation, Role, TimestampMs, bounds},
};

const MINUTE_MS: u64 = 60 * 1000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A machine whose clock shows this time.
#[derive(Debug)]
struct Machine(TimestampMs);

impl Clock for Machine {
    fn now_ms(&self) -> TimestampMs {
        self.0
    }
}

/// The embedded chain with a registry, as seen from machines with other clocks.
struct World {
    backend: Backend,
    alice: Account,
    registry: Registry,
}

impl World {
    async fn begin() -> Self {
        let backend = Backend::embedded().await;
        let alice = Account::from_uri("//Alice").unwrap();
        let registry = Registry::deploy(&backend.connect().await, &alice).await.unwrap();
        Self { backend, alice, registry }
    }

    /// Time passes without a block. Returns the true time.
    fn idle(&self, ms: u64) -> u64 {
        let clock = self.backend.clock().unwrap();
        clock.advance(Duration::from_millis(ms));
        clock.now_ms()
    }

    async fn seen_from(&self, machine_ms: u64) -> Registry {
        let mut config = ChainConfig::default();
        config.clock = Arc::new(Machine(machine_ms));
        let chain = Chain::connect_with(self.backend.url(), config).await.unwrap();
        Registry::attach(&chain, self.registry.contract()).await.unwrap()
    }

    /// A registration that the device signs and Alice pays for.
    async fn sponsor(&self, registry: &Registry) -> Result<DeviceId, marque_sdk::CallError> {
        let key = Account::generate();
        let device = key.device_id().unwrap();
        let controller = Controller::Account(self.alice.account());
        let register = Operation::Register { controller, metadata: None, keys: vec![], services: vec![] };
        let signed = registry.prepare(device, register).sign(&key).await?;
        registry.submit(&self.alice, signed).await.map(|_| device)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_after_an_idle_time_is_good() {
    let world = World::begin().await;
    for idle_ms in [11 * MINUTE_MS, HOUR_MS, 23 * HOUR_MS] {
        let registry = world.seen_from(world.idle(idle_ms)).await;
        world.sponsor(&registry).await.unwrap_or_else(|error| panic!("idle for {idle_ms} ms: {error}"));
    }
    world.backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_idle_for_longer_than_a_deadline_may_be_ahead_is_current_again_after_one_attempt() {
    let world = World::begin().await;
    let registry = world.seen_from(world.idle(3 * DAY_MS)).await;
    // The dry run finds nothing wrong with it, and the block comes too late.
    let refused = world.sponsor(&registry).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(marque_sdk::primitives::Error::DeadlinePassed), "{refused}");
    world.sponsor(&registry).await.unwrap();
    world.backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_whose_clock_is_wrong_signs_what_is_good() {
    let world = World::begin().await;
    let true_ms = world.idle(0);
    for machine_ms in [0, true_ms - DAY_MS, true_ms + DAY_MS, true_ms + 365 * DAY_MS, u64::MAX] {
        let registry = world.seen_from(machine_ms).await;
        world.sponsor(&registry).await.unwrap_or_else(|error| panic!("a clock at {machine_ms}: {error}"));
    }
    world.backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delegations_and_offers_begin_when_they_are_made() {
    let world = World::begin().await;
    let device = world.sponsor(&world.registry).await.unwrap();
    for (ahead_ms, longest) in [(HOUR_MS, false), (bounds::OFFER_MAX_MS, true)] {
        let now_ms = world.idle(2 * HOUR_MS);
        let registry = world.seen_from(now_ms).await;
        let expires_ms = registry.chain().time_ahead_ms(ahead_ms, bounds::OFFER_MAX_MS).await.unwrap();
        let to = Controller::Device;
        let offered = registry.execute(&world.alice, device, Operation::OfferTransfer { to, expires_ms }).await;
        offered.unwrap_or_else(|error| panic!("{ahead_ms} ms: {error}"));
        // The longest possible one counts from the last block: a dry run refuses a longer one.
        assert_eq!(expires_ms, if longest { now_ms - 2 * HOUR_MS } else { now_ms } + ahead_ms);
    }
    let now_ms = world.idle(2 * HOUR_MS);
    let registry = world.seen_from(now_ms).await;
    let expires_ms = registry.chain().time_ahead_ms(HOUR_MS, bounds::DELEGATION_MAX_MS).await.unwrap();
    let (account, role) = (world.registry.contract(), Role::Operator);
    let delegate = Operation::SetDelegate { account, role, expires_ms };
    registry.execute(&world.alice, device, delegate).await.unwrap();
    assert_eq!(expires_ms, now_ms + HOUR_MS);
    world.backend.stop().await;
}
