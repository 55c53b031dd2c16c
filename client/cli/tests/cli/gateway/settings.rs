//! Applications, secrets, policies, zones, devices, keys and authorization servers.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::asking::Asking;
use crate::common::{Ran, Running, User};

/// A user with a gateway that is remembered, and what `marque up` says of it.
fn with_gateway() -> (User, Running, Value) {
    let mut user = User::new();
    let (chain, ready) = user.up_with_gateway();
    (user, chain, ready["gateway"].clone())
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap_or_else(|| panic!("no {member}: {of}"))
}

/// Runs a command that reads stdin.
pub fn with_stdin(mut command: Command, stdin: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Asks for a token by a client's secret, as any service does.
fn token_status(gateway: &Value, id: &str, secret: &str) -> u16 {
    let asking = Asking::new(gateway);
    Runtime::new().unwrap().block_on(asking.by_secret(id, secret)).unwrap().status
}

#[test]
fn a_secret_is_changed_without_a_pause() {
    let (user, _chain, gateway) = with_gateway();
    let device = user.json(&["gateway", "app", "list"])["apps"][0]["device"].as_str().unwrap().to_owned();
    let app = user.json(&["gateway", "app", "create", "Billing", "--device", &device, "--label", "site=graz"]);
    let (id, first) = (text(&app, "client_id"), text(&app, "client_secret"));
    assert_eq!((text(&app, "status"), &app["labels"]), ("ACTIVE", &json!(["site=graz"])));
    assert_eq!(token_status(&gateway, id, first), 200);
    let shown = user.run(&["gateway", "app", "show", id]);
    assert!(shown.code == 0 && shown.stdout.contains("Billing") && !shown.stdout.contains(first), "{}", shown.stdout);

    let rotated = user.json(&["gateway", "secret", "rotate", id]);
    let (second, old) = (text(&rotated["new"], "client_secret"), text(&rotated["old"], "id"));
    assert_eq!([token_status(&gateway, id, first), token_status(&gateway, id, second)], [200, 200], "both count");
    let ran = user.run(&["gateway", "secret", "rotate", id]);
    assert_eq!(ran.code, 5);
    assert!(ran.stderr.contains(&format!("marque gateway secret deactivate {id} {old}")), "{}", ran.stderr);
    assert_eq!(user.json(&["gateway", "secret", "list", id])["secrets"].as_array().unwrap().len(), 2);

    user.json(&["gateway", "secret", "deactivate", id, old]);
    assert_eq!([token_status(&gateway, id, first), token_status(&gateway, id, second)], [401, 200]);
    user.json(&["gateway", "secret", "delete", id, old]);
    let ran = user.run(&["gateway", "secret", "rotate", id]);
    let new = text(&rotated["new"], "id");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains(&format!("marque gateway secret deactivate {id} {new}")), "{}", ran.stdout);
    assert_eq!(user.fails(&["gateway", "secret", "deactivate", id, "none"]), (4, "not_found".into()));
}

#[test]
fn an_application_comes_changes_and_goes() {
    let (user, _chain, gateway) = with_gateway();
    let device = user.json(&["gateway", "app", "show", text(&gateway, "client_id")]);
    let device = text(&device, "device");
    let zone = ["gateway", "zone", "put", "office", "--cidr", "127.0.0.0/8", "--cidr", "::1/128"];
    user.json(&zone);
    let app =
        user.json(&["gateway", "app", "create", "Billing", "--device", device, "--zone", "office", "--fleet", "f"]);
    let id = text(&app, "client_id");
    assert_eq!(user.run(&["gateway", "zone", "delete", "office"]).code, 5, "it is named");
    let changed = user.json(&["gateway", "app", "update", id, "--rename", "Accounts", "--no-zones"]);
    assert_eq!((text(&changed, "label"), &changed["zones"], text(&changed, "fleet")), ("Accounts", &json!([]), "f"));
    assert_eq!(changed["secrets"].as_array().unwrap().len(), 1, "they stay");
    user.json(&["gateway", "zone", "delete", "office"]);
    assert_eq!(user.json(&["gateway", "zone", "list"])["zones"], json!([]));

    assert_eq!(user.run(&["gateway", "app", "delete", id, "--yes"]).code, 5, "it is active");
    assert_eq!(text(&user.json(&["gateway", "app", "deactivate", id]), "status"), "INACTIVE");
    assert_eq!(text(&user.json(&["gateway", "app", "activate", id]), "status"), "ACTIVE");
    user.json(&["gateway", "app", "deactivate", id]);
    assert_eq!(user.fails(&["gateway", "app", "delete", id]), (2, "usage".into()), "nobody confirms it");
    user.json(&["gateway", "app", "delete", id, "--yes"]);
    assert_eq!(user.fails(&["gateway", "app", "show", id]), (4, "not_found".into()));
    assert_eq!(user.fails(&["gateway", "app", "show", "../apps"]), (4, "not_found".into()));
}

