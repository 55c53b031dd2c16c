//! `marque gateway init` and `serve`, and who follows the log while a gateway is restarted.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::common::{Running, User};

const ISSUER_URL: &str = "https://gateway.example/oauth2/default";

/// A user with a chain, an authorization server on it, and a master key.
fn ready_to_serve() -> (User, Running) {
    let mut user = User::new();
    let (chain, _) = user.up();
    user.json(&["issuer", "register", ISSUER_URL, "--as", "//Alice"]);
    user.json(&["gateway", "init", "secret"]);
    (user, chain)
}

fn serve(user: &User, listen: &str, more: &[&str]) -> (Running, Value) {
    let arguments = ["gateway", "serve", "--data", "data", "--master-key-file", "secret/master.key", "--json"];
    let more = [&["--listen", listen, "--server", "default=0", "--key", "//Alice"], more].concat();
    let mut gateway = user.start(&[&arguments[..], &more].concat());
    let ready = gateway.line();
    (gateway, ready)
}

fn login(user: &User, url: &str) {
    user.json(&["gateway", "login", "--gateway", url, "--token-file", "first-token"]);
}

#[test]
fn from_nothing_to_a_gateway_that_is_operated() {
    let (user, _chain) = ready_to_serve();
    let mode = |name| fs::metadata(user.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("secret/master.key"), 0o600);
    assert_eq!(user.fails(&["gateway", "init", "secret"]), (6, "local".into()), "never over another one");

    let more = ["--first-token", "first-token", "--metrics", "127.0.0.1:0"];
    let (mut gateway, ready) = serve(&user, "127.0.0.1:0", &more);
    assert_eq!(ready["servers"][0]["url"], ISSUER_URL);
    assert!(ready["metrics"].as_str().unwrap().ends_with("/metrics"));
    assert_eq!((mode("first-token"), mode("data/gateway.db")), (0o600, 0o600));
    login(&user, ready["url"].as_str().unwrap());
    assert_eq!(user.json(&["gateway", "server", "list"])["servers"][0]["issuer"], 0);
    let keys = user.json(&["gateway", "key", "list"]);
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["status"] == "ACTIVE"), "{keys}");

    gateway.signal("HUP");
    assert_eq!(user.run(&["gateway", "app", "list"]).code, 0, "it goes on");
    gateway.signal("TERM");
    let ended = gateway.end();
    assert_eq!((ended.code, ended.json()), (0, serde_json::json!({ "stopped": true })), "{}", ended.stderr);
    assert_eq!(user.fails(&["gateway", "app", "list"]), (3, "unreachable".into()));

    // What was set up is there again, and the first token is not made twice.
    let before = fs::read(user.path("first-token")).unwrap();
    let (_gateway, ready) = serve(&user, "127.0.0.1:0", &more);
    assert_eq!(fs::read(user.path("first-token")).unwrap(), before);
    login(&user, ready["url"].as_str().unwrap());
}

#[test]
fn what_is_in_the_way_of_serving_is_told() {
    let (user, _chain) = ready_to_serve();
    let arguments = |more: &[&'static str]| {
        let serve = ["gateway", "serve", "--data", "data", "--listen", "127.0.0.1:0", "--key", "//Alice"];
        [&serve[..], more].concat()
    };
    let with_key = ["--master-key-file", "secret/master.key"];
    let with = |more: &[&'static str]| arguments(&[&with_key[..], more].concat());
    assert_eq!(user.fails(&arguments(&["--master-key-file", "none"])).0, 4);
    assert_eq!(user.fails(&with(&["--server", "default=7"])), (4, "not_found".into()));
    assert_eq!(user.fails(&with(&["--server", "fleet=0"])), (5, "refused".into()), "its URL is another's");
    assert_eq!(user.fails(&with(&["--tls-cert", "none.pem", "--tls-key", "none.pem"])).0, 6);
    let variable = |key: &str| {
        let mut command = user.command(&arguments(&["--json"]));
        command.env("MARQUE_GATEWAY_MASTER_KEY", key).output().unwrap()
    };
    let ran = variable("bm8gbWFzdGVyIGtleQ");
    assert_eq!(ran.status.code(), Some(6));
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("bm8gbWFz"), "it is not repeated");
    fs::set_permissions(user.path("secret/master.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let ran = user.run(&with(&[]));
    assert!(ran.code == 6 && ran.stderr.contains("chmod 600"), "{}", ran.stderr);
}

#[test]
fn whoever_follows_the_log_gets_each_event_once_though_the_gateway_is_restarted() {
    let (user, _chain) = ready_to_serve();
    // A port of its own, so that the gateway comes back where it was.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (mut gateway, ready) = serve(&user, &address, &["--first-token", "first-token"]);
    login(&user, ready["url"].as_str().unwrap());
    let put = |name: &str| user.json(&["gateway", "zone", "put", name, "--cidr", "10.0.0.0/8"]);

    put("before");
    let filter = ["--since", "1h", "--filter", "eventType sw \"zone.\""];
    let mut follower = user.start(&[&["gateway", "log", "follow"], &filter[..]].concat());
    assert!(follower.text_until("before").contains("zone.create"));
    put("first");
    follower.text_until("first");
    gateway.signal("INT");
    assert_eq!(gateway.end().code, 0);
    follower.errors_until("waiting for it");
    let (_gateway, _) = serve(&user, &address, &[]);
    put("second");
    let text = follower.text_until("second");
    assert!(!text.contains("first") && !text.contains("before"), "{text}");
    follower.signal("INT");
    let ended = follower.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
}
