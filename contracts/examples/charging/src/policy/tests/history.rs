//! Random histories: whatever anybody tries in whatever order, no money is lost, made or stuck.

use std::cell::{Cell, RefCell};

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::*;

/// One thing that somebody tries, or that happens.
#[derive(Clone, Debug)]
enum Step {
    Start { caller: AccountId, connector: u8, deposit: Balance },
    Meter { caller: AccountId, connector: u8, energy_wh: u64 },
    Stop { caller: AccountId, connector: u8 },
    Recheck { caller: AccountId, connector: u8 },
    Withdraw { caller: AccountId, to: AccountId },
    SetPrice { caller: AccountId, price_per_wh: Balance },
    Token { vehicle: AccountId, answer: Result<(), GuardError> },
    Refusing { account: AccountId, is_refusing: bool },
    Wait { ms: TimestampMs },
}

const VEHICLES: [AccountId; 2] = [VEHICLE, OTHER_VEHICLE];

fn actor() -> impl Strategy<Value = AccountId> {
    select(vec![VEHICLE, OTHER_VEHICLE, OPERATOR, METER, STRANGER])
}

fn connector() -> impl Strategy<Value = u8> {
    prop_oneof![20 => 1u8..=2, 1 => Just(0u8), 1 => Just(3u8)]
}

fn deposit() -> impl Strategy<Value = Balance> {
    prop_oneof![1 => Just(0), 4 => 1..1_000u128, 4 => 1_000..1_000_000u128, 1 => Just(1u128 << 100)]
}

fn price() -> impl Strategy<Value = Balance> {
    prop_oneof![1 => Just(0), 8 => 1..100u128, 1 => Just(Balance::MAX)]
}

fn energy() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..3_000u64, 3 => 3_000..30_000u64, 1 => any::<u64>()]
}

