//! Who may do what: every actor, every operation.

use marque_contract_tests::Actor;
use marque_primitives::access::{AccessError, AccessOperation, IssuerRole};
use parity_scale_codec::Encode;

use crate::{
    operations::{
        define, grant, new_key, offer, remove_delegate, remove_role, remove_trust, retire, revoke_before, revoke_token,
        role, scope, set_delegate, set_role, trust, withdraw,
    },
    scene::{HOUR_MS, ISSUER, Scene},
};

/// The columns of the tables.
const ACTORS: [&str; 13] = [
    "owner", // Delegates.
    "operator", "keymgr",  // An operator and key manager whose time is over.
    "expired", // Whom the authorization server is offered to.
    "offeree", // Owned it before, and who was its operator and key manager then.
    "previous", "formerop", // The device, and who controls it.
    "device", "control",  // Owns the other authorization server, which this one trusts.
    "trusted",  // Has nothing to do with it.
    "stranger", // Deployed the contract, and the contract.
    "deployer", "contract",
];

// `ok`: done. `-`: NotAuthorized. `not`: NotDeactivated. `already`: AlreadyDeactivated.

const ACTIVE: &str = "
                    owner  operator keymgr expired offeree previous formerop device control trusted stranger deployer contract
AddKey              ok     -        ok     -       -       -        -        -      -       -       -        -        -
RotateKey           ok     -        ok     -       -       -        -        -      -       -       -        -        -
RevokeKey           ok     -        ok     -       -       -        -        -      -       -       -        -        -
Deactivate          ok     -        -      -       -       -        -        -      -       -       -        -        -
Reactivate          not    -        -      -       -       -        -        -      -       -       -        -        -
OfferTransfer       ok     -        -      -       -       -        -        -      -       -       -        -        -
CancelTransfer      ok     -        -      -       -       -        -        -      -       -       -        -        -
AcceptTransfer      -      -        -      -       ok      -        -        -      -       -       -        -        -
SetDelegate         ok     -        -      -       -       -        -        -      -       -       -        -        -
RemoveDelegate      ok     -        -      -       -       -        -        -      -       -       -        -        -
DefineScope         ok     -        -      -       -       -        -        -      -       -       -        -        -
RetireScope         ok     -        -      -       -       -        -        -      -       -       -        -        -
SetRole             ok     -        -      -       -       -        -        -      -       -       -        -        -
RemoveRole          ok     -        -      -       -       -        -        -      -       -       -        -        -
Grant               ok     ok       -      -       -       -        -        -      -       -       -        -        -
Withdraw            ok     ok       -      -       -       -        -        -      -       -       -        -        -
RevokeToken         ok     ok       -      -       -       -        -        -      -       -       -        -        -
RevokeTokensBefore  ok     ok       -      -       -       -        -        -      -       -       -        -        -
SetTrust            ok     -        -      -       -       -        -        -      -       -       -        -        -
RemoveTrust         ok     -        -      -       -       -        -        -      -       -       -        -        -
";

/// The operation that the tables call this, so that it succeeds when its actor may do it.
pub fn operation(name: &str, scene: &Scene) -> AccessOperation {
    let (id, now_ms) = (scene.id(), scene.access.now_ms());
    let (soon, newcomer) = (now_ms + HOUR_MS, Actor::new("newcomer"));
    match name {
        "AddKey" => AccessOperation::AddKey { key: new_key("new key", now_ms) },
        "RotateKey" => AccessOperation::RotateKey { id: 0, key: new_key("new key", now_ms) },
        "RevokeKey" => AccessOperation::RevokeKey { id: 0 },
        "Deactivate" => AccessOperation::Deactivate,
        "Reactivate" => AccessOperation::Reactivate,
        "OfferTransfer" => offer(&newcomer, soon),
        "CancelTransfer" => AccessOperation::CancelTransfer,
        "AcceptTransfer" => AccessOperation::AcceptTransfer,
        "SetDelegate" => set_delegate(&newcomer, IssuerRole::Operator, soon),
        "RemoveDelegate" => remove_delegate(&actor("operator"), IssuerRole::Operator),
        "DefineScope" => define("new:scope"),
        "RetireScope" => retire("meter:read"),
        "SetRole" => set_role("driver", &["meter:read"]),
        "RemoveRole" => remove_role("driver"),
        "Grant" => grant(id, scope("meter:read"), soon),
        "Withdraw" => withdraw(id, role("driver")),
        "RevokeToken" => revoke_token([9; 32], soon),
        "RevokeTokensBefore" => revoke_before(id, now_ms),
        "SetTrust" => trust(1, &["meter:read"], soon),
        "RemoveTrust" => remove_trust(1),
        _ => panic!("no operation {name}"),
    }
}

/// Names of all operations.
pub fn names() -> impl Iterator<Item = &'static str> {
    ACTIVE.trim().lines().skip(1).filter_map(|line| line.split_whitespace().next())
}

/// The actor of this name.
pub fn actor(name: &str) -> Actor {
    Actor::new(if name == "control" { "controller" } else { name })
}

