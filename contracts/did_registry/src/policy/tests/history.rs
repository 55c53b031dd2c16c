//! Random histories: whatever anybody tries in whatever order, the invariants hold after each step.

use std::{cell::RefCell, collections::BTreeSet};

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    invariants::{check_record, check_step},
    *,
};
use marque_primitives::{bounds, Status};

/// One thing that somebody tries.
#[derive(Clone, Debug)]
struct Attempt {
    actor: AccountId,
    operation: Operation,
    /// Time since the attempt before.
    later_ms: TimestampMs,
    /// Lane, and how far from the next one the nonce is, if it is submitted with a signature.
    signed: Option<(u8, u64)>,
}

/// Keys that are in play: enough to fill the list more than once.
const POOL: usize = 60;

fn account() -> impl Strategy<Value = AccountId> {
    select(vec![CONTROLLER, OFFEREE, OPERATOR, ROTATOR])
}

fn actor() -> impl Strategy<Value = AccountId> {
    prop_oneof![
        6 => account(),
        4 => Just(key_account(0)),
        6 => (0..POOL).prop_map(key_account),
        1 => Just(STRANGER),
    ]
}

fn controller() -> impl Strategy<Value = Controller> {
    prop_oneof![Just(Controller::Device), account().prop_map(Controller::Account)]
}

fn public_key() -> impl Strategy<Value = PublicKey> {
    prop_oneof![
        12 => (0..POOL).prop_map(ed25519),
        1 => select(SR25519.clone()),
        1 => Just(P256),
        1 => Just(X25519),
        1 => Just(PublicKey::Ed25519([0; 32])),
    ]
}

fn relationships() -> impl Strategy<Value = Relationships> {
    prop_oneof![
        4 => Just(Relationships::INITIAL),
        2 => Just(INVOKE),
        1 => Just(DELEGATE),
        2 => Just(AUTHENTICATE),
        1 => Just(Relationships::KEY_AGREEMENT),
        1 => any::<u8>().prop_map(Relationships),
    ]
}

fn key_operation() -> impl Strategy<Value = Operation> {
    let id = || prop_oneof![4 => 0u32..4, 2 => 0u32..40];
    prop_oneof![
        4 => (public_key(), relationships())
            .prop_map(|(public_key, relationships)| Operation::AddKey { key: NewKey { public_key, relationships } }),
        2 => (id(), public_key()).prop_map(|(id, public_key)| rotate(id, public_key)),
        2 => id().prop_map(revoke_key),
    ]
}

/// How far ahead an expiry lies: near ones, which come within a history, none, and any.
fn expiry() -> impl Strategy<Value = TimestampMs> {
    prop_oneof![20 => 1u64..400, 1 => Just(0), 1 => any::<u64>()]
}

/// The operation, with its expiry counted from now.
fn from_now(mut operation: Operation, now_ms: TimestampMs) -> Operation {
    if let Operation::SetDelegate { expires_ms, .. } | Operation::OfferTransfer { expires_ms, .. } = &mut operation {
        *expires_ms = expires_ms.saturating_add(now_ms);
    }
    operation
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Operator), Just(Role::Rotator)]
}

fn service_id() -> impl Strategy<Value = String> {
    (0..10).prop_map(|number| format!("s{number}"))
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        20 => key_operation(),
        4 => service_id().prop_map(|id| set_service(&id)),
        1 => Just(set_service("key-0")),
        2 => service_id().prop_map(|id| Operation::RemoveService { id }),
        1 => option::of(Just([1; 32])).prop_map(|hash| Operation::SetMetadata { hash }),
        4 => (account(), role(), expiry()).prop_map(|(account, role, expires_ms)| set_delegate(account, role, expires_ms)),
        2 => (0u8..12, role(), expiry())
            .prop_map(|(number, role, expires_ms)| set_delegate(AccountId([number; 32]), role, expires_ms)),
        1 => (account(), role()).prop_map(|(account, role)| Operation::RemoveDelegate { account, role }),
        3 => Just(Operation::Suspend),
        3 => Just(Operation::Resume),
        1 => Just(Operation::BumpEpoch),
        5 => (controller(), expiry()).prop_map(|(to, expires_ms)| Operation::OfferTransfer { to, expires_ms }),
        1 => Just(Operation::CancelTransfer),
        4 => Just(Operation::AcceptTransfer),
    ]
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let operation = prop_oneof![400 => operation(), 4 => controller().prop_map(register), 1 => Just(Operation::Revoke)];
    let lane = prop_oneof![20 => 0..bounds::LANES_MAX, 1 => Just(bounds::LANES_MAX)];
    let signed = option::weighted(0.3, (lane, prop_oneof![20 => Just(0u64), 1 => Just(1), 1 => Just(u64::MAX)]));
    let later_ms = prop_oneof![3 => Just(0u64), 3 => 1u64..10, 1 => 50u64..200];
    (actor(), operation, later_ms, signed).prop_map(|(actor, operation, later_ms, signed)| Attempt {
        actor,
        operation,
        later_ms,
        signed,
    })
}

