//! Access tokens by the command line, from issue to a reclaimed entry.

use std::{
    fs,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use marque_devnet::{Config, Devnet, ManualClock};
use marque_sdk::did;
use serde_json::{Value, json};

use crate::{
    access::{define, grant, scene, with_authorization_server},
    common::{Running, User},
};

const AUDIENCE: &str = "https://reader.example";
/// What is required of the meter's tokens.
const REQUIRED: [&str; 6] = ["--issuer", "0", "--audience", AUDIENCE, "--scope", "meter:read"];

/// The scene, and what the meter needs for a token.
fn granted() -> (User, Running) {
    let (user, chain) = scene();
    define(&user, "meter:read");
    grant(&user, ["--scope", "meter:read"]);
    (user, chain)
}

fn issue_arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["token", "issue", "meter", "--issuer", "0", "--audience", AUDIENCE], more].concat()
}

fn issue(user: &User, more: &[&str]) -> Value {
    user.json(&issue_arguments(more))
}

fn text(token: &Value) -> &str {
    token["token"].as_str().unwrap()
}

fn verify(token: &Value) -> Vec<&str> {
    [&["token", "verify", text(token)][..], &REQUIRED].concat()
}

fn present(token: &Value) -> Vec<&str> {
    [&["token", "present", text(token)][..], &REQUIRED].concat()
}

#[test]
fn a_token_is_issued_looked_at_verified_presented_and_revoked() {
    let (user, _chain) = granted();
    let (jwt, cwt) = (issue(&user, &[]), issue(&user, &["--cwt", "--for", "24h"]));
    assert_eq!((&jwt["form"], &cwt["form"], &jwt["kid"]), (&json!("jwt"), &json!("cwt"), &json!("0#key-0")));
    let device = user.json(&["device", "show", "meter"]);
    for token in [&jwt, &cwt] {
        let seen = user.json(&["token", "inspect", text(token)]);
        assert_eq!((&seen["verified"], &seen["claims"]), (&json!(false), &token["claims"]));
        let claims = &seen["claims"];
        assert_eq!((&claims["sub"], &claims["client_id"]), (&device["did"], &device["did"]));
        assert_eq!((&claims["aud"], &claims["scope"]), (&json!([AUDIENCE]), &json!("meter:read")));
        assert_eq!((&claims["iss"], &claims["epoch"]), (&json!("https://grid.example"), &json!(0)));
        assert_eq!(claims["cnf"]["jwk"]["crv"], "Ed25519");
        let good = user.json(&verify(token));
        assert_eq!((&good["verified"], &good["possession_proven"]), (&json!(true), &json!(false)));
        assert_eq!((&good["claims"], &good["device"]), (&token["claims"], &device["device"]));
        assert!(good["block"].as_u64().unwrap() >= 7, "{good}");
    }
    assert_eq!(cwt["claims"]["exp"].as_u64().unwrap() - cwt["claims"]["iat"].as_u64().unwrap(), 24 * 60 * 60);
    assert_ne!(jwt["claims"]["jti"], cwt["claims"]["jti"]);
    let accepted = user.json(&present(&cwt));
    assert_eq!((&accepted["accepted"], &accepted["claims"]), (&json!(true), &cwt["claims"]));
    assert_eq!(user.fails(&present(&jwt)), (2, "usage".into()));
    let warned = user.run(&["token", "inspect", text(&jwt)]).stdout;
    assert!(warned.starts_with("NOT VERIFIED"), "{warned}");

    let revoked = user.json(&["token", "revoke", text(&cwt), "--as", "//Alice"]);
    assert_eq!(revoked["change"]["change"]["type"], "token_revoked");
    let hash = revoked["change"]["change"]["token_hash"].as_str().unwrap();
    assert_eq!((user.refusal(&verify(&cwt)), user.refusal(&present(&cwt))), revoked_twice());
    assert_eq!(user.refusal(&["token", "revoke", text(&cwt), "--as", "//Alice"]), "TokenAlreadyRevoked");
    assert_eq!(
        user.refusal(&["token", "reclaim", "--hash", hash, "--issuer", "0", "--as", "//Bob"]),
        "TokenNotExpired"
    );
    user.json(&verify(&jwt));
    // By its id alone, when the token is not at hand.
    let id = jwt["claims"]["jti"].as_str().unwrap();
    user.json(&["token", "revoke", "--jti", id, "--issuer", "0", "--as", "//Alice"]);
    assert_eq!(user.refusal(&verify(&jwt)), "TokenRevoked");
}