/// An authorization server that all the actors have to do with. The owner of [`Scene`] is the previous one.
pub fn scene() -> Scene {
    let mut scene = Scene { owner: actor("previous"), ..Scene::empty() };
    scene.register_device(&scene.device.clone());
    let (previous, owner, now_ms) = (actor("previous"), actor("owner"), scene.access.now_ms());
    scene.access.register_issuer(&previous, crate::scene::URL, vec![scene.new_key(&scene.key)]).accepted();
    scene.access.register_issuer(&actor("trusted"), "https://other.example", Vec::new()).accepted();
    let (soon, later) = (now_ms + HOUR_MS, now_ms + 3 * HOUR_MS);
    for role in [IssuerRole::Operator, IssuerRole::KeyManager] {
        scene.changed(set_delegate(&actor("formerop"), role, later));
    }
    scene.changed(offer(&owner, soon));
    scene.by(&owner, AccessOperation::AcceptTransfer).accepted();
    scene.owner = owner;
    let id = scene.id();
    let furnishing = [
        set_delegate(&actor("operator"), IssuerRole::Operator, later),
        set_delegate(&actor("keymgr"), IssuerRole::KeyManager, later),
        set_delegate(&actor("expired"), IssuerRole::Operator, soon),
        set_delegate(&actor("expired"), IssuerRole::KeyManager, soon),
        define("meter:read"),
        set_role("driver", &["meter:read"]),
        grant(id, role("driver"), later),
        trust(1, &["meter:read"], later),
        offer(&actor("offeree"), later),
    ];
    for operation in furnishing {
        scene.changed(operation);
    }
    scene.access.chain().set_time(soon);
    scene
}

fn expected(cell: &str) -> Result<(), AccessError> {
    match cell {
        "ok" => Ok(()),
        "-" => Err(AccessError::NotAuthorized),
        "not" => Err(AccessError::NotDeactivated),
        "already" => Err(AccessError::AlreadyDeactivated),
        _ => panic!("no outcome {cell}"),
    }
}

fn check(mut scene: Scene, table: &str) {
    let mut lines = table.trim().lines();
    assert_eq!(lines.next().unwrap().split_whitespace().collect::<Vec<_>>(), ACTORS);
    let mut operations = Vec::new();
    for line in lines {
        let mut cells = line.split_whitespace();
        let operation = operation(cells.next().unwrap(), &scene);
        operations.push(operation.encode()[0]);
        for (actor_name, cell) in ACTORS.into_iter().zip(cells) {
            let result = scene.access.trial(|access| {
                if actor_name == "contract" {
                    let (origin, arguments) = (access.contract, (ISSUER, operation.clone()));
                    return access.call("execute", arguments, origin, Default::default()).unwrap().result;
                }
                access.execute(&actor(actor_name), ISSUER, operation.clone()).receipt.result
            });
            assert_eq!(result, expected(cell), "{actor_name}: {operation:?}");
        }
    }
    assert_eq!(operations, (0..20).collect::<Vec<u8>>(), "the table has every operation");
}

#[test]
fn of_an_active_authorization_server() {
    check(scene(), ACTIVE);
}

/// That its tokens don't count takes nothing from its owner and its delegates.
#[test]
fn of_a_deactivated_authorization_server() {
    let mut scene = scene();
    scene.changed(AccessOperation::Deactivate);
    let deactivated = ACTIVE
        .replace("Deactivate          ok ", "Deactivate          already ")
        .replace("Reactivate          not ", "Reactivate          ok ");
    check(scene, &deactivated);
}

/// The same rights in one authorization server give none in another.
#[test]
fn rights_end_at_the_authorization_server() {
    let mut scene = scene();
    for name in names() {
        let operation = operation(name, &scene);
        let expected = if name == "AcceptTransfer" { AccessError::NoOffer } else { AccessError::NotAuthorized };
        for actor_name in ["owner", "operator", "keymgr", "offeree"] {
            let written = scene.access.execute(&actor(actor_name), 1, operation.clone());
            assert_eq!(written.error(), expected, "{actor_name}: {name}");
        }
    }
}

/// Without rights, nobody learns what is wrong with the arguments, or makes the chain look at them.
#[test]
fn authority_comes_before_the_arguments() {
    let mut scene = scene();
    for operation in
        [define("*"), AccessOperation::RevokeKey { id: 99 }, trust(ISSUER, &[], 0), retire(&"x".repeat(12_000))]
    {
        assert_eq!(scene.by(&actor("stranger"), operation).error(), AccessError::NotAuthorized);
    }
}

#[test]
fn anybody_may_register_and_reclaim() {
    use marque_contract_tests::access::RECLAIM_PRICE;

    let mut scene = scene();
    let expires_ms = scene.access.now_ms() + 1;
    scene.changed(revoke_token([9; 32], expires_ms));
    scene.wait(HOUR_MS);
    for actor_name in ACTORS.into_iter().filter(|name| *name != "contract") {
        scene.access.trial(|access| {
            access.register_issuer(&actor(actor_name), "https://x.example", Vec::new()).accepted();
            access.reclaim(&actor(actor_name), ISSUER, [9; 32], RECLAIM_PRICE).accepted();
        });
    }
}