#[test]
fn a_policy_is_put_in_explained_and_taken_out() {
    let (user, _chain, gateway) = with_gateway();
    let policies = user.json(&["gateway", "policy", "list"]);
    let name = text(&policies["policies"][0], "name").to_owned();
    let client = text(&gateway, "client_id");
    let explain = ["gateway", "policy", "explain", "--client", client, "--scope", text(&gateway, "scope")];
    assert!(user.run(&explain).stdout.contains("allowed: meter:read"));

    let mut policy = user.json(&["gateway", "policy", "show", &name]);
    policy["is_active"] = false.into();
    let put = with_stdin(user.command(&["gateway", "policy", "put", "-"]), &policy.to_string());
    assert_eq!(put.code, 0, "{}", put.stderr);
    let explained = user.run(&explain).stdout;
    assert!(explained.contains("is not active") && explained.contains("refused"), "{explained}");

    policy["rules"][0]["scopes"] = json!(["*"]);
    fs::write(user.path("policy.json"), policy.to_string()).unwrap();
    let ran = user.run(&["gateway", "policy", "put", "policy.json", "--json"]);
    assert_eq!((ran.code, ran.error()["reason"].as_str().unwrap()), (5, "E0000001"));
    user.json(&["gateway", "policy", "delete", &name]);
    assert_eq!(user.json(&["gateway", "policy", "list"])["policies"], json!([]));
    assert_eq!(user.fails(&["gateway", "policy", "show", &name]), (4, "not_found".into()));
    assert_eq!(user.fails(&["gateway", "policy", "list", "--server", "none"]), (4, "not_found".into()));
}

#[test]
fn a_federation_comes_and_goes() {
    let (user, _chain, gateway) = with_gateway();
    let device = user.json(&["gateway", "app", "show", text(&gateway, "client_id")])["device"].clone();
    let issuer = json!({
        "issuer": "https://cluster.example",
        "keys": { "jwks_uri": "https://cluster.example/keys" },
        "audiences": ["https://gateway.example"],
        "algorithms": ["ES256"],
    });
    let federation = json!({
        "name": "cluster",
        "server": "default",
        "is_active": true,
        "source": { "external": issuer },
        "subject": { "fixed": { "device": device } },
        "scopes": [{ "from": "read", "to": ["meter:read"] }],
    });
    let put = with_stdin(user.command(&["gateway", "federation", "put", "-"]), &federation.to_string());
    assert_eq!(put.code, 0, "{}", put.stderr);
    assert!(user.run(&["gateway", "federation", "list"]).stdout.contains("https://cluster.example"));
    assert_eq!(text(&user.json(&["gateway", "federation", "show", "cluster"]), "server"), "default");
    user.json(&["gateway", "federation", "delete", "cluster"]);
    assert_eq!(user.json(&["gateway", "federation", "list"])["federations"], json!([]));
}

#[test]
fn devices_keys_and_servers_are_known() {
    let (user, _chain, gateway) = with_gateway();
    user.json(&["device", "new", "meter-1"]);
    let known = user.json(&["gateway", "device", "set", "meter-1", "--fleet", "grid", "--label", "site=graz"]);
    assert!(text(&known, "did").starts_with("did:marque:"), "the registry is remembered");
    let secret = user.json(&["gateway", "device", "secret", "meter-1"]);
    let secret = text(&secret, "client_secret");
    fs::write(user.path("more.json"), r#"{"certificate":{"san_dns":"meter-1.example"}}"#).unwrap();
    user.json(&["gateway", "device", "set", "meter-1", "--with", "more.json"]);
    let known = user.json(&["gateway", "device", "set", "meter-1", "--fleet", "grid", "--label", "site=graz"]);
    assert!(known["certificate"].to_string().contains("meter-1.example"), "it stays: {known}");
    let listed = user.json(&["gateway", "device", "list"]);
    assert!(!listed.to_string().contains(secret), "it is shown once");
    assert_eq!(
        (text(&listed["devices"][0], "fleet"), &listed["devices"][0]["labels"]),
        ("grid", &json!(["site=graz"]))
    );
    user.json(&["gateway", "device", "forget", text(&known, "did")]);
    assert_eq!(user.fails(&["gateway", "device", "forget", "meter-1"]), (4, "not_found".into()));

    let keys = |user: &User| user.json(&["gateway", "key", "list"])["keys"].as_array().unwrap().clone();
    let signing = |keys: &[Value]| {
        let active = keys.iter().find(|key| key["status"] == "ACTIVE").unwrap();
        text(active, "kid").to_owned()
    };
    let before = signing(&keys(&user));
    assert_eq!(user.fails(&["gateway", "key", "rotate", "--compromised"]), (2, "usage".into()), "nobody confirms it");
    user.json(&["gateway", "key", "rotate", "--compromised", "--yes"]);
    assert_ne!(signing(&keys(&user)), before);
    assert!(user.run(&["gateway", "key", "list"]).stdout.contains("ACTIVE"));

    let servers = user.json(&["gateway", "server", "list"]);
    assert_eq!(text(&servers["servers"][0], "url"), text(&gateway, "issuer_url"));
    let mut server = user.json(&["gateway", "server", "show", "default"]);
    server["requires_dpop"] = true.into();
    let put = with_stdin(user.command(&["gateway", "server", "put", "-", "--json"]), &server.to_string());
    assert_eq!(put.json()["requires_dpop"], true, "{}", put.stderr);
    server["issuer"] = 7.into();
    assert_eq!(with_stdin(user.command(&["gateway", "server", "put", "-"]), &server.to_string()).code, 5);
}
