//! Secrets in the wrong places: nothing of them is printed or written.

use std::fs;

use crate::common::User;

const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const SEED: &str = "0xb3a1c5e7f9d8b6a4928170615243f4e5d6c7b8a99a8b7c6d5e4f30211203f4e5";
const PASSWORD: &str = "hunter2hunter2";
/// What must not be seen anywhere: two words of the phrase, the begin of the seed, the password, and it with its user in a header.
const PARTS: [&str; 4] = ["drive obey", "b3a1c5e7", PASSWORD, "dXNlcjpodW50ZXIy"];

/// A secret of each form.
fn secrets() -> [String; 5] {
    [
        PHRASE.to_owned(),
        SEED.to_owned(),
        format!("{PHRASE}///{PASSWORD}"),
        format!("//Alice///{PASSWORD}"),
        format!("ws://user:{PASSWORD}@127.0.0.1:1/{PASSWORD}?token={PASSWORD}"),
    ]
}

/// Places for a secret, `$`, that are looked at before there is a connection.
const LOCAL: [&[&str]; 70] = [
    &["$"],
    &["--$"],
    &["--seed=$"],
    &["--seed", "$"],
    &["device", "$"],
    &["device", "show", "a", "$"],
    &["device", "show", "a", "--json=$"],
    &["device", "new", "$"],
    &["device", "new", "$.key-1"],
    &["device", "new", "a", "--home", "$"],
    &["device", "new", "a", "--passphrase-file", "$"],
    &["device", "list", "--all", "--url", "$"],
    &["device", "register", "--sponsor", "//Alice", "--file", "$"],
    &["device", "register", "a", "--metadata-hash", "$"],
    &["device", "register", "a", "--service", "$"],
    &["device", "register", "a", "--batch-size", "$"],
    &["device", "register", "a", "--in-flight", "$"],
    &["device", "rotate-key", "a", "--key", "$"],
    &["device", "rotate-key", "a", "--public-key", "$"],
    &["device", "add-key", "a", "--public-key", "$"],
    &["device", "add-key", "a", "--for", "$"],
    &["device", "revoke-key", "a", "$"],
    &["device", "set-service", "a", "$"],
    &["device", "set-metadata", "a", "--hash", "$"],
    &["device", "delegate", "a", "--account", "b", "--for", "1d", "--role", "$"],
    &["device", "delegate", "a", "--account", "b", "--role", "operator", "--for", "$"],
    &["device", "transfer", "a", "--to", "b", "--expires", "$"],
    &["resolve", "a", "--version-id", "$"],
    &["resolve", "a", "--version-time", "$"],
    &["events", "--from", "$"],
    &["issuer", "new-key", "$"],
    &["issuer", "new-key", "a", "--type", "$"],
    &["issuer", "register", "$"],
    &["issuer", "register", "https://as.example", "--public-key", "$"],
    &["issuer", "register", "https://as.example", "--until", "$"],
    &["issuer", "show", "$"],
    &["issuer", "revoke-key", "0", "$"],
    &["scope", "show", "$", "--issuer", "0"],
    &["scope", "define", "a:b", "--issuer", "0", "--description-hash", "$"],
    &["role", "show", "$", "--issuer", "0"],
    &["grant", "add", "a", "--issuer", "0", "--until", "1d", "--scope", "$"],
    &["token", "inspect", "$"],
    &["token", "verify", "$", "--issuer", "0", "--audience", "x"],
    &["token", "issue", "a", "--issuer", "0", "--audience", "x", "--for", "$"],
    &["token", "revoke", "--jti", "$", "--issuer", "0"],
    &["token", "reclaim", "--hash", "x", "--issuer", "$"],
    &["demo", "--fleet", "$"],
    &["up", "--port", "$"],
    &["up", "--block-time", "$"],
    &["completions", "$"],
    &["gateway", "$"],
    &["gateway", "init", "$"],
    &["gateway", "init", "--keyring", "$"],
    &["gateway", "login", "--gateway", "$"],
    &["gateway", "login", "--gateway", "http://127.0.0.1:1", "--ca", "$"],
    &["gateway", "login", "--gateway", "http://127.0.0.1:1", "--token-file", "$"],
    &["gateway", "app", "list", "--gateway", "$"],
    &["gateway", "app", "show", "$", "--gateway", "http://127.0.0.1:1"],
    &["gateway", "app", "create", "x", "--device", "$", "--gateway", "http://127.0.0.1:1"],
    &["gateway", "app", "create", "x", "--device", "y", "--label", "$"],
    &["gateway", "policy", "put", "$"],
    &["gateway", "policy", "explain", "--client", "x", "--scope", "$"],
    &["gateway", "log", "query", "--since", "$"],
    &["gateway", "token", "create", "x", "--role", "$"],
    &["gateway", "serve", "--master-key-file", "$"],
    &["gateway", "serve", "--data", "x", "--server", "$"],
    &["gateway", "serve", "--data", "x", "--otlp", "$"],
    &["gateway", "serve", "--data", "x", "--first-token", "$"],
    &["gateway", "serve", "--data", "x", "--listen", "$"],
    &["gateway", "serve", "--data", "x", "--tls-cert", "$", "--tls-key", "x"],
];