fn revoked_twice() -> (String, String) {
    ("TokenRevoked".into(), "TokenRevoked".into())
}

#[test]
fn all_tokens_of_a_device_before_some_time_are_revoked_and_the_next_one_is_good() {
    let (user, _chain) = granted();
    let token = issue(&user, &["--cwt"]);
    let all = ["token", "revoke", "--device", "meter", "--all-before", "now", "--issuer", "0", "--as", "//Alice"];
    let revoked = user.json(&all);
    assert_eq!(revoked["change"]["change"]["type"], "tokens_revoked_before");
    assert_eq!((user.refusal(&verify(&token)), user.refusal(&present(&token))), revoked_twice());
    assert!(user.json(&["grant", "show", "meter", "--issuer", "0"])["tokens_before"].is_string());
    let next = issue(&user, &["--cwt"]);
    user.json(&verify(&next));
    user.json(&present(&next));
    let past = ["token", "revoke", "--device", "meter", "--all-before", "2020-01-01T00:00:00Z", "--issuer", "0"];
    assert_eq!(user.refusal(&[&past[..], &["--as", "//Alice"]].concat()), "InvalidTime");
}

#[test]
fn each_reason_is_told_off_chain_as_on_chain() {
    let (user, _chain) = granted();
    let token = issue(&user, &["--cwt"]);
    let both = |expected: &str, required: &[&str]| {
        for verb in ["verify", "present"] {
            let arguments = [&["token", verb, text(&token)], required].concat();
            assert_eq!(user.refusal(&arguments), expected, "{verb}");
        }
    };
    let alice = |arguments: &[&str]| user.json(&[arguments, &["--as", "//Alice"]].concat());
    both("WrongAudience", &["--issuer", "0", "--audience", "https://other.example"]);
    both("MissingScope", &["--issuer", "0", "--audience", AUDIENCE, "--scope", "meter:reset"]);
    let by_another = ["--issuer", "1", "--audience", AUDIENCE, "--scope", "meter:read"];
    both("UntrustedIssuer", &by_another);
    alice(&["issuer", "register", "https://other.example"]);
    alice(&["scope", "define", "meter:read", "--issuer", "1", "--description", "The same."]);
    alice(&["issuer", "trust", "1", "0", "--scope", "meter:read", "--until", "1d"]);
    user.json(&[&["token", "verify", text(&token)][..], &by_another].concat());
    alice(&["issuer", "untrust", "1", "0"]);
    both("UntrustedIssuer", &by_another);
    assert_eq!(user.refusal(&[&present(&token)[..], &["--as", "//Bob"]].concat()), "PresenterIsNotSubject");

    alice(&["issuer", "deactivate", "0"]);
    both("UnknownIssuer", &REQUIRED);
    assert_eq!(user.fails(&issue_arguments(&[])), (5, "refused".into()));
    alice(&["issuer", "reactivate", "0"]);
    alice(&["device", "suspend", "meter"]);
    both("DeviceSuspended", &REQUIRED);
    assert_eq!(user.fails(&issue_arguments(&[])), (5, "refused".into()));
    alice(&["device", "resume", "meter"]);
    both("StaleEpoch", &REQUIRED);
    let hint = user.run(&verify(&token)).stderr;
    assert!(hint.contains("next: `marque token issue"), "{hint}");
    let fresh = issue(&user, &[]);
    assert_eq!(fresh["claims"]["epoch"], 1);
    user.json(&verify(&fresh));
    alice(&["issuer", "revoke-key", "0", "key-0"]);
    both("IssuerKeyNotValid", &REQUIRED);
    assert_eq!(user.fails(&issue_arguments(&[])), (4, "not_found".into()));
    assert_eq!(user.fails(&issue_arguments(&["--key", "grid"])), (5, "refused".into()));
}