/// How the actor of an attempt is chosen once the record is known.
#[derive(Clone, Debug)]
struct Luck {
    titled: bool,
    controls: bool,
    pick: prop::sample::Index,
}

fn luck() -> impl Strategy<Value = Luck> {
    let likely = || prop::bool::weighted(0.9);
    (likely(), likely(), any::<prop::sample::Index>()).prop_map(|(titled, controls, pick)| Luck {
        titled,
        controls,
        pick,
    })
}

/// Makes the actor, in most attempts, one who has a title to the record as it is: most steps then get past the rights.
fn with_title(world: &World, attempt: Attempt, luck: Luck) -> Attempt {
    let Some(device) = world.record.as_ref().filter(|_| luck.titled && attempt.actor != STRANGER) else {
        return attempt;
    };
    let keys = device.keys.iter().filter(|key| key.is_current()).filter_map(|key| key.public_key.account());
    let of = |controller: Controller| match controller {
        Controller::Account(account) => vec![account],
        Controller::Device => keys.clone().collect(),
    };
    let actors: Vec<AccountId> = match &attempt.operation {
        Operation::AcceptTransfer => device.offer.map_or(vec![], |offer| of(offer.to)),
        _ if luck.controls => of(device.controller),
        _ => keys.clone().chain(device.delegates.iter().map(|delegate| delegate.account)).collect(),
    };
    if actors.is_empty() {
        return attempt;
    }
    Attempt { actor: actors[luck.pick.index(actors.len())], ..attempt }
}

fn try_attempt(world: &mut World, attempt: &Attempt) -> Result<(), Error> {
    let operation = from_now(attempt.operation.clone(), world.now_ms);
    let Some((lane, ahead)) = attempt.signed else { return world.act(attempt.actor, operation) };
    let next = world.record.as_ref().map_or(0, |device| device.next_nonce(lane));
    let envelope = Envelope {
        device: World::id(),
        operation,
        signer: attempt.actor,
        submitter: None,
        lane,
        nonce: next.wrapping_add(ahead),
        deadline_ms: world.now_ms,
    };
    world.submit(envelope, STRANGER)
}

/// Makes one attempt and checks all that must hold of its outcome.
fn check_attempt(world: &mut World, attempt: &Attempt) -> Result<(), Error> {
    world.now_ms += attempt.later_ms;
    let before = world.record.clone();
    let steps = world.history.len();
    let outcome = try_attempt(world, attempt);
    match outcome {
        Ok(()) => {
            assert_ne!(attempt.actor, STRANGER, "{attempt:?}");
            check_step(before.as_ref(), &world.history[steps].0, world.device());
            let used = before.as_ref().is_none_or(|_| world.device().status == Status::Revoked) || {
                let next = |device: &Device| (0..bounds::LANES_MAX).map(|lane| device.next_nonce(lane)).sum::<u64>();
                next(world.device()) == next(before.as_ref().unwrap()) + u64::from(attempt.signed.is_some())
            };
            assert!(used, "one nonce for a signed operation, and none for another");
        }
        Err(_) => {
            assert_eq!(world.record, before);
            assert_eq!(world.history.len(), steps);
        }
    }
    if let Some(device) = &world.record {
        check_record(device, world.now_ms);
    }
    outcome
}