fn answer() -> impl Strategy<Value = Result<(), GuardError>> {
    prop_oneof![
        5 => Just(Ok(())),
        1 => Just(Err(GuardError::AccessControlUnavailable)),
        1 => select(vec![VerifyError::DeviceRevoked, VerifyError::Expired]).prop_map(|error| Err(GuardError::Refused(error))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (actor(), connector(), deposit()).prop_map(|(caller, connector, deposit)| Step::Start { caller, connector, deposit }),
        8 => (prop_oneof![6 => Just(METER), 1 => actor()], connector(), energy())
            .prop_map(|(caller, connector, energy_wh)| Step::Meter { caller, connector, energy_wh }),
        3 => (actor(), connector()).prop_map(|(caller, connector)| Step::Stop { caller, connector }),
        2 => (actor(), connector()).prop_map(|(caller, connector)| Step::Recheck { caller, connector }),
        3 => (actor(), prop_oneof![8 => actor(), 1 => Just(STATION)]).prop_map(|(caller, to)| Step::Withdraw { caller, to }),
        1 => (prop_oneof![3 => Just(OPERATOR), 1 => actor()], price())
            .prop_map(|(caller, price_per_wh)| Step::SetPrice { caller, price_per_wh }),
        2 => (select(VEHICLES.to_vec()), answer()).prop_map(|(vehicle, answer)| Step::Token { vehicle, answer }),
        3 => (select(vec![VEHICLE, OTHER_VEHICLE, OPERATOR]), any::<bool>())
            .prop_map(|(account, is_refusing)| Step::Refusing { account, is_refusing }),
        4 => prop_oneof![3 => 0..HOUR_MS, 1 => 0..10 * HOUR_MS].prop_map(|ms| Step::Wait { ms }),
    ]
}

/// Tries it. What is refused has no effect: the world's functions change nothing before their last refusal.
fn attempt(world: &mut World, step: Step) -> Result<(), Error> {
    let open = |world: &World, connector| world.session(connector).map(|session| session.id);
    let none = SessionId { connector: 1, number: 0 };
    match step {
        Step::Start { caller, connector, deposit } => {
            let price_max = world.terms.price_per_wh;
            world.start(caller, connector, deposit, price_max).map(|_| ())
        }
        Step::Meter { caller, connector, energy_wh } => {
            let id = open(world, connector).unwrap_or(none);
            world.meter(caller, id, energy_wh).map(|_| ())
        }
        Step::Stop { caller, connector } => {
            let id = open(world, connector).unwrap_or(none);
            world.stop(caller, id).map(|_| ())
        }
        Step::Recheck { caller, connector } => {
            let id = open(world, connector).unwrap_or(none);
            world.recheck(caller, id).map(|_| ())
        }
        Step::Withdraw { caller, to } => world.withdraw(caller, to).map(|_| ()),
        Step::SetPrice { caller, price_per_wh } => world.set_price(caller, price_per_wh),
        Step::Token { vehicle, answer } => {
            world.tokens.insert(vehicle, answer);
            Ok(())
        }
        Step::Refusing { account, is_refusing } => {
            if is_refusing {
                world.refusing.insert(account);
            } else {
                world.refusing.remove(&account);
            }
            Ok(())
        }
        Step::Wait { ms } => {
            world.now_ms += ms;
            Ok(())
        }
    }
}

/// What is held is what is deposited in open sessions and what is owed: no more, no less.
fn check_money(world: &World) {
    let deposited: Balance = world.sessions().iter().map(|session| session.deposit).sum();
    let owed: Balance = world.accounts.values().map(|account| account.owed).sum();
    assert_eq!(world.balance(STATION), i128::try_from(deposited + owed).unwrap());
    assert_eq!(world.balances.values().sum::<i128>(), 0, "money is moved, never made");
}

/// Each open session has its vehicle's account, which therefore takes no bytes when the session ends.
fn check_accounts(world: &World) {
    for (owner, account) in &world.accounts {
        let open = world.sessions().iter().filter(|session| session.vehicle == *owner).count();
        assert_eq!(usize::from(account.uses), open + usize::from(*owner == OPERATOR));
    }
    for session in world.sessions() {
        assert!(world.accounts.contains_key(&session.vehicle));
    }
    assert!(world.accounts.contains_key(&OPERATOR));
}

/// Each vehicle paid for what the meter can have shown, by the price that it agreed to, and got the rest.
fn check_settlements(world: &World) {
    for (session, _, settlement) in &world.ended {
        assert_eq!(settlement.cost + settlement.rest, session.deposit);
        let energy_max_wh = world.terms.energy_max_wh(session.metered_ms - session.started_ms);
        assert!(settlement.energy_wh <= energy_max_wh);
        assert!(session.metered_ms < session.ends_ms);
        assert!(settlement.cost <= session.price_per_wh.saturating_mul(energy_max_wh.into()));
    }
}

/// After its time every session can be ended by anybody, even while the access contract does not answer, and all that is owed can
/// be had at an account that the chain pays.
fn check_nothing_is_stuck(mut world: World) {
    const NEW: AccountId = AccountId([0x77; 32]);
    world.now_ms += world.terms.session_max_ms;
    world.tokens.values_mut().for_each(|answer| *answer = Err(GuardError::AccessControlUnavailable));
    for session in world.sessions() {
        assert_eq!(world.recheck(STRANGER, session.id), Ok(Some(EndReason::TimedOut)));
    }
    for owner in world.accounts.keys().copied().collect::<Vec<_>>() {
        let owed = world.owed(owner);
        let expected = if owner == OPERATOR && owed == 0 { Err(Error::NothingOwed) } else { Ok(owed) };
        assert_eq!(world.withdraw(owner, NEW), expected);
    }
    assert_eq!(world.balance(STATION), 0);
    assert_eq!(world.accounts.len(), 1, "the operator's account alone is left");
    assert!(world.slots.values().all(|slot| *slot == Slot::FREE));
}

/// Runs a history, checks each step and the end, and hands back how the sessions ended.
fn run(steps: Vec<Step>, mut refused: impl FnMut(Error)) -> Vec<(Session, EndReason, Settlement)> {
    let mut world = World::new();
    for step in steps {
        let before = world.clone();
        if let Err(error) = attempt(&mut world, step) {
            let state = |world: &World| (world.slots.clone(), world.accounts.clone(), world.balances.clone());
            assert_eq!(state(&world), state(&before), "what is refused has no effect");
            refused(error);
        }
        check_money(&world);
        check_accounts(&world);
        check_settlements(&world);
    }
    check_nothing_is_stuck(world.clone());
    world.ended
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(512) })]

    #[test]
    fn no_money_is_lost_made_or_stuck(steps in vec(step(), 1..80)) {
        run(steps, |_| ());
    }
}

/// The generator is worth something only if it gets everywhere.
#[test]
fn the_histories_reach_every_end_and_every_error() {
    let seen = RefCell::new(BTreeSet::new());
    let unpaid = Cell::new(0);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(300) }, rng)
        .run(&vec(step(), 1..80), |steps| {
            let ended = run(steps, |error| {
                seen.borrow_mut().insert(name(&error));
            });
            for (_, reason, settlement) in ended {
                seen.borrow_mut().insert(name(&reason));
                let is_unpaid =
                    settlement.cost > settlement.paid_to_operator || settlement.rest > settlement.paid_to_vehicle;
                unpaid.set(unpaid.get() + u32::from(is_unpaid));
            }
            Ok(())
        })
        .unwrap();
    let reasons = ["StoppedByVehicle", "StoppedByOperator", "DepositUsedUp", "TimedOut", "TokenRefused"];
    let errors = [
        "SessionNotFound",
        "NotAuthorized",
        "InvalidTerms",
        "ConnectorNotFound",
        "ConnectorBusy",
        "NoDeposit",
        "Guard",
        "EnergyDecreased",
        "EnergyExceedsPower",
        "InvalidRecipient",
        "NothingOwed",
        "TransferFailed",
    ];
    // A price that is too high and a full counter have tests of their own.
    let expected = reasons.into_iter().chain(errors).map(String::from).collect();
    assert_eq!(seen.into_inner(), expected);
    assert!(unpaid.get() > 50, "{} settlements could not be paid", unpaid.get());
}

/// The variant's name.
fn name(value: &impl core::fmt::Debug) -> String {
    format!("{value:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()
}
