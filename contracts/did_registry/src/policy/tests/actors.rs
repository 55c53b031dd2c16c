//! Who may do what: every actor, every operation, every status, for both kinds of controller.

use super::*;
use marque_primitives::Status;

const PREVIOUS: AccountId = AccountId([0xc2; 32]);
const EXPIRED_OPERATOR: AccountId = AccountId([0xd2; 32]);
const EXPIRED_ROTATOR: AccountId = AccountId([0xd3; 32]);
const SHORT_MS: TimestampMs = 1000;
const LONG_MS: TimestampMs = 1_000_000;

/// The operations of the tables' columns, each with arguments that are good for the worlds below.
fn operations() -> [Operation; 15] {
    [
        add_key(10, AUTHENTICATE),
        rotate(1, ed25519(11)),
        revoke_key(1),
        set_service("other"),
        Operation::RemoveService { id: "meter".into() },
        Operation::SetMetadata { hash: Some([1; 32]) },
        set_delegate(AccountId([0xdd; 32]), Role::Operator, START_MS + LONG_MS),
        Operation::RemoveDelegate { account: OPERATOR, role: Role::Operator },
        Operation::Suspend,
        Operation::Resume,
        Operation::BumpEpoch,
        Operation::OfferTransfer { to: Controller::Account(PREVIOUS), expires_ms: START_MS + LONG_MS },
        Operation::CancelTransfer,
        Operation::AcceptTransfer,
        Operation::Revoke,
    ]
}

/// `y`: may. `a`: may while the device is active. `-`: may not. The columns:
/// keys (add, rotate, revoke), services (set, remove), metadata, delegates (set, remove), suspend, resume, bump epoch,
/// transfer (offer, cancel, accept), revoke.
type Row = (&'static str, AccountId, &'static str);

fn rows_of_account() -> [Row; 13] {
    [
        ("the device's key            ", key_account(0), "aaa aa a -- a- a --- -"),
        ("its key for authentication  ", key_account(1), "--- -- - -- -- - --- -"),
        ("its key for delegation      ", key_account(2), "--- -- - -- -- - --- -"),
        ("its revoked key             ", key_account(3), "--- -- - -- -- - --- -"),
        ("the controller              ", CONTROLLER, "yyy yy y yy yy y yy- y"),
        ("an operator                 ", OPERATOR, "--- -- - -- yy - --- -"),
        ("a rotator                   ", ROTATOR, "yyy -- - -- -- - --- -"),
        ("an expired operator         ", EXPIRED_OPERATOR, "--- -- - -- -- - --- -"),
        ("an expired rotator          ", EXPIRED_ROTATOR, "--- -- - -- -- - --- -"),
        ("who it is offered to        ", OFFEREE, "--- -- - -- -- - --y -"),
        ("the previous controller     ", PREVIOUS, "--- -- - -- -- - --- -"),
        ("a stranger                  ", STRANGER, "--- -- - -- -- - --- -"),
        ("the zero account            ", AccountId([0; 32]), "--- -- - -- -- - --- -"),
    ]
}

fn rows_of_itself() -> [Row; 13] {
    [
        ("the device's key            ", key_account(0), "yyy yy y yy yy y yy- y"),
        ("its key for authentication  ", key_account(1), "--- -- - -- -- - --- -"),
        ("its key for delegation      ", key_account(2), "--- -- - yy -- - --- -"),
        ("its revoked key             ", key_account(3), "--- -- - -- -- - --- -"),
        ("an account, not controller  ", CONTROLLER, "--- -- - -- -- - --- -"),
        ("an operator                 ", OPERATOR, "--- -- - -- yy - --- -"),
        ("a rotator                   ", ROTATOR, "yyy -- - -- -- - --- -"),
        ("an expired operator         ", EXPIRED_OPERATOR, "--- -- - -- -- - --- -"),
        ("an expired rotator          ", EXPIRED_ROTATOR, "--- -- - -- -- - --- -"),
        ("who it is offered to        ", OFFEREE, "--- -- - -- -- - --y -"),
        ("the previous controller     ", PREVIOUS, "--- -- - -- -- - --- -"),
        ("a stranger                  ", STRANGER, "--- -- - -- -- - --- -"),
        ("the zero account            ", AccountId([0; 32]), "--- -- - -- -- - --- -"),
    ]
}

