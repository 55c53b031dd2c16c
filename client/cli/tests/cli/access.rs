//! Authorization servers, scopes, roles and grants, by the command line.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Running, User};

/// A chain with the device `meter`, and authorization server 0 of //Alice with the key `grid` of the keystore.
pub fn scene() -> (User, Running) {
    let mut user = User::new();
    let (chain, _) = user.up();
    with_authorization_server(&user);
    (user, chain)
}

/// The device `meter`, and authorization server 0.
pub fn with_authorization_server(user: &User) {
    user.json(&["device", "new", "meter"]);
    user.json(&["device", "register", "meter", "--sponsor", "//Alice", "--controller", "//Alice"]);
    user.json(&["issuer", "new-key", "grid"]);
    user.json(&["issuer", "register", "https://grid.example", "--key", "grid", "--as", "//Alice"]);
}

/// Defines a scope of authorization server 0.
pub fn define(user: &User, scope: &str) -> Value {
    user.json(&["scope", "define", scope, "--issuer", "0", "--description", "A scope.", "--as", "//Alice"])
}

/// Grants a right to the meter for a month.
pub fn grant(user: &User, right: [&str; 2]) -> Value {
    let grant = ["grant", "add", "meter", "--issuer", "0", "--until", "30d", "--as", "//Alice"];
    user.json(&[&grant[..], &right].concat())
}

fn change(result: &Value) -> &Value {
    &result["change"]["change"]
}

#[test]
fn an_authorization_server_grants_scopes_and_roles() {
    let (user, _chain) = scene();
    let shown = user.json(&["issuer", "show", "0"]);
    assert_eq!(shown["url"], "https://grid.example");
    assert_eq!((&shown["status"], &shown["offer"]), (&json!("active"), &Value::Null));
    let key = &shown["keys"][0];
    assert_eq!((&key["id"], &key["type"], &key["revoked"]), (&json!("key-0"), &json!("Ed25519"), &Value::Null));
    assert_eq!(user.json(&["issuer", "list"]), shown);

    let defined = define(&user, "meter:read");
    assert_eq!(defined["issuer"], 0);
    assert!(defined["receipt"]["block"].is_u64());
    assert_eq!(change(&defined)["type"], "scope_set");
    assert_eq!(user.refusal(&define_again()), "ScopeAlreadyExists");
    let scope = user.json(&["scope", "show", "meter:read", "--issuer", "0"]);
    assert_eq!((&scope["sensitivity"], &scope["retired"]), (&json!("medium"), &json!(false)));
    define(&user, "meter:reset");
    let role = ["role", "define", "keeper", "--issuer", "0", "--scope", "meter:read,meter:reset", "--as", "//Alice"];
    user.json(&role);
    let role = user.json(&["role", "show", "keeper", "--issuer", "0"]);
    assert_eq!(role["scopes"], json!(["meter:read", "meter:reset"]));

    let none = user.json(&["grant", "show", "meter", "--issuer", "0"]);
    assert_eq!((&none["active"], &none["epoch"], &none["scopes"]), (&json!(true), &json!(0), &json!([])));
    let granted = grant(&user, ["--scope", "meter:read"]);
    assert_eq!(change(&granted)["grant"]["name"], "meter:read");
    assert_eq!(granted_scopes(&user), ["meter:read"]);
    grant(&user, ["--role", "keeper"]);
    assert_eq!(granted_scopes(&user), ["meter:read", "meter:reset"]);
    let grants = user.json(&["grant", "list", "meter", "--issuer", "0"]);
    assert_eq!((&grants["grants"][0]["kind"], &grants["grants"][1]["kind"]), (&json!("scope"), &json!("role")));

    user.json(&["grant", "remove", "meter", "--role", "keeper", "--issuer", "0", "--as", "//Alice"]);
    let again = ["grant", "remove", "meter", "--role", "keeper", "--issuer", "0", "--as", "//Alice"];
    assert_eq!(user.refusal(&again), "GrantNotFound");
    assert_eq!(granted_scopes(&user), ["meter:read"]);
    assert_eq!(user.fails(&["role", "show", "nobody", "--issuer", "0"]), (4, "not_found".into()));
    assert_eq!(user.fails(&["scope", "show", "meter:write", "--issuer", "0"]), (4, "not_found".into()));
}

