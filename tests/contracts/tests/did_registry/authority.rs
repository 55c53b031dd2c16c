//! Who may do what: every actor, every operation, every status, both kinds of controller; called directly and by
//! signed operation.

use marque_contract_tests::{Actor, samples};
use marque_primitives::{AccountId, Change, Controller, Error, Operation, Relationships, Role};

use crate::scene::{HOUR_MS, Scene};

/// The columns of the tables.
const ACTORS: [&str; 12] = [
    // The initial key: all relationships but key agreement.
    "initial", // A key for authentication alone.
    "authkey", // A key for capability invocation alone.
    "invokey",
    // The controlling account; where the device is its own controller, one that nobody named.
    "control", // Delegates.
    "operator", "rotator", // An operator and rotator whose time is over.
    "expired", // Whom the device is offered to.
    "offeree", // Submits for the others.
    "sponsor", // Controlled the device before.
    "previous", "stranger", // Deployed the contract.
    "deployer",
];

// `ok`: done. `-`: NotAuthorized. `susp`: Suspended. `already`: AlreadySuspended. `not`: NotSuspended.
// `exists`: AlreadyExists. `end`: Revoked.

const ACTIVE_ACCOUNT: &str = "
                initial authkey invokey control operator rotator expired offeree sponsor previous stranger deployer
Register        exists  exists  exists  exists  exists   exists  exists  exists  exists  exists   exists   exists
AddKey          ok      -       ok      ok      -        ok      -       -       -       -        -        -
RotateKey       ok      -       ok      ok      -        ok      -       -       -       -        -        -
RevokeKey       ok      -       ok      ok      -        ok      -       -       -       -        -        -
SetService      ok      -       ok      ok      -        -       -       -       -       -        -        -
RemoveService   ok      -       ok      ok      -        -       -       -       -       -        -        -
SetMetadata     ok      -       ok      ok      -        -       -       -       -       -        -        -
SetDelegate     -       -       -       ok      -        -       -       -       -       -        -        -
RemoveDelegate  -       -       -       ok      -        -       -       -       -       -        -        -
Suspend         ok      -       ok      ok      ok       -       -       -       -       -        -        -
Resume          -       -       -       not     not      -       -       -       -       -        -        -
BumpEpoch       ok      -       ok      ok      -        -       -       -       -       -        -        -
OfferTransfer   -       -       -       ok      -        -       -       -       -       -        -        -
CancelTransfer  -       -       -       ok      -        -       -       -       -       -        -        -
AcceptTransfer  -       -       -       -       -        -       -       ok      -       -        -        -
Revoke          -       -       -       ok      -        -       -       -       -       -        -        -
";

const SUSPENDED_ACCOUNT: &str = "
                initial authkey invokey control operator rotator expired offeree sponsor previous stranger deployer
Register        exists  exists  exists  exists  exists   exists  exists  exists  exists  exists   exists   exists
AddKey          susp    -       susp    ok      -        ok      -       -       -       -        -        -
RotateKey       susp    -       susp    ok      -        ok      -       -       -       -        -        -
RevokeKey       susp    -       susp    ok      -        ok      -       -       -       -        -        -
SetService      susp    -       susp    ok      -        -       -       -       -       -        -        -
RemoveService   susp    -       susp    ok      -        -       -       -       -       -        -        -
SetMetadata     susp    -       susp    ok      -        -       -       -       -       -        -        -
SetDelegate     -       -       -       ok      -        -       -       -       -       -        -        -
RemoveDelegate  -       -       -       ok      -        -       -       -       -       -        -        -
Suspend         susp    -       susp    already already  -       -       -       -       -        -        -
Resume          -       -       -       ok      ok       -       -       -       -       -        -        -
BumpEpoch       susp    -       susp    ok      -        -       -       -       -       -        -        -
OfferTransfer   -       -       -       ok      -        -       -       -       -       -        -        -
CancelTransfer  -       -       -       ok      -        -       -       -       -       -        -        -
AcceptTransfer  -       -       -       -       -        -       -       ok      -       -        -        -
Revoke          -       -       -       ok      -        -       -       -       -       -        -        -
";

