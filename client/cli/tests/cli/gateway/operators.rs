//! Who operates a gateway: tokens, roles, what is remembered, and the log.

use std::{fs, os::unix::fs::PermissionsExt};

use super::settings::with_stdin;
use crate::common::User;

#[test]
fn a_token_is_remembered_for_one_gateway_and_its_owner_alone() {
    let mut owner = User::new();
    let (_chain, ready) = owner.up_with_gateway();
    let (url, ca) = (ready["gateway"]["url"].as_str().unwrap(), ready["gateway"]["ca"].as_str().unwrap());
    let made = owner.json(&["gateway", "token", "create", "a reader", "--role", "reader", "--lifetime", "1d"]);
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert!(!owner.run(&["gateway", "token", "list", "--json"]).stdout.contains(token), "it is shown once");

    let reader = User::new();
    let ran = with_stdin(reader.command(&["gateway", "login", "--gateway", url]), token);
    assert_eq!(ran.code, 3, "its authority is not known: {}", ran.stdout);
    assert!(ran.stderr.contains("--ca"), "{}", ran.stderr);
    assert!(!reader.path("home/gateway-token").exists(), "what was not taken is not remembered");
    let ran = with_stdin(reader.command(&["gateway", "login", "--gateway", url, "--ca", ca]), &format!("{token}\n"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!(ran.stdout + &ran.stderr).contains(token), "it is not repeated");
    let mode = |name| fs::metadata(reader.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("home/gateway-token"), mode("home/config.toml")), (0o600, 0o600));
    assert!(!fs::read_to_string(reader.path("home/config.toml")).unwrap().contains(token));

    assert_eq!(reader.json(&["gateway", "app", "list"])["apps"].as_array().unwrap().len(), 1);
    let elsewhere = reader.run(&["gateway", "app", "list", "--gateway", "https://localhost:1", "--json"]);
    assert_eq!(elsewhere.error()["kind"], "local", "the token is for that gateway alone");
    let ran = reader.run(&["gateway", "token", "list", "--json"]);
    assert_eq!((ran.code, ran.error()["reason"].as_str().unwrap()), (5, "E0000006"));

    owner.json(&["gateway", "token", "revoke", id]);
    let ran = reader.run(&["gateway", "app", "list", "--json"]);
    assert_eq!((ran.code, ran.error()["reason"].as_str().unwrap()), (5, "E0000011"));
    assert!(ran.error()["hint"].as_str().unwrap().contains("marque gateway login"));
}

#[test]
fn the_token_comes_from_a_file_before_the_environment_and_that_before_what_is_remembered() {
    let mut user = User::new();
    let (_chain, _ready) = user.up_with_gateway();
    let list = ["gateway", "app", "list"];
    let with_variable = |arguments: &[&str], token: &str| {
        user.command(arguments).env("MARQUE_GATEWAY_TOKEN", token).output().unwrap().status.code().unwrap()
    };
    assert_eq!(user.run(&list).code, 0);
    assert_eq!(with_variable(&list, "00Tx.y"), 5);
    fs::copy(user.path("home/gateway-token"), user.path("token")).unwrap();
    assert_eq!(with_variable(&["gateway", "app", "list", "--token-file", "token"], "00Tx.y"), 0);
    assert_eq!(with_variable(&list, "two words"), 2);
    let trace = user.command(&list).env("RUST_LOG", "trace").output().unwrap();
    let token = fs::read_to_string(user.path("token")).unwrap();
    let secret = token.trim().split_once('.').unwrap().1;
    assert!(!String::from_utf8_lossy(&trace.stderr).contains(secret), "no log has the token");
}

#[test]
fn the_log_is_asked_by_time_filter_and_number() {
    let mut user = User::new();
    let (_chain, _ready) = user.up_with_gateway();
    for name in ["a", "b", "c"] {
        user.json(&["gateway", "zone", "put", name, "--cidr", "10.0.0.0/8"]);
    }
    let query = |more: &[&str]| {
        let ran = user.run(&[&["gateway", "log", "query", "--json"], more].concat());
        assert_eq!(ran.code, 0, "{more:?}: {}", ran.stderr);
        ran.lines()
    };
    let zones = ["--filter", "eventType eq \"zone.create\""];
    let found = query(&zones);
    let targets: Vec<_> = found.iter().map(|event| event["target"][0]["id"].as_str().unwrap()).collect();
    assert_eq!(targets, ["a", "b", "c"]);
    let last = query(&[&zones[..], &["--descending", "--limit", "1"]].concat());
    assert_eq!((last.len(), &last[0]["target"][0]["id"]), (1, &"c".into()));
    assert_eq!(query(&["--since", "1h"]).len(), query(&[]).len());
    assert!(query(&["--until", "1h"]).is_empty());
    let table = user.run(&[&["gateway", "log", "query"], &zones[..]].concat()).stdout;
    assert_eq!(table.lines().count(), 4, "{table}");
    let ran = user.run(&["gateway", "log", "query", "--filter", "eventType like x", "--json"]);
    assert_eq!((ran.code, ran.error()["reason"].as_str().unwrap()), (5, "E0000053"));
}