/// Places that are looked at when there is a registry and the device `meter`.
const CONNECTED: [&[&str]; 29] = [
    &["demo", "--url", "$"],
    &["up", "--data-dir", "$"],
    &["events", "--device", "$"],
    &["events", "--registry", "$"],
    &["deploy", "--again", "--as", "$"],
    &["resolve", "$"],
    &["resolve", "did:marque:$"],
    &["resolve", "did:marque:x?versionTime=$"],
    &["device", "show", "$"],
    &["device", "history", "$"],
    &["device", "register", "$", "--sponsor", "//Bob"],
    &["device", "register", "other", "--sponsor", "$"],
    &["device", "register", "other", "--sponsor", "//Bob", "--controller", "$"],
    &["device", "suspend", "meter", "--as", "$"],
    &["device", "suspend", "$", "--as", "//Bob"],
    &["device", "transfer", "meter", "--as", "//Bob", "--to", "$"],
    &["device", "delegate", "meter", "--as", "//Bob", "--for", "1d", "--role", "operator", "--account", "$"],
    &["device", "undelegate", "meter", "--as", "//Bob", "--role", "operator", "--account", "$"],
    &["device", "remove-service", "meter", "--as", "//Bob", "$"],
    &["device", "set-service", "meter", "--as", "$", "api,Api,https://meter.example/"],
    &["events", "--access", "$"],
    &["issuer", "register", "https://as.example", "--as", "//Bob", "--key", "$"],
    &["issuer", "deactivate", "0", "--as", "$"],
    &["issuer", "transfer", "0", "--as", "//Bob", "--to", "$"],
    &["scope", "define", "meter:read", "--issuer", "0", "--as", "//Alice", "--description", "$"],
    &["grant", "show", "$", "--issuer", "0"],
    &["token", "issue", "$", "--issuer", "0", "--audience", "https://reader.example"],
    &["token", "issue", "meter", "--issuer", "0", "--audience", "https://reader.example", "--key", "$"],
    &["token", "revoke", "--device", "$", "--all-before", "now", "--issuer", "0"],
];

/// Places that are looked at when there is a gateway.
const OPERATED: [&[&str]; 10] = [
    &["gateway", "app", "show", "$"],
    &["gateway", "app", "create", "x", "--device", "$"],
    &["gateway", "app", "delete", "$", "--yes"],
    &["gateway", "secret", "rotate", "$"],
    &["gateway", "secret", "deactivate", "x", "$"],
    &["gateway", "policy", "show", "$"],
    &["gateway", "policy", "list", "--server", "$"],
    &["gateway", "zone", "delete", "$"],
    &["gateway", "device", "forget", "$"],
    &["gateway", "token", "revoke", "$"],
];

fn assert_hidden(text: &str, what: &dyn std::fmt::Debug) {
    for part in PARTS {
        assert!(!text.contains(part), "{what:?} repeats `{part}`: {text}");
    }
}

/// Runs the command, and checks what it prints, as text and as JSON.
fn check(user: &User, arguments: &[&str]) {
    for json in [&[][..], &["--json"]] {
        let arguments = [arguments, json].concat();
        let ran = user.run(&arguments);
        assert_hidden(&(ran.stdout + &ran.stderr), &arguments);
    }
}