const ACTIVE_DEVICE: &str = "
                initial authkey invokey control operator rotator expired offeree sponsor previous stranger deployer
Register        exists  exists  exists  exists  exists   exists  exists  exists  exists  exists   exists   exists
AddKey          ok      -       ok      -       -        ok      -       -       -       -        -        -
RotateKey       ok      -       ok      -       -        ok      -       -       -       -        -        -
RevokeKey       ok      -       ok      -       -        ok      -       -       -       -        -        -
SetService      ok      -       ok      -       -        -       -       -       -       -        -        -
RemoveService   ok      -       ok      -       -        -       -       -       -       -        -        -
SetMetadata     ok      -       ok      -       -        -       -       -       -       -        -        -
SetDelegate     ok      -       -       -       -        -       -       -       -       -        -        -
RemoveDelegate  ok      -       -       -       -        -       -       -       -       -        -        -
Suspend         ok      -       ok      -       ok       -       -       -       -       -        -        -
Resume          not     -       not     -       not      -       -       -       -       -        -        -
BumpEpoch       ok      -       ok      -       -        -       -       -       -       -        -        -
OfferTransfer   ok      -       ok      -       -        -       -       -       -       -        -        -
CancelTransfer  ok      -       ok      -       -        -       -       -       -       -        -        -
AcceptTransfer  -       -       -       -       -        -       -       ok      -       -        -        -
Revoke          ok      -       ok      -       -        -       -       -       -       -        -        -
";

const SUSPENDED_DEVICE: &str = "
                initial authkey invokey control operator rotator expired offeree sponsor previous stranger deployer
Register        exists  exists  exists  exists  exists   exists  exists  exists  exists  exists   exists   exists
AddKey          ok      -       ok      -       -        ok      -       -       -       -        -        -
RotateKey       ok      -       ok      -       -        ok      -       -       -       -        -        -
RevokeKey       ok      -       ok      -       -        ok      -       -       -       -        -        -
SetService      ok      -       ok      -       -        -       -       -       -       -        -        -
RemoveService   ok      -       ok      -       -        -       -       -       -       -        -        -
SetMetadata     ok      -       ok      -       -        -       -       -       -       -        -        -
SetDelegate     ok      -       -       -       -        -       -       -       -       -        -        -
RemoveDelegate  ok      -       -       -       -        -       -       -       -       -        -        -
Suspend         already -       already -       already  -       -       -       -       -        -        -
Resume          ok      -       ok      -       ok       -       -       -       -       -        -        -
BumpEpoch       ok      -       ok      -       -        -       -       -       -       -        -        -
OfferTransfer   ok      -       ok      -       -        -       -       -       -       -        -        -
CancelTransfer  ok      -       ok      -       -        -       -       -       -       -        -        -
AcceptTransfer  -       -       -       -       -        -       -       ok      -       -        -        -
Revoke          ok      -       ok      -       -        -       -       -       -       -        -        -
";

const REVOKED: &str = "
                initial authkey invokey control operator rotator expired offeree sponsor previous stranger deployer
Register        exists  exists  exists  exists  exists   exists  exists  exists  exists  exists   exists   exists
AddKey          end     end     end     end     end      end     end     end     end     end      end      end
RotateKey       end     end     end     end     end      end     end     end     end     end      end      end
RevokeKey       end     end     end     end     end      end     end     end     end     end      end      end
SetService      end     end     end     end     end      end     end     end     end     end      end      end
RemoveService   end     end     end     end     end      end     end     end     end     end      end      end
SetMetadata     end     end     end     end     end      end     end     end     end     end      end      end
SetDelegate     end     end     end     end     end      end     end     end     end     end      end      end
RemoveDelegate  end     end     end     end     end      end     end     end     end     end      end      end
Suspend         end     end     end     end     end      end     end     end     end     end      end      end
Resume          end     end     end     end     end      end     end     end     end     end      end      end
BumpEpoch       end     end     end     end     end      end     end     end     end     end      end      end
OfferTransfer   end     end     end     end     end      end     end     end     end     end      end      end
CancelTransfer  end     end     end     end     end      end     end     end     end     end      end      end
AcceptTransfer  end     end     end     end     end      end     end     end     end     end      end      end
Revoke          end     end     end     end     end      end     end     end     end     end      end      end
";

