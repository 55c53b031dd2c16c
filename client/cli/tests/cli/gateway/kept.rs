//! `marque up` with a folder of its own: what it keeps is there again the next time, under the same URLs.

use std::path::PathBuf;

use marque_gateway::SqliteStore;
use serde_json::Value;
use url::Url;

use crate::common::{Running, User};

/// Starts a chain and a gateway on free ports; gives what it says when it is ready.
pub fn up(user: &mut User) -> (Running, Value) {
    start(user, ["0", "0"])
}

/// Starts them again, on the ports that they had.
pub fn up_again(user: &mut User, ready: &Value) -> (Running, Value) {
    let port = |url: &Value| Url::parse(url.as_str().unwrap()).unwrap().port().unwrap().to_string();
    let (port, gateway_port) = (port(&ready["url"]), port(&ready["gateway"]["url"]));
    start(user, [&port, &gateway_port])
}

fn start(user: &mut User, [port, gateway_port]: [&str; 2]) -> (Running, Value) {
    let ports = ["--port", port, "--gateway-port", gateway_port];
    let folder = folder(user);
    let more = ["--data-dir", folder.to_str().unwrap(), "--json"];
    let mut running = user.start(&[&["up"], &ports[..], &more].concat());
    let ready = running.line();
    user.set_url(ready["url"].as_str().unwrap());
    (running, ready)
}

/// Stops them, as Ctrl-C does.
pub fn stop(mut running: Running) {
    running.signal("INT");
    let ended = running.end();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

/// What the gateway keeps. It must be stopped.
pub async fn open_store(user: &User) -> SqliteStore {
    SqliteStore::open(&folder(user).join("gateway/gateway.db")).await.unwrap()
}

fn folder(user: &User) -> PathBuf {
    user.path("chain")
}