#[test]
fn nothing_is_issued_that_is_not_granted() {
    let (user, _chain) = scene();
    define(&user, "meter:read");
    define(&user, "meter:reset");
    let nothing = user.run(&issue_arguments(&[]));
    assert_eq!(nothing.code, 5);
    assert!(nothing.stdout.is_empty() && nothing.stderr.contains("marque grant add meter"), "{}", nothing.stderr);
    grant(&user, ["--scope", "meter:read"]);
    let more = user.run(&issue_arguments(&["--scope", "meter:read,meter:reset"]));
    assert_eq!((more.code, more.stdout.as_str()), (5, ""));
    assert!(more.stderr.contains("it may get: meter:read"), "{}", more.stderr);
    // No longer than the grant, which has another end now.
    let short =
        ["grant", "add", "meter", "--scope", "meter:read", "--issuer", "0", "--until", "60s", "--as", "//Alice"];
    user.json(&short);
    let claims = issue(&user, &["--for", "1h"])["claims"].clone();
    assert!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap() <= 61, "{claims}");

    user.json(&["device", "new", "stranger"]);
    let unknown = ["token", "issue", "stranger", "--issuer", "0", "--audience", AUDIENCE];
    assert_eq!(user.fails(&unknown), (4, "not_found".into()));
    assert_eq!(user.fails(&issue_arguments(&["--key", "nothing"])), (4, "not_found".into()));
    assert_eq!(user.fails(&issue_arguments(&["--key", "meter"])), (5, "refused".into()));
    assert_eq!(user.fails(&issue_arguments(&["--bind", "key-7"])), (5, "refused".into()));
    assert_eq!(
        user.fails(&["token", "issue", "meter", "--issuer", "9", "--audience", AUDIENCE]),
        (4, "not_found".into())
    );
}

#[test]
fn a_key_for_contracts_signs_what_contracts_take() {
    let (user, _chain) = granted();
    user.json(&["issuer", "new-key", "onchain", "--type", "sr25519"]);
    user.json(&["issuer", "add-key", "0", "--key", "onchain", "--as", "//Alice"]);
    assert_eq!(user.fails(&issue_arguments(&["--key", "onchain"])), (2, "usage".into()));
    // The newest that can do it.
    assert_eq!(issue(&user, &[])["kid"], "0#key-0");
    let token = issue(&user, &["--hex"]);
    assert_eq!((&token["kid"], text(&token).starts_with("0xd284")), (&json!("0#key-1"), true));
    assert_eq!(user.json(&["token", "inspect", text(&token)])["alg"], "Sr25519");
    user.json(&verify(&token));
    user.json(&present(&token));
}

#[test]
fn a_rotated_key_is_the_one_that_the_next_token_is_bound_to() {
    let (user, _chain) = granted();
    user.json(&["device", "add-key", "meter", "--as", "//Alice"]);
    let ran = user.run(&issue_arguments(&["--cwt"]));
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--bind"), "{}", ran.stderr);
    let token = issue(&user, &["--cwt", "--bind", "key-1"]);
    user.json(&present(&token));
    let by_another_key = [&present(&token)[..], &["--as", "meter"]].concat();
    assert_eq!(user.refusal(&by_another_key), "PresenterIsNotSubject");
}

#[test]
fn a_token_is_read_from_an_argument_a_file_and_a_pipe_and_never_repeated() {
    let (user, _chain) = granted();
    let issued = user.type_line(&format!("marque {} > token.jwt", issue_arguments(&[]).join(" ")));
    assert_eq!(issued.code, 0, "{}", issued.stderr);
    let token = fs::read_to_string(user.path("token.jwt")).unwrap();
    assert!(!issued.stderr.contains(token.trim()), "{}", issued.stderr);
    let inspected = user.json(&["token", "inspect", "token.jwt"]);
    assert_eq!(user.json(&["token", "inspect", token.trim()]), inspected);
    let piped = user.type_line("marque token inspect - --json < token.jwt");
    assert_eq!(piped.json(), inspected);

    let (head, signature) = token.trim().rsplit_once('.').unwrap();
    let forged = format!("{head}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    for (text, code, reason) in [
        (forged.as_str(), 5, json!("InvalidSignature")),
        (&token[..token.len() / 2], 5, json!("Malformed")),
        ("nothing.jwt", 4, Value::Null),
    ] {
        for json in [&[][..], &["--json"]] {
            let ran = user.run(&[&["token", "verify", text][..], &REQUIRED, json].concat());
            assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
            assert!(!ran.stderr.contains(text), "{}", ran.stderr);
            if !json.is_empty() {
                assert_eq!(ran.error()["reason"], reason);
            }
        }
    }
    assert_eq!(user.refusal(&["token", "revoke", &forged, "--as", "//Alice"]), "InvalidSignature");
    assert_eq!(user.fails(&["token", "inspect", &token[..token.len() / 2]]), (2, "usage".into()));
}