#[derive(Clone, Copy, PartialEq)]
enum Control {
    Account,
    Device,
}

/// The operation that the tables call this, so that it succeeds when its actor may do it.
fn operation(name: &str, now_ms: u64) -> Operation {
    let expires_ms = now_ms + HOUR_MS;
    let account = Actor::new("newcomer").account();
    match name {
        "Register" => samples::registration(Controller::Device),
        "AddKey" => Operation::AddKey { key: Actor::new("new key").new_key(Relationships::AUTHENTICATION) },
        "RotateKey" => Operation::RotateKey { id: 3, public_key: Actor::new("new key").public_key() },
        "RevokeKey" => Operation::RevokeKey { id: 3 },
        "SetService" => Operation::SetService { service: samples::service("new") },
        "RemoveService" => Operation::RemoveService { id: "meter".into() },
        "SetMetadata" => Operation::SetMetadata { hash: None },
        "SetDelegate" => Operation::SetDelegate { account, role: Role::Operator, expires_ms },
        "RemoveDelegate" => {
            Operation::RemoveDelegate { account: Actor::new("operator").account(), role: Role::Operator }
        }
        "Suspend" => Operation::Suspend,
        "Resume" => Operation::Resume,
        "BumpEpoch" => Operation::BumpEpoch,
        "OfferTransfer" => Operation::OfferTransfer { to: Controller::Account(account), expires_ms },
        "CancelTransfer" => Operation::CancelTransfer,
        "AcceptTransfer" => Operation::AcceptTransfer,
        "Revoke" => Operation::Revoke,
        _ => panic!("no operation {name}"),
    }
}

fn actor(name: &str) -> Actor {
    Actor::new(if name == "initial" { "device" } else { name })
}

/// A device that all the actors have to do with.
fn scene(control: Control) -> Scene {
    let mut scene = Scene::empty();
    let (previous, control_account) = (actor("previous"), actor("control"));
    let register = Operation::Register {
        controller: Controller::Account(previous.account()),
        metadata: Some([1; 32]),
        keys: vec![
            actor("authkey").new_key(Relationships::AUTHENTICATION),
            actor("invokey").new_key(Relationships::CAPABILITY_INVOCATION),
            actor("spare key").new_key(Relationships::AUTHENTICATION),
        ],
        services: vec![samples::service("meter")],
    };
    scene.by_device(register).receipt.result.unwrap();
    let (to, owner) = match control {
        Control::Account => (Controller::Account(control_account.account()), control_account),
        Control::Device => (Controller::Device, scene.device.clone()),
    };
    let soon = scene.registry.now_ms() + HOUR_MS;
    scene.by(&previous, Operation::OfferTransfer { to, expires_ms: soon }).receipt.result.unwrap();
    scene.by(&owner, Operation::AcceptTransfer).receipt.result.unwrap();
    let later = soon + 2 * HOUR_MS;
    let delegates = [
        ("operator", Role::Operator, later),
        ("rotator", Role::Rotator, later),
        ("expired", Role::Operator, soon),
        ("expired", Role::Rotator, soon),
    ];
    for (name, role, expires_ms) in delegates {
        let account = actor(name).account();
        scene.by(&owner, Operation::SetDelegate { account, role, expires_ms }).receipt.result.unwrap();
    }
    let offeree = Controller::Account(actor("offeree").account());
    scene.by(&owner, Operation::OfferTransfer { to: offeree, expires_ms: later }).receipt.result.unwrap();
    scene.registry.chain.set_time(soon);
    scene.controller = owner;
    scene
}