fn check_places(user: &User, places: &[&[&str]]) {
    for secret in secrets() {
        for place in places {
            let arguments: Vec<_> = place.iter().map(|part| part.replace('$', &secret)).collect();
            check(user, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

#[test]
fn none_is_repeated_where_arguments_are_read() {
    let mut user = User::new();
    user.set_url("ws://127.0.0.1:1");
    check_places(&user, &LOCAL);
    let phrase: Vec<_> = ["device", "show"].into_iter().chain(PHRASE.split(' ')).collect();
    let ran = user.run(&phrase);
    assert_eq!(ran.code, 2);
    assert!(!ran.stderr.contains("drive"), "{}", ran.stderr);
    // Not as the name of a file either, though this one could be a key's.
    assert_eq!(user.fails(&["device", "new", &SEED[2..]]), (2, "usage".into()));
    assert!(!user.path("home/keys").exists());
    assert_eq!(fs::read_dir(user.path("")).unwrap().count(), 0);
}

#[test]
fn none_is_repeated_where_a_registry_is_asked() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    user.json(&["device", "new", "other"]);
    user.json(&["device", "new", "meter"]);
    user.json(&["device", "register", "meter", "--sponsor", "//Bob", "--controller", "//Bob"]);
    user.json(&["issuer", "register", "https://grid.example", "--as", "//Bob"]);
    user.json(&["scope", "define", "meter:reset", "--issuer", "0", "--description", "Resets.", "--as", "//Bob"]);
    user.json(&["grant", "add", "meter", "--scope", "meter:reset", "--issuer", "0", "--until", "1d", "--as", "//Bob"]);
    check_places(&user, &CONNECTED);
    for secret in secrets() {
        let ran = user.command(&["device", "suspend", "meter"]).env("MARQUE_ACCOUNT", &secret).output().unwrap();
        assert_hidden(&String::from_utf8_lossy(&ran.stderr), &"MARQUE_ACCOUNT");
    }
}

#[test]
fn none_is_repeated_where_a_gateway_is_asked() {
    let mut user = User::new();
    let (_chain, _) = user.up_with_gateway();
    check_places(&user, &OPERATED);
}

#[test]
fn none_is_repeated_from_files() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    for secret in secrets() {
        let rows = format!(
            "{{\"name\":\"{secret}\"}}\n{{\"name\":\"a\",\"controller\":\"{secret}\"}}\n{{\"{secret}\":1}}\n\
             {{\"name\":\"b\",\"services\":\"{secret}\"}}\n{{\"operation\":\"{secret}\"}}\n"
        );
        fs::write(user.path("fleet.jsonl"), rows).unwrap();
        fs::write(user.path("fleet.csv"), format!("{secret},name\n")).unwrap();
        for file in ["fleet.jsonl", "fleet.csv"] {
            check(&user, &["device", "register", "--file", file, "--sponsor", "//Alice"]);
        }
        assert_hidden(&fs::read_to_string(user.path("fleet.jsonl.errors.jsonl")).unwrap(), &"the errors file");
    }
    for config in ["registries = \"$\"", "url = \"$\"", "[registries]\n\"0x00\" = [\"$\"]"] {
        for secret in secrets() {
            fs::write(user.path("home/config.toml"), config.replace('$', &secret)).unwrap();
            let ran = user.command(&["device", "list", "--all"]).env_remove("MARQUE_URL").output().unwrap();
            assert_hidden(&String::from_utf8_lossy(&ran.stderr), &config);
        }
    }
}

#[test]
fn an_endpoint_is_told_without_its_credentials() {
    let mut user = User::new();
    let (_chain, ready) = user.up();
    let url = ready["url"].as_str().unwrap();
    let with_credentials =
        |url: &str| format!("{}/{PASSWORD}?token={PASSWORD}", url.replace("//", &format!("//user:{PASSWORD}@")));
    user.set_url(&with_credentials(url));
    let deployed = user.json(&["deploy", "--as", "//Alice", "--again"]);
    assert_eq!(deployed["url"], format!("{url}/…"));
    for arguments in [
        &["deploy", "--as", "//Alice", "--again"][..],
        &["device", "list", "--all"],
        &["events"],
        &["issuer", "list"],
        &["demo", "--fleet", "1", "--url", &with_credentials(url)],
    ] {
        let ran = user.command(arguments).env("RUST_LOG", "trace").output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{arguments:?}");
        let text = [ran.stdout, ran.stderr].concat();
        assert_hidden(&String::from_utf8_lossy(&text), &arguments);
    }
    let mut follower = user.start(&["events", "--follow"]);
    assert_hidden(&follower.errors_until("stop with Ctrl-C"), &"events");
    fs::remove_file(user.path("home/config.toml")).unwrap();
    check(&user, &["device", "list", "--all"]);
}

#[test]
fn an_endpoint_that_cannot_be_used_is_told_without_its_credentials() {
    let user = User::new();
    for url in [
        format!("ws://user:{PASSWORD}@127.0.0.1:1/?token={PASSWORD}"),
        format!("ws://127.0.0.1:1/{PASSWORD}"),
        format!("ws://user:{PASSWORD}@127.0.0.1:99999"),
        format!("http://user:{PASSWORD}@127.0.0.1:1"),
        format!("ws://user:pass {PASSWORD}@127.0.0.1:1"),
        format!("ws://user:pass/{PASSWORD}@127.0.0.1:1"),
        format!("user:{PASSWORD}@127.0.0.1:1"),
    ] {
        for arguments in [&["device", "list", "--all"][..], &["demo"], &["deploy", "--as", "//Alice"], &["events"]] {
            check(&user, &[arguments, &["--url", &url]].concat());
        }
    }
    // What the config has is kept as it is, and not shown by who leaves it alone.
    let kept = format!("wss://user:{PASSWORD}@node.example/");
    fs::create_dir(user.path("home")).unwrap();
    fs::write(user.path("home/config.toml"), format!("url = \"{kept}\"\n")).unwrap();
    let mut chain = user.start(&["up", "--port", "0"]);
    let printed = chain.text_until("Stop with Ctrl-C.");
    assert!(printed.contains("export MARQUE_URL=ws://127.0.0.1:"), "{printed}");
    assert_hidden(&printed, &"up");
    assert!(fs::read_to_string(user.path("home/config.toml")).unwrap().contains(&kept));
}