#[test]
fn an_entry_is_reclaimed_once_its_token_has_expired() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let clock = Arc::new(ManualClock::new(now_ms()));
    let devnet = runtime.block_on(Devnet::start(Config { clock: clock.clone(), ..Config::default() })).unwrap();
    let mut user = User::new();
    user.set_url(&devnet.url());
    let alice = |arguments: &[&str]| user.json(&[arguments, &["--as", "//Alice"]].concat());
    alice(&["deploy"]);
    alice(&["issuer", "register", "https://grid.example"]);
    alice(&["token", "revoke", "--jti", "b7f2", "--issuer", "0", "--expires", "60s"]);
    let reclaim = ["token", "reclaim", "--jti", "b7f2", "--issuer", "0", "--as", "//Bob"];
    assert_eq!(user.refusal(&reclaim), "TokenNotExpired");
    clock.advance(Duration::from_secs(120));
    // A block of that time.
    alice(&["scope", "define", "meter:read", "--issuer", "0", "--description", "Reads."]);
    let reclaimed = user.json(&reclaim);
    assert_eq!(reclaimed["change"]["change"]["type"], "token_reclaimed");
    assert_eq!(user.refusal(&reclaim), "TokenNotRevoked");
    runtime.block_on(devnet.stop()).unwrap();
}

#[test]
fn all_before_now_is_all_although_the_chain_stood_still() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let now_ms = now_ms();
    let clock = Arc::new(ManualClock::new(now_ms - 100_000));
    let devnet = runtime.block_on(Devnet::start(Config { clock: clock.clone(), ..Config::default() })).unwrap();
    let mut user = User::new();
    user.set_url(&devnet.url());
    let alice = |arguments: &[&str]| user.json(&[arguments, &["--as", "//Alice"]].concat());
    alice(&["deploy"]);
    alice(&["issuer", "register", "https://grid.example"]);
    user.json(&["device", "new", "meter"]);
    // The chain's last block is old now, by this machine's clock; the next one won't be.
    clock.set(now_ms);
    alice(&["token", "revoke", "--device", "meter", "--all-before", "now", "--issuer", "0"]);
    let events = user.run(&["events", "--issuer", "0", "--json"]).lines();
    let last = events.last().unwrap();
    assert_eq!(last["change"]["type"], "tokens_revoked_before");
    let before = did::parse_time(last["change"]["before"].as_str().unwrap()).unwrap();
    assert!(before + 1000 > now_ms, "{before} is before {now_ms}");
    runtime.block_on(devnet.stop()).unwrap();
}

#[test]
fn nothing_is_issued_by_the_time_of_a_chain_that_stood_still_for_a_day() {
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let clock = Arc::new(ManualClock::new(now_ms() - DAY_MS));
    let devnet = runtime.block_on(Devnet::start(Config { clock: clock.clone(), ..Config::default() })).unwrap();
    let mut user = User::new();
    user.set_url(&devnet.url());
    user.json(&["deploy", "--as", "//Alice"]);
    with_authorization_server(&user);
    define(&user, "meter:read");
    grant(&user, ["--scope", "meter:read"]);
    let ran = user.run(&issue_arguments(&["--json"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("any transaction"), "{}", ran.stderr);
    clock.set(now_ms());
    user.json(&["device", "bump-epoch", "meter", "--as", "//Alice"]);
    user.json(&verify(&issue(&user, &[])));
    runtime.block_on(devnet.stop()).unwrap();
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

#[test]
fn what_up_says_to_try_works_as_it_is_printed() {
    let user = User::new();
    let mut chain = user.start(&["up", "--port", "0"]);
    let printed = chain.text_until("Stop with Ctrl-C.");
    let lines: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert!(lines.iter().any(|line| line.starts_with("marque token present")), "{printed}");
    for line in lines.into_iter().filter(|line| line.starts_with("marque ") && !line.contains("--follow")) {
        let ran = user.type_line(line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.stderr);
    }
}
