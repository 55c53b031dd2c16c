//! A device's life, by the command line, on a chain that is killed and comes back.

use serde_json::Value;

use crate::common::{Running, User};

fn up(user: &mut User) -> (Running, Value) {
    let chain_folder = user.path("chain");
    let folder = ["--data-dir", chain_folder.to_str().unwrap()];
    let mut chain = user.start(&[&["up", "--port", "0", "--no-gateway", "--json"], &folder[..]].concat());
    let ready = chain.line();
    user.set_url(ready["url"].as_str().unwrap());
    (chain, ready)
}

fn changes(user: &User) -> Vec<String> {
    let history = user.json(&["device", "history", "meter"]);
    let changes = history["changes"].as_array().unwrap();
    changes.iter().map(|change| change["change"]["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_life_from_birth_to_tombstone_and_the_chain_is_killed_in_between() {
    let mut user = User::new();
    let (chain, ready) = up(&mut user);
    let did = birth(&user);
    keys_and_services(&user);
    suspension(&user);

    // Dropping it kills it: nothing is closed, nothing is flushed.
    drop(chain);
    let (mut chain, again) = up(&mut user);
    assert_eq!(again["registry"], ready["registry"]);

    user.json(&["device", "resume", "meter", "--as", "//Bob"]);
    transfer(&user);
    assert_eq!(user.run(&["resolve", &did]).code, 0);
    end(&user, &did);
    assert_eq!(changes(&user), CHANGES);
    let events = user.run(&["events", "--json", "--device", "meter"]);
    assert_eq!(events.lines().len(), CHANGES.len());

    chain.signal("INT");
    let ended = chain.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "{\"stopped\":true}\n"));
}

const SERVICE: &str = "api,HttpApi,https://meter.example/";

const CHANGES: [&str; 15] = [
    "registered",
    "key_rotated",
    "service_set",
    "service_removed",
    "key_added",
    "key_revoked",
    "delegate_set",
    "suspended",
    "resumed",
    "delegate_removed",
    "transfer_offered",
    "transfer_cancelled",
    "transfer_offered",
    "transferred",
    "revoked",
];

/// Registers the meter, and gives its DID.
fn birth(user: &User) -> String {
    let did = user.json(&["device", "new", "meter"])["did"].as_str().unwrap().to_owned();
    assert_eq!(user.fails(&["device", "show", "meter"]), (4, "not_found".into()));
    assert_eq!(user.fails(&["device", "suspend", "meter"]), (4, "not_found".into()));
    assert_eq!(user.fails(&["device", "register", "meter"]), (7, "cannot_pay".into()));
    user.json(&["device", "register", "meter", "--controller", "//Alice", "--sponsor", "//Bob", "--service", SERVICE]);
    let again = user.run(&["device", "register", "meter", "--sponsor", "//Bob"]);
    assert_eq!(again.code, 5);
    assert!(again.stderr.contains("registered already"), "{}", again.stderr);
    let shown = user.json(&["device", "show", &did]);
    assert_eq!((&shown["status"], &shown["version"]), (&"active".into(), &1.into()));
    assert_eq!(shown["services"][0]["endpoint"], "https://meter.example/");
    did
}

fn keys_and_services(user: &User) {
    user.json(&["device", "rotate-key", "meter", "--sponsor", "//Alice"]);
    // By the new key: the old one may do nothing any more.
    user.json(&["device", "set-service", "meter", "log,Log,https://log.example/", "--sponsor", "//Alice"]);
    user.json(&["device", "remove-service", "meter", "api", "--as", "//Alice"]);
    user.json(&["device", "add-key", "meter", "--as", "//Alice"]);
    user.json(&["device", "revoke-key", "meter", "key-2", "--as", "//Alice"]);
}