fn define_again() -> [&'static str; 9] {
    ["scope", "define", "meter:read", "--issuer", "0", "--description", "Another.", "--as", "//Alice"]
}

fn granted_scopes(user: &User) -> Vec<String> {
    let shown = user.json(&["grant", "show", "meter", "--issuer", "0"]);
    let scopes = shown["scopes"].as_array().unwrap();
    scopes.iter().map(|of| of["scope"].as_str().unwrap().to_owned()).collect()
}

const HASH: &str = "0xabababababababababababababababababababababababababababababababab";

/// What each of the commands changes, in the order of [`each_operation_has_its_command`].
const CHANGES: [&str; 20] = [
    "registered",
    "key_added",
    "key_rotated",
    "key_revoked",
    "delegate_set",
    "scope_set",
    "role_set",
    "granted",
    "withdrawn",
    "role_removed",
    "delegate_removed",
    "deactivated",
    "reactivated",
    "trust_set",
    "trust_removed",
    "scope_set",
    "transfer_offered",
    "transfer_cancelled",
    "transfer_offered",
    "transferred",
];

#[test]
fn each_operation_has_its_command() {
    let (user, _chain) = scene();
    user.json(&["issuer", "new-key", "second"]);
    user.json(&["issuer", "new-key", "onchain", "--type", "sr25519"]);
    user.json(&["issuer", "register", "https://other.example", "--as", "//Bob"]);
    let public = user.json(&["issuer", "new-key", "third"])["public_key_multibase"].as_str().unwrap().to_owned();
    let by_alice: [&[&str]; 19] = [
        &["issuer", "add-key", "0", "--key", "onchain", "--until", "732d"],
        &["issuer", "rotate-key", "0", "key-0", "--key", "second", "--from", "7d"],
        &["issuer", "revoke-key", "0", "key-1"],
        &["issuer", "delegate", "0", "--account", "//Bob", "--role", "operator", "--until", "30d"],
        &["scope", "define", "meter:read", "--issuer", "0", "--description-hash", HASH, "--sensitivity", "high"],
        &["role", "define", "reader", "--issuer", "0", "--scope", "meter:read"],
        &["grant", "add", "meter", "--role", "reader", "--issuer", "0", "--until", "3660d", "--as", "//Bob"],
        &["grant", "remove", "meter", "--role", "reader", "--issuer", "0", "--as", "//Bob"],
        &["role", "remove", "reader", "--issuer", "0"],
        &["issuer", "undelegate", "0", "--account", "//Bob", "--role", "operator"],
        &["issuer", "deactivate", "0"],
        &["issuer", "reactivate", "0"],
        &["issuer", "trust", "0", "1", "--scope", "meter:read", "--until", "30d"],
        &["issuer", "untrust", "0", "1"],
        &["scope", "retire", "meter:read", "--issuer", "0", "--yes"],
        &["issuer", "transfer", "0", "--to", "//Bob"],
        &["issuer", "transfer", "0", "--cancel"],
        &["issuer", "transfer", "0", "--to", "//Bob", "--expires", "2h"],
        &["issuer", "accept", "0", "--as", "//Bob"],
    ];
    for arguments in by_alice {
        let named = if arguments.contains(&"--as") { &[][..] } else { &["--as", "//Alice"] };
        user.json(&[arguments, named].concat());
    }
    let events = user.run(&["events", "--issuer", "0", "--json"]).lines();
    let kinds: Vec<_> = events.iter().map(|event| event["change"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, CHANGES);

    // A key that is kept elsewhere, by the new owner.
    user.json(&["issuer", "add-key", "0", "--public-key", &public, "--as", "//Bob"]);
    let keys = user.json(&["issuer", "show", "0"])["keys"].clone();
    assert_eq!((&keys[1]["type"], keys[1]["revoked"].is_string()), (&json!("Sr25519"), true));
    assert_eq!(keys[0]["not_after"], keys[2]["not_before"]);
    assert_eq!(keys[3]["public_key_multibase"], public.as_str());
}

#[test]
fn trust_is_listed_while_it_lasts() {
    let (user, _chain) = scene();
    define(&user, "meter:read");
    user.json(&["issuer", "register", "https://other.example", "--as", "//Bob"]);
    let trusts = || user.json(&["issuer", "trusts", "0"])["trusts"].clone();
    assert_eq!(trusts(), json!([]));
    user.json(&["issuer", "trust", "0", "1", "--scope", "meter:read", "--until", "30d", "--as", "//Alice"]);
    assert_eq!((&trusts()[0]["trusted"], &trusts()[0]["scopes"]), (&json!(1), &json!(["meter:read"])));
    user.json(&["issuer", "untrust", "0", "1", "--as", "//Alice"]);
    assert_eq!(trusts(), json!([]));
    assert_eq!(user.refusal(&["issuer", "untrust", "0", "1", "--as", "//Alice"]), "TrustNotFound");
}

#[test]
fn the_right_account_and_the_right_number_are_told() {
    let (user, _chain) = scene();
    let stolen = user.run(&["issuer", "deactivate", "0", "--as", "//Bob"]);
    assert_eq!(stolen.code, 5);
    assert!(stolen.stderr.contains("owned by //Alice") && stolen.stderr.contains("--as"), "{}", stolen.stderr);
    let nobody = user.run(&["issuer", "deactivate", "0"]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("--as"), "{}", nobody.stderr);
    let unknown = user.run(&["issuer", "deactivate", "7", "--as", "//Alice"]);
    assert_eq!(unknown.code, 4);
    assert!(unknown.stderr.contains("marque issuer list"), "{}", unknown.stderr);
    for command in [&["issuer", "show", "7"][..], &["scope", "list", "--issuer", "7"], &["issuer", "trusts", "7"]] {
        assert_eq!(user.fails(command), (4, "not_found".into()), "{command:?}");
    }
    let scope = ["grant", "add", "meter", "--scope", "meter:read", "--issuer", "0", "--until", "1d", "--as", "//Alice"];
    let ran = user.run(&scope);
    assert_eq!(ran.code, 5);
    assert!(ran.stderr.contains("marque scope define"), "{}", ran.stderr);
    let too_long = ["issuer", "transfer", "0", "--to", "//Bob", "--expires", "31d", "--as", "//Alice"];
    assert_eq!(user.fails(&too_long), (2, "usage".into()));
    let x25519 = "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc";
    let ran = user.run(&["issuer", "add-key", "0", "--public-key", x25519, "--as", "//Alice"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn an_owner_whose_key_is_here_need_not_be_named() {
    let (user, _chain) = scene();
    user.json(&["device", "new", "owner"]);
    user.json(&["issuer", "transfer", "0", "--to", "owner", "--as", "//Alice"]);
    // It is plain who accepts, and that account has no money.
    assert_eq!(user.fails(&["issuer", "accept", "0"]), (7, "cannot_pay".into()));
}

#[test]
fn what_the_contract_does_not_list_comes_from_its_events() {
    let (user, _chain) = scene();
    define(&user, "meter:read");
    define(&user, "meter:reset");
    user.json(&["role", "define", "gone", "--issuer", "0", "--scope", "meter:read", "--as", "//Alice"]);
    user.json(&["role", "define", "reader", "--issuer", "0", "--scope", "meter:read", "--as", "//Alice"]);
    user.json(&["role", "remove", "gone", "--issuer", "0", "--as", "//Alice"]);
    user.json(&["scope", "retire", "meter:reset", "--issuer", "0", "--as", "//Alice", "--yes"]);
    let scopes = user.json(&["scope", "list", "--issuer", "0"])["scopes"].clone();
    assert_eq!((&scopes[0]["scope"], &scopes[0]["retired"]), (&json!("meter:read"), &json!(false)));
    assert_eq!((&scopes[1]["scope"], &scopes[1]["retired"]), (&json!("meter:reset"), &json!(true)));
    let roles = user.json(&["role", "list", "--issuer", "0"])["roles"].clone();
    assert_eq!(roles, json!([{"role": "reader", "scopes": ["meter:read"]}]));
}

#[test]
fn events_of_both_contracts_come_in_the_order_of_the_chain() {
    let (user, _chain) = scene();
    let mut follower = user.start(&["events", "--follow", "--from", "1", "--json"]);
    let registered = follower.line();
    assert!(registered["device"].is_string() && registered["issuer"].is_null());
    let issuer = follower.line();
    assert_eq!((&issuer["issuer"], &issuer["change"]["type"]), (&json!(0), &json!("registered")));
    assert_eq!(issuer["change"]["keys"][0]["id"], "key-0");
    define(&user, "meter:read");
    let scope = follower.line();
    assert_eq!((&scope["change"]["type"], &scope["change"]["scope"]), (&json!("scope_set"), &json!("meter:read")));
    grant(&user, ["--scope", "meter:read"]);
    assert_eq!(follower.line()["change"]["device"], registered["device"]);
    user.json(&["device", "bump-epoch", "meter", "--as", "//Alice"]);
    assert_eq!(follower.line()["change"]["type"], "epoch_bumped");

    let kinds = |arguments: &[&str]| -> Vec<String> {
        let lines = user.run(&[&["events", "--json"], arguments].concat()).lines();
        lines.iter().map(|line| line["change"]["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&[]), ["registered", "registered", "scope_set", "granted", "epoch_bumped"]);
    assert_eq!(kinds(&["--issuer", "0"]), ["registered", "scope_set", "granted"]);
    assert_eq!(kinds(&["--device", "meter"]), ["registered", "granted", "epoch_bumped"]);
    let text = user.run(&["events"]).stdout;
    assert!(text.contains("authorization server 0  meter granted the scope meter:read"), "{text}");
}

#[test]
fn an_access_contract_that_is_not_known_is_asked_for_and_can_be_deployed_alone() {
    let (mut user, _chain) = scene();
    let config = user.path("home/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let (before, access) = text.split_once("[access]").unwrap();
    fs::write(&config, before).unwrap();
    let ran = user.run(&["issuer", "list"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("--access") && ran.stderr.contains("marque deploy"), "{}", ran.stderr);
    // What needs none goes on.
    assert_eq!(user.run(&["events", "--json"]).lines().len(), 1);
    let old = access.split('"').nth(1).unwrap();
    assert_eq!(user.json(&["issuer", "list", "--access", old])["issuer"], 0);

    let deployed = user.json(&["deploy", "--as", "//Alice"]);
    assert_eq!(deployed["receipt"], Value::Null);
    assert_ne!(deployed["access"], old);
    assert!(before.contains(deployed["registry"].as_str().unwrap()));
    assert_eq!(user.run(&["issuer", "list", "--json"]).stdout, "");
    assert_eq!(user.fails(&["deploy", "--as", "//Alice"]), (2, "usage".into()));

    // Another registry, with its own.
    let other = user.json(&["deploy", "--as", "//Alice", "--again"]);
    assert!(other["receipt"]["block"].is_u64() && other["ed25519_receipt"]["block"].is_u64());
    let registry = other["registry"].as_str().unwrap();
    let mixed = user.run(&["issuer", "list", "--registry", registry, "--access", old]);
    assert_eq!(mixed.code, 8);
    assert!(mixed.stderr.contains("marque deploy --registry"), "{}", mixed.stderr);
    // What needs none does without the other registry's.
    let first = deployed["registry"].as_str().unwrap();
    assert_eq!(user.run(&["events", "--json", "--registry", first]).lines().len(), 1);
    assert_eq!(user.fails(&["issuer", "list", "--access", registry]), (8, "wrong_registry".into()));
    assert_eq!(user.fails(&["issuer", "list", "--access", "nonsense"]), (2, "usage".into()));
    let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    assert_eq!(user.fails(&["issuer", "list", "--access", alice]), (4, "not_found".into()));
    let beside = user.json(&["deploy", "--as", "//Alice", "--again", "--registry", registry]);
    assert_eq!((beside["registry"].as_str(), &beside["receipt"]), (Some(registry), &Value::Null));
    user.set_url("ws://127.0.0.1:1");
    assert_eq!(user.fails(&["issuer", "list"]), (3, "unreachable".into()));
}