fn expected(cell: &str) -> Result<(), Error> {
    match cell {
        "ok" => Ok(()),
        "-" => Err(Error::NotAuthorized),
        "susp" => Err(Error::Suspended),
        "already" => Err(Error::AlreadySuspended),
        "not" => Err(Error::NotSuspended),
        "exists" => Err(Error::AlreadyExists),
        "end" => Err(Error::Revoked),
        _ => panic!("no result {cell}"),
    }
}

fn check(table: &str, control: Control, before: Option<Operation>) {
    let mut scene = scene(control);
    if let Some(operation) = before {
        scene.by_controller(operation).receipt.result.unwrap();
    }
    let mut rows = table.trim_start_matches('\n').lines();
    assert_eq!(rows.next().unwrap().split_whitespace().collect::<Vec<_>>(), ACTORS);
    let mut operations = Vec::new();
    for row in rows {
        let mut cells = row.split_whitespace();
        let name = cells.next().unwrap();
        let operation = operation(name, scene.registry.now_ms());
        operations.push(discriminant(&operation));
        let cells: Vec<&str> = cells.collect();
        assert_eq!(cells.len(), ACTORS.len(), "{name}");
        for (actor_name, cell) in ACTORS.into_iter().zip(cells) {
            check_cell(&mut scene, &operation, actor_name, expected(cell));
        }
    }
    assert_eq!(operations, (0..16).collect::<Vec<u8>>(), "the table has every operation");
}

/// The operation's number; a new one must be added here and to the tables.
fn discriminant(operation: &Operation) -> u8 {
    match operation {
        Operation::Register { .. } => 0,
        Operation::AddKey { .. } => 1,
        Operation::RotateKey { .. } => 2,
        Operation::RevokeKey { .. } => 3,
        Operation::SetService { .. } => 4,
        Operation::RemoveService { .. } => 5,
        Operation::SetMetadata { .. } => 6,
        Operation::SetDelegate { .. } => 7,
        Operation::RemoveDelegate { .. } => 8,
        Operation::Suspend => 9,
        Operation::Resume => 10,
        Operation::BumpEpoch => 11,
        Operation::OfferTransfer { .. } => 12,
        Operation::CancelTransfer => 13,
        Operation::AcceptTransfer => 14,
        Operation::Revoke => 15,
    }
}

fn check_cell(scene: &mut Scene, operation: &Operation, actor_name: &str, expected: Result<(), Error>) {
    let (id, actor, sponsor) = (scene.id(), actor(actor_name), actor("sponsor"));
    let direct = scene.registry.trial(|registry| {
        let written = registry.execute(&actor, id, operation.clone());
        (written.receipt.result, actor_and_change(&written.changes))
    });
    let signed = scene.registry.sign(&actor, id, operation.clone());
    let by_sponsor = scene.registry.trial(|registry| {
        let written = registry.submit(&sponsor, signed);
        (written.receipt.result, actor_and_change(&written.changes))
    });
    assert_eq!(direct.0, expected, "{actor_name}: {operation:?}");
    assert_eq!(by_sponsor, direct, "{actor_name} by signature: {operation:?}");
}

fn actor_and_change(changes: &[marque_contract_tests::registry::DeviceChanged]) -> Option<(AccountId, Change)> {
    changes.first().map(|changed| (changed.entry.actor, changed.entry.change.clone()))
}

#[test]
fn an_active_device_of_an_account() {
    check(ACTIVE_ACCOUNT, Control::Account, None);
}

#[test]
fn a_suspended_device_of_an_account() {
    check(SUSPENDED_ACCOUNT, Control::Account, Some(Operation::Suspend));
}

#[test]
fn a_revoked_device_of_an_account() {
    check(REVOKED, Control::Account, Some(Operation::Revoke));
}

#[test]
fn an_active_device_of_its_own() {
    check(ACTIVE_DEVICE, Control::Device, None);
}

#[test]
fn a_suspended_device_of_its_own() {
    check(SUSPENDED_DEVICE, Control::Device, Some(Operation::Suspend));
}

#[test]
fn a_revoked_device_of_its_own() {
    check(REVOKED, Control::Device, Some(Operation::Revoke));
}