fn suspension(user: &User) {
    let delegate = ["device", "delegate", "meter", "--account", "//Bob", "--role", "operator", "--for", "30d"];
    user.json(&[&delegate[..], &["--as", "//Alice"]].concat());
    user.json(&["device", "suspend", "meter", "--as", "//Bob"]);
    assert_eq!(user.fails(&["device", "set-service", "meter", SERVICE, "--sponsor", "//Alice"]), refused());
    assert_eq!(user.fails(&["device", "resume", "meter", "--as", "//Charlie"]), refused());
}

fn transfer(user: &User) {
    user.json(&["device", "undelegate", "meter", "--account", "//Bob", "--role", "operator", "--as", "//Alice"]);
    user.json(&["device", "transfer", "meter", "--to", "//Eve", "--as", "//Alice"]);
    user.json(&["device", "transfer", "meter", "--cancel", "--as", "//Alice"]);
    user.json(&["device", "transfer", "meter", "--to", "//Charlie", "--expires", "2h", "--as", "//Alice"]);
    user.json(&["device", "accept", "meter", "--as", "//Charlie"]);
    assert_eq!(user.fails(&["device", "suspend", "meter", "--as", "//Alice"]), refused());
}

fn end(user: &User, did: &str) {
    assert_eq!(user.fails(&["device", "revoke", "meter", "--as", "//Charlie"]), (2, "usage".into()));
    user.json(&["device", "revoke", "meter", "--as", "//Charlie", "--yes"]);
    assert_eq!(user.fails(&["device", "resume", "meter", "--as", "//Charlie"]), refused());
    let resolved = user.run(&["resolve", did, "--json"]);
    assert_eq!(resolved.code, 9);
    let result: Value = serde_json::from_str(&resolved.stdout).unwrap();
    assert_eq!(result["didDocumentMetadata"]["deactivated"], true);
    assert_eq!(result["didDocument"], Value::Null);
    let first = user.json(&["resolve", &format!("{did}?versionId=1")]);
    assert_eq!(first["didDocument"]["service"][0]["type"], "HttpApi");
    assert_eq!(user.run(&["resolve", did, "--version-id", "99", "--json"]).code, 4);
}

fn refused() -> (i32, String) {
    (5, "refused".into())
}

#[test]
fn what_is_somewhere_else_is_told_apart() {
    let mut user = User::new();
    let (_chain, ready) = up(&mut user);
    let foreign = "did:marque:aaaaaaaaaaaaaaaa:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    assert_eq!(user.fails(&["resolve", foreign]), (8, "wrong_registry".into()));
    assert_eq!(user.fails(&["device", "show", foreign]), (8, "wrong_registry".into()));
    let alice = ready["accounts"]["//Alice"].as_str().unwrap();
    assert_eq!(user.fails(&["events", "--registry", alice]), (4, "not_found".into()));
    assert_eq!(user.fails(&["events", "--registry", "nonsense"]), (2, "usage".into()));

    std::fs::remove_file(user.path("home/config.toml")).unwrap();
    let ran = user.run(&["events"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("marque deploy"), "{}", ran.stderr);
    let deployed = user.json(&["deploy", "--as", "//Alice"]);
    assert_ne!(deployed["registry"], ready["registry"]);
    assert_eq!(user.fails(&["deploy", "--as", "//Alice"]), (2, "usage".into()));
    assert_eq!(user.run(&["events"]).code, 0);
}

#[test]
fn events_are_followed_until_they_are_not() {
    let mut user = User::new();
    let (_chain, _) = up(&mut user);
    user.json(&["device", "new", "meter"]);
    let mut follower = user.start(&["events", "--follow", "--from", "1", "--json"]);
    user.json(&["device", "register", "meter", "--sponsor", "//Alice"]);
    assert_eq!(follower.line()["change"]["type"], "registered");
    user.json(&["device", "bump-epoch", "meter", "--sponsor", "//Alice"]);
    assert_eq!(follower.line()["change"]["type"], "epoch_bumped");
    follower.signal("INT");
    assert_eq!(follower.end().code, 0);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let user = User::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = user.run(&["up", "--port", &port]);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("--port 0"), "{}", ran.stderr);
}
