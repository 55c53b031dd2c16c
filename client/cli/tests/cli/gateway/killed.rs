//! A gateway that is killed while it gives out tokens: what it gave out it had written down, and what was used stays used.

use std::{
    collections::BTreeSet,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::future::join_all;
use marque_gateway::Store;
use marque_sdk::{
    Account, Seed, Signer,
    token::{Jwk, Jwt},
};
use serde_json::{Value, json};
use tokio::{runtime::Runtime, sync::mpsc, task::JoinHandle};

use super::{
    asking::Asking,
    kept::{open_store, stop, up, up_again},
};
use crate::common::User;

/// Half of them have a secret, and half of them sign.
const TASKS: usize = 16;
/// After so many answers it is killed.
const ANSWERS: usize = 300;
const GRANTED: &str = "app.oauth2.as.token.grant.access_token";
/// What the keys of the application that signs are called.
const KEY_IDS: [&str; 2] = ["first", "second"];

/// What an application proves who it is with.
#[derive(Clone)]
enum Proof {
    Secret(String),
    Key { key_id: &'static str, key: Account },
}

#[derive(Clone)]
struct Application {
    id: String,
    proof: Proof,
}

/// What became of one task's requests.
#[derive(Default)]
struct Requests {
    tokens: Vec<String>,
    /// The assertions that these tokens were given for.
    used: Vec<String>,
    /// The assertion that no answer came to.
    unanswered: Option<String>,
}

/// Asks without a pause, until the gateway is killed. Before that no request may fail.
async fn ask_until_killed(
    asking: Arc<Asking>,
    task: usize,
    application: Application,
    answers: mpsc::UnboundedSender<()>,
    is_killed: Arc<AtomicBool>,
) -> Requests {
    let mut requests = Requests::default();
    loop {
        let (assertion, answer) = match &application.proof {
            Proof::Secret(secret) => (None, asking.by_secret(&application.id, secret).await),
            Proof::Key { key_id, key } => {
                let token_id = format!("{task}-{}", requests.used.len());
                let assertion = asking.sign(&application.id, (key_id, key), &token_id);
                let answer = asking.by_assertion(&assertion).await;
                (Some(assertion), answer)
            }
        };
        match answer {
            Ok(answer) => {
                requests.tokens.push(answer.token().to_owned());
                requests.used.extend(assertion);
                // Nobody counts them any more once it is killed.
                let _ = answers.send(());
            }
            Err(error) => {
                assert!(is_killed.load(Ordering::SeqCst), "{error:?}");
                requests.unanswered = assertion;
                return requests;
            }
        }
    }
}

/// One application that has a secret, and one that signs with either of two keys: `[by secret, by the first key, by the second key]`.
fn applications(user: &User) -> [Application; 3] {
    let device = user.json(&["gateway", "app", "list"])["apps"][0]["device"].as_str().unwrap().to_owned();
    let create = ["gateway", "app", "create"];
    let by_secret = user.json(&[&create[..], &["Billing", "--device", &device]].concat());
    let keys = [3, 4].map(|number| Account::ed25519(&Seed::from_bytes(&[number; 32].into())));
    let registered = keys.iter().zip(KEY_IDS).map(|(key, key_id)| {
        let mut jwk = Jwk::from_public_key(&key.public_key()).unwrap().to_json();
        jwk["kid"] = key_id.into();
        jwk
    });
    let jwks = json!({ "keys": registered.collect::<Vec<_>>() });
    let more = json!({ "authentication": "private_key_jwt", "jwks": jwks });
    fs::write(user.path("keys.json"), more.to_string()).unwrap();
    let signing = user.json(&[&create[..], &["Metering", "--device", &device, "--with", "keys.json"]].concat());
    let text = |app: &Value, member: &str| app[member].as_str().unwrap().to_owned();
    let secret = Proof::Secret(text(&by_secret, "client_secret"));
    let [first, second] = keys;
    let by_key = |place: usize, key| Application {
        id: text(&signing, "client_id"),
        proof: Proof::Key { key_id: KEY_IDS[place], key },
    };
    [Application { id: text(&by_secret, "client_id"), proof: secret }, by_key(0, first), by_key(1, second)]
}

/// All that is set up, but for the application and the operator of `marque up`, which get something new each time.
fn settings(user: &User, applications: &[Application; 3]) -> Vec<Value> {
    let show = |id: &str| user.json(&["gateway", "app", "show", id]);
    let apps = [&applications[0], &applications[1]].map(|application| show(&application.id));
    let lists =
        ["server", "policy", "zone", "device", "federation", "key"].map(|of| user.json(&["gateway", of, "list"]));
    apps.into_iter().chain(lists).collect()
}

/// The tokens that the log says were given, and to whom: `(token, client)`.
fn granted(user: &User) -> Vec<(String, String)> {
    let filter = format!("eventType eq \"{GRANTED}\" and outcome.result eq \"SUCCESS\"");
    let ran = user.run(&["gateway", "log", "query", "--filter", &filter, "--limit", "10000", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ran.lines().iter().map(|event| (text(&event["target"][0]["id"]), text(&event["actor"]["id"]))).collect()
}

/// Whether an assertion was used before; if it was not, it is now.
async fn was_used(asking: &Asking, assertion: &str) -> bool {
    let answer = asking.by_assertion(assertion).await.unwrap();
    if answer.status == 200 {
        return false;
    }
    assert_eq!((answer.status, &answer.body["error"]), (401, &json!("invalid_client")));
    let description = answer.body["error_description"].as_str().unwrap();
    assert!(description.contains("used before"), "{description}");
    true
}

/// Each token was written down, and nothing else was but what was on its way when the gateway was killed.
async fn compare(asking: &Asking, granted: &[(String, String)], requests: &[Requests], signing: &str) {
    let keys = asking.keys().await;
    let written: BTreeSet<&str> = granted.iter().map(|(token, _)| token.as_str()).collect();
    assert_eq!(written.len(), granted.len(), "each once");
    for token in requests.iter().flat_map(|requests| &requests.tokens) {
        let jwt = Jwt::read(token).unwrap();
        let claims = jwt.verify(keys.key(&jwt.key_id).unwrap()).unwrap();
        assert!(written.contains(claims.token_id.as_str()), "a token was given out that is not in the log");
    }
    let mut used = 0;
    for assertion in requests.iter().flat_map(|requests| &requests.used) {
        assert!(was_used(asking, assertion).await, "it could be used again");
        used += 1;
    }
    for assertion in requests.iter().filter_map(|requests| requests.unanswered.as_ref()) {
        used += usize::from(was_used(asking, assertion).await);
    }
    let written = granted.iter().filter(|(_, client)| client == signing).count();
    assert_eq!(written, used, "an assertion is used up exactly if its token is in the log");
}

#[test]
fn whatever_was_given_out_before_a_kill_is_known_after_it() {
    let (runtime, mut user) = (Runtime::new().unwrap(), User::new());
    let (mut running, ready) = up(&mut user);
    user.json(&["gateway", "zone", "put", "office", "--cidr", "10.0.0.0/8"]);
    let applications = applications(&user);
    let before = settings(&user, &applications);

    let asking = Arc::new(Asking::new(&ready["gateway"]));
    let is_killed = Arc::new(AtomicBool::new(false));
    let (answers, mut answered) = mpsc::unbounded_channel();
    let ask = |task: usize| {
        let application = applications[if task.is_multiple_of(2) { 0 } else { 1 + task / 2 % 2 }].clone();
        runtime.spawn(ask_until_killed(asking.clone(), task, application, answers.clone(), is_killed.clone()))
    };
    let tasks: Vec<JoinHandle<Requests>> = (0..TASKS).map(ask).collect();
    drop(answers);
    for _ in 0..ANSWERS {
        answered.blocking_recv().expect("the tasks go on");
    }
    is_killed.store(true, Ordering::SeqCst);
    running.signal("KILL");
    assert_eq!(running.end().code, -1, "it had no time to end by itself");
    let requests: Vec<_> = runtime.block_on(join_all(tasks)).into_iter().map(Result::unwrap).collect();
    assert!(requests.iter().all(|requests| !requests.tokens.is_empty()), "each of them got some");
    assert!(requests.iter().map(|requests| requests.tokens.len()).sum::<usize>() >= ANSWERS);

    let (running, ready) = up_again(&mut user, &ready);
    assert_eq!(settings(&user, &applications), before);
    let granted = granted(&user);
    let asking = Asking::new(&ready["gateway"]);
    let [by_secret, by_key, _] = &applications;
    runtime.block_on(compare(&asking, &granted, &requests, &by_key.id));
    let Proof::Secret(secret) = &by_secret.proof else { unreachable!("it has a secret") };
    runtime.block_on(asking.by_secret(&by_secret.id, secret)).unwrap().token();

    stop(running);
    let last = runtime.block_on(async { open_store(&user).await.check_log().await });
    assert!(last.unwrap() > granted.len() as u64, "the log goes on, each entry bound to the one before");
}