/// What a client has that saw the events and nothing else.
fn rebuilt(history: &[(LogEntry, u32)]) -> Option<Device> {
    history.iter().fold(None, |record, (entry, block)| Some(Device::evolve(record, entry, *block)))
}

type Steps = Vec<(Attempt, Luck)>;

fn histories(length: usize) -> impl Strategy<Value = (Controller, Steps)> {
    (controller(), vec((attempt(), luck()), 0..length))
}

fn run(controller: Controller, steps: Steps, mut seen: impl FnMut(&World, &Result<(), Error>)) -> World {
    let mut world = World::registered(controller);
    check_record(world.device(), world.now_ms);
    for (attempt, luck) in steps {
        let attempt = with_title(&world, attempt, luck);
        let outcome = check_attempt(&mut world, &attempt);
        seen(&world, &outcome);
    }
    world
}

proptest! {
    #![proptest_config(Config::with_cases(384))]

    #[test]
    fn the_invariants_hold_whatever_is_tried((controller, steps) in histories(120)) {
        let world = run(controller, steps, |_, _| {});
        assert_eq!(rebuilt(&world.history), world.record);
    }

    #[test]
    fn a_suspended_device_of_an_account_does_nothing_by_its_own_keys(
        (controller, steps) in histories(60),
        operations in vec(operation(), 20),
    ) {
        let mut world = run(controller, steps, |_, _| {});
        let Controller::Account(controlling) = world.device().controller else { return Ok(()) };
        if world.device().status == Status::Active {
            world.must(controlling, Operation::Suspend);
        }
        let device = world.device();
        for key in &device.keys {
            for operation in operations.iter().chain([&Operation::AcceptTransfer, &Operation::Revoke]) {
                let Some(actor) = key.public_key.account() else { continue };
                prop_assert!(world.decide(actor, operation.clone()).is_err(), "{operation:?}");
            }
        }
    }

    #[test]
    fn a_registration_is_refused_or_good((controller, keys, ids) in (
        controller(),
        vec((public_key(), relationships()), 0..6),
        vec(service_id(), 0..4),
    )) {
        let keys = keys.into_iter().map(|(public_key, relationships)| NewKey { public_key, relationships }).collect();
        let services = ids.iter().map(|id| service(id)).collect();
        let mut world = World::empty();
        if world.act(key_account(0), Operation::Register { controller, metadata: None, keys, services }).is_ok() {
            check_record(world.device(), world.now_ms);
            check_step(None, &world.history[0].0, world.device());
        }
    }
}

/// The generator is worth something only if it gets everywhere.
#[test]
fn the_histories_reach_every_change_and_most_errors() {
    let changes = RefCell::new(BTreeSet::new());
    let errors = RefCell::new(BTreeSet::new());
    let counts = RefCell::new((0u32, 0u32, 0usize));
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(300) }, rng)
        .run(&histories(120), |(controller, steps)| {
            run(controller, steps, |world, outcome| {
                let mut counts = counts.borrow_mut();
                counts.0 += 1;
                counts.2 = counts.2.max(world.device().keys.len());
                match outcome {
                    Ok(()) => {
                        counts.1 += 1;
                        changes.borrow_mut().insert(name(&world.history.last().unwrap().0.change));
                    }
                    Err(error) => {
                        errors.borrow_mut().insert(name(error));
                    }
                }
            });
            Ok(())
        })
        .unwrap();
    let (tried, done, keys) = counts.into_inner();
    assert!(done * 3 > tried, "{done} of {tried} attempts succeeded");
    assert_eq!(keys, bounds::KEYS_MAX, "some history fills the list of keys");
    // All but the registration, which each history begins with.
    assert_eq!(changes.borrow().len(), 15, "{:?}", changes.borrow());
    for error in ["Revoked", "Suspended", "LastKey", "KeyRevoked", "OfferExpired", "SameController", "InvalidNonce"] {
        assert!(errors.borrow().contains(error), "no {error} among {:?}", errors.borrow());
    }
}

/// The variant's name.
fn name(value: &impl core::fmt::Debug) -> String {
    format!("{value:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()
}
