//! Arguments, help, exit codes.

use crate::common::User;

/// A DID of a registry that is none here.
const DID: &str = "did:marque:aaaaaaaaaaaaaaaa:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

#[test]
fn help_and_version_are_no_errors() {
    let user = User::new();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["device", "--help"],
        &["device", "register", "--help"],
        &["up", "-h"],
        &["issuer", "--help"],
        &["token", "issue", "--help"],
    ] {
        let ran = user.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}");
        assert!(ran.stderr.is_empty());
    }
    let help = user.run(&["--help"]).stdout;
    assert!(help.contains("Exit codes:") && help.contains("marque demo"));
    assert!(user.run(&["device", "revoke", "--help"]).stdout.contains("Examples:"));
}

#[test]
fn nonsense_is_refused_with_the_usage_code() {
    let user = User::new();
    let cases: [&[&str]; 49] = [
        &[],
        &["frobnicate"],
        &["device"],
        &["device", "show"],
        &["device", "new", "meter.key-1"],
        &["device", "new", "../../etc/passwd"],
        &["device", "new", ""],
        &["device", "register"],
        &["device", "register", "--file", "x.csv"],
        &["device", "register", "a", "--service", "nonsense"],
        &["device", "delegate", "a", "--account", "//Bob", "--role", "admin", "--for", "1d"],
        &["device", "delegate", "a", "--account", "//Bob", "--role", "operator", "--for", "1000d"],
        &["resolve", "did:marque:x?versionTime=yesterday"],
        &["issuer"],
        &["issuer", "show", "first"],
        &["issuer", "show", "-1"],
        &["issuer", "show", "4294967296"],
        &["issuer", "register", "as.example"],
        &["issuer", "register", "http://as.example"],
        &["issuer", "register", "https://as.example", "--key", "a", "--public-key", "z6Mk"],
        &["issuer", "new-key", "a", "--type", "p256"],
        &["issuer", "new-key", "../../etc/passwd"],
        &["issuer", "trust", "0", "1", "--until", "1d"],
        &["issuer", "delegate", "0", "--account", "//Bob", "--role", "owner", "--until", "1d"],
        &["scope", "define", "admin", "--issuer", "0", "--description", "x"],
        &["scope", "define", "meter:all", "--issuer", "0", "--description", "x"],
        &["scope", "define", "meter:read", "--issuer", "0"],
        &["grant", "add", "meter", "--issuer", "0", "--until", "1d"],
        &["grant", "add", "meter", "--scope", "a:b", "--role", "c", "--issuer", "0", "--until", "1d"],
        &["token", "issue", "meter", "--issuer", "0"],
        &["token", "issue", "meter", "--issuer", "0", "--audience", "x", "--for", "25h"],
        &["token", "verify", "x", "--issuer", "0"],
        &["token", "revoke", "--device", "meter", "--issuer", "0"],
        &["token", "revoke", "x", "--jti", "y", "--issuer", "0"],
        &["token", "reclaim", "--issuer", "0"],
        &["gateway"],
        &["gateway", "init"],
        &["gateway", "app", "list"],
        &["gateway", "app", "list", "--gateway", "http://gateway.example"],
        &["gateway", "app", "list", "--gateway", "https://user:x@gateway.example"],
        &["gateway", "app", "create", "x", "--device", "did:marque:x", "--label", "graz"],
        &["gateway", "app", "update", "x"],
        &["gateway", "policy", "explain", "--client", "x"],
        &["gateway", "log", "query", "--limit", "0"],
        &["gateway", "token", "create", "x", "--role", "owner"],
        &["gateway", "serve", "--data", "x"],
        &["gateway", "serve", "--data", "x", "--listen", "0.0.0.0:1"],
        &["gateway", "serve", "--data", "x", "--tls-cert", "cert.pem"],
        &["gateway", "serve", "--data", "x", "--server", "Default=0"],
    ];
    for arguments in cases {
        assert_eq!(user.run(arguments).code, 2, "{arguments:?}");
        assert_eq!(user.fails(arguments), (2, "usage".into()), "{arguments:?}");
    }
}

#[test]
fn a_node_that_is_not_there_is_told_with_what_to_do() {
    let user = User::new();
    user.json(&["device", "new", "meter-1"]);
    let commands: [&[&str]; 9] = [
        &["device", "list"],
        &["device", "show", "meter-1"],
        &["device", "register", "meter-1"],
        &["resolve", DID],
        &["events"],
        &["deploy", "--as", "//Alice"],
        &["issuer", "list"],
        &["token", "issue", "meter-1", "--issuer", "0", "--audience", "x"],
        &["demo"],
    ];
    for command in commands {
        let arguments = [command, &["--url", "ws://127.0.0.1:1"]].concat();
        assert_eq!(user.fails(&arguments), (3, "unreachable".into()), "{command:?}");
        assert!(user.run(&arguments).stderr.contains("marque up"), "{command:?}");
    }
    assert_eq!(user.fails(&["device", "list", "--url", "http://127.0.0.1:1"]), (2, "usage".into()));
}

#[test]
fn a_key_is_made_once_and_nothing_is_said_of_its_secret() {
    let user = User::new();
    let made = user.json(&["device", "new", "meter-1"]);
    assert!(made["device"].as_str().unwrap().starts_with("z6Mk"));
    assert_eq!(made["did"], serde_json::Value::Null);
    assert_eq!(user.fails(&["device", "new", "meter-1"]), (6, "local".into()));
    let listed = user.json(&["device", "list", "--local"]);
    assert_eq!(listed["devices"][0]["device"], made["device"]);
    let signing = user.json(&["issuer", "new-key", "grid", "--type", "sr25519"]);
    assert!(signing["public_key_multibase"].as_str().unwrap().starts_with("z6QN"));
    assert_eq!(user.fails(&["issuer", "new-key", "meter-1"]), (6, "local".into()));
}

#[test]
fn without_a_passphrase_and_a_terminal_it_says_how_to_give_one() {
    let user = User::new();
    let ran = user.command(&["device", "new", "meter-1"]).env_remove("MARQUE_PASSPHRASE").output().unwrap();
    assert_eq!(ran.status.code(), Some(6));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("--passphrase-file"));
    let file = user.path("passphrase");
    std::fs::write(&file, "from a file\n").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(user.run(&["device", "new", "meter-1", "--passphrase-file", file]).code, 0);
    std::fs::write(file, "\n").unwrap();
    assert_eq!(user.fails(&["device", "new", "meter-2", "--passphrase-file", file]), (6, "local".into()));
    std::fs::write(file, "x".repeat(4097)).unwrap();
    assert_eq!(user.fails(&["device", "new", "meter-2", "--passphrase-file", file]), (6, "local".into()));
}

#[test]
fn completions_name_the_commands() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = user.run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.stdout.contains("rotate-key") && ran.stdout.contains("untrust"), "{shell}");
    }
    assert_eq!(user.run(&["completions", "tcsh"]).code, 2);
}