/// A device with every kind of actor around it, and a transfer on offer.
fn world(controller: Controller, controlling: AccountId) -> World {
    let mut world = World::registered(Controller::Account(PREVIOUS));
    world.must(PREVIOUS, Operation::OfferTransfer { to: controller, expires_ms: START_MS + SHORT_MS });
    world.must(controlling, Operation::AcceptTransfer);
    world.must(controlling, add_key(1, AUTHENTICATE));
    world.must(controlling, add_key(2, DELEGATE));
    world.must(controlling, add_key(3, Relationships::INITIAL));
    world.must(controlling, revoke_key(3));
    world.must(controlling, set_service("meter"));
    for (account, role, ahead_ms) in [
        (OPERATOR, Role::Operator, LONG_MS),
        (ROTATOR, Role::Rotator, LONG_MS),
        (EXPIRED_OPERATOR, Role::Operator, SHORT_MS),
        (EXPIRED_ROTATOR, Role::Rotator, SHORT_MS),
    ] {
        world.must(controlling, set_delegate(account, role, START_MS + ahead_ms));
    }
    let to = Controller::Account(OFFEREE);
    world.must(controlling, Operation::OfferTransfer { to, expires_ms: START_MS + LONG_MS });
    world.now_ms += SHORT_MS;
    world
}

fn expected(cell: char, operation: &Operation, status: Status) -> Result<(), Error> {
    match (status, cell) {
        (Status::Revoked, _) => Err(Error::Revoked),
        (_, '-') => Err(Error::NotAuthorized),
        (Status::Suspended, 'a') => Err(Error::Suspended),
        (Status::Suspended, _) if matches!(operation, Operation::Suspend) => Err(Error::AlreadySuspended),
        (Status::Active, _) if matches!(operation, Operation::Resume) => Err(Error::NotSuspended),
        _ => Ok(()),
    }
}

#[track_caller]
fn check(world: &World, rows: &[Row], status: Status) {
    assert_eq!(world.device().status, status);
    for (name, actor, cells) in rows {
        let cells: Vec<char> = cells.chars().filter(|cell| *cell != ' ').collect();
        assert_eq!(cells.len(), operations().len(), "{name}");
        for (cell, operation) in cells.into_iter().zip(operations()) {
            let expected = expected(cell, &operation, status);
            let text = format!("{name}: {operation:?} while {status:?}");
            assert_eq!(world.decide(*actor, operation).map(|_| ()), expected, "{text}");
        }
        world.refuses(*actor, register(Controller::Device), Error::AlreadyExists);
    }
}

fn check_in_each_status(mut world: World, rows: &[Row], controlling: AccountId) {
    check(&world, rows, Status::Active);
    world.must(controlling, Operation::Suspend);
    check(&world, rows, Status::Suspended);
    world.must(controlling, Operation::Resume);
    check(&world, rows, Status::Active);
    world.must(controlling, Operation::Revoke);
    check(&world, rows, Status::Revoked);
}

#[test]
fn of_a_device_that_an_account_controls() {
    check_in_each_status(world(Controller::Account(CONTROLLER), CONTROLLER), &rows_of_account(), CONTROLLER);
}

#[test]
fn of_a_device_that_controls_itself() {
    check_in_each_status(world(Controller::Device, key_account(0)), &rows_of_itself(), key_account(0));
}

#[test]
fn nobody_does_anything_to_a_device_that_does_not_exist() {
    let world = World::empty();
    for (_, actor, _) in rows_of_account() {
        for operation in operations() {
            world.refuses(actor, operation, Error::NotFound);
        }
    }
}

#[test]
fn only_the_initial_key_registers_the_device() {
    let world = World::empty();
    for (name, actor, _) in rows_of_account() {
        let expected = if actor == key_account(0) { Ok(()) } else { Err(Error::NotAuthorized) };
        assert_eq!(world.decide(actor, register(Controller::Device)).map(|_| ()), expected, "{name}");
    }
}

#[test]
fn a_key_that_is_for_invocation_alone_names_no_delegates() {
    let mut world = World::of_itself();
    world.must(key_account(0), add_key(1, INVOKE));
    let operation = set_delegate(OPERATOR, Role::Operator, START_MS + 1);
    world.refuses(key_account(1), operation, Error::NotAuthorized);
    world.must(key_account(1), Operation::Suspend);
}

/// What it means to name a rotator for a device that is its own controller, and what an account as controller prevents.
#[test]
fn a_rotator_can_become_a_device_that_controls_itself_but_not_the_controlling_account() {
    let far_ms = START_MS + LONG_MS;
    let offer = || Operation::OfferTransfer { to: Controller::Account(STRANGER), expires_ms: far_ms };

    let mut itself = World::of_itself();
    itself.must(key_account(0), set_delegate(ROTATOR, Role::Rotator, far_ms));
    itself.must(ROTATOR, add_key(9, Relationships::INITIAL));
    itself.must(key_account(9), offer());

    let mut account = World::of_account();
    account.must(CONTROLLER, set_delegate(ROTATOR, Role::Rotator, far_ms));
    account.must(ROTATOR, add_key(9, Relationships::INITIAL));
    account.refuses(key_account(9), offer(), Error::NotAuthorized);
    account.must(CONTROLLER, revoke_key(1));
    account.refuses(key_account(9), Operation::BumpEpoch, Error::NotAuthorized);
}
