//! Secrets and signing keys that are changed while tokens are asked for all the time: no request fails.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use marque_gateway::{
    Store,
    store::{Change, Document, Kind, Outcome, Step},
};
use marque_sdk::{
    token::{JwkSet, Jwt},
    verifier::{Clock, SystemClock},
};
use serde_json::{Value, json};
use tokio::{
    runtime::Runtime,
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::{
    asking::Asking,
    kept::{open_store, stop, up, up_again},
};
use crate::common::User;

const TASKS: usize = 8;
/// How often each task asks when a change is about to be made, without a pause.
const BEFORE: usize = 8;
/// How many requests more there are while a change is made, one at each tick.
const MEANWHILE_MAX: usize = 120;
const TICK: Duration = Duration::from_millis(20);
/// How often each task asks once the change is made.
const AFTER: usize = 4;
const CHANGES: usize = 4;
/// What one address may ask for in a minute, by default.
const PER_ADDRESS: usize = 1200;
const _: () = assert!(CHANGES * (TASKS * (BEFORE + AFTER) + MEANWHILE_MAX) + 2 * TASKS * AFTER < PER_ADDRESS);
/// An ordinary rotation wants the next key to have been published for ten minutes.
const PUBLISHED_MS: u64 = 11 * 60 * 1000;

/// What a task that asks has come to know.
#[derive(Default)]
struct Served {
    requests: usize,
    /// How often it fetched the published keys.
    fetches: usize,
    /// The last token by each key, by the key's name.
    tokens: BTreeMap<String, String>,
}

/// An application that asks for tokens by a secret, which may change.
struct Application {
    asking: Asking,
    id: String,
    secret: Mutex<String>,
}

impl Application {
    async fn token(&self) -> String {
        let secret = self.secret.lock().unwrap().clone();
        self.asking.by_secret(&self.id, &secret).await.unwrap().token().to_owned()
    }

    /// Asks as often as it is permitted to. Each token is verified, by keys that are fetched anew where they are not enough.
    async fn serve(self: Arc<Self>, permits: Arc<Semaphore>, answered: watch::Sender<usize>) -> Served {
        let (mut served, mut keys) = (Served::default(), JwkSet::default());
        while let Ok(permit) = permits.acquire().await {
            permit.forget();
            let token = self.token().await;
            let jwt = Jwt::read(&token).unwrap();
            if keys.key(&jwt.key_id).is_none() {
                keys = self.asking.keys().await;
                served.fetches += 1;
            }
            let key = keys.key(&jwt.key_id).unwrap_or_else(|| panic!("{} signs and is not published", jwt.key_id));
            jwt.verify(key).unwrap();
            served.tokens.insert(jwt.key_id, token);
            served.requests += 1;
            answered.send_modify(|count| *count += 1);
        }
        served
    }
}

/// Tasks that ask without a pause, as long as they have permits.
struct Load {
    permits: Vec<Arc<Semaphore>>,
    tasks: JoinSet<Served>,
    given: usize,
    answered: watch::Receiver<usize>,
}

impl Load {
    fn start(application: &Arc<Application>) -> Self {
        let (count, answered) = watch::channel(0);
        let permits: Vec<_> = (0..TASKS).map(|_| Arc::new(Semaphore::new(0))).collect();
        let serve = |permits: &Arc<Semaphore>| application.clone().serve(permits.clone(), count.clone());
        Self { tasks: permits.iter().map(serve).collect(), permits, given: 0, answered }
    }

    fn give_one(&mut self) {
        self.permits[self.given % TASKS].add_permits(1);
        self.given += 1;
    }

    /// Lets each task ask so often.
    fn give_each(&mut self, times: usize) {
        (0..times * TASKS).for_each(|_| self.give_one());
    }

    /// Waits for so many answers in all. None may fail.
    async fn answers(&mut self, count: usize) {
        tokio::select! {
            answered = self.answered.wait_for(|answered| *answered >= count) => drop(answered.unwrap()),
            failed = self.tasks.join_next() => panic!("{:?}", failed.unwrap().err()),
        }
    }

    /// Lets each task ask a few times, and waits for all answers: nothing is under way any more.
    async fn settle(&mut self) {
        self.give_each(AFTER);
        self.answers(self.given).await;
    }

    /// Runs a command in the middle of it, and gives its JSON.
    async fn during(&mut self, user: &Arc<User>, command: Vec<String>) -> Value {
        let first = self.given + TASKS;
        self.give_each(BEFORE);
        self.answers(first).await;
        let before = *self.answered.borrow();
        let user = user.clone();
        let run = move || user.json(&command.iter().map(String::as_str).collect::<Vec<_>>());
        let mut command = tokio::task::spawn_blocking(run);
        let mut ticks = tokio::time::interval(TICK);
        let mut meanwhile = 0;
        let said = loop {
            tokio::select! {
                said = &mut command => break said.unwrap(),
                _ = ticks.tick(), if meanwhile < MEANWHILE_MAX => {
                    self.give_one();
                    meanwhile += 1;
                }
            }
        };
        assert!(*self.answered.borrow() > before, "there were answers meanwhile");
        self.settle().await;
        said
    }

    async fn end(self) -> Vec<Served> {
        self.permits.iter().for_each(|permits| permits.close());
        self.tasks.join_all().await
    }
}

/// Has the next signing key published a while ago, so that it may sign.
async fn age_next_key(user: &User) {
    let store = open_store(user).await;
    let (_, documents) = store.documents().await.unwrap();
    let keys = documents.into_iter().filter(|document| document.kind == Kind::Key);
    let mut aged = Vec::new();
    for document in keys {
        let mut key: Value = serde_json::from_str(&document.body).unwrap();
        if key["status"] == "NEXT" {
            key["published_ms"] = (key["published_ms"].as_u64().unwrap() - PUBLISHED_MS).into();
            aged.push(Change::Put(Document { body: key.to_string(), ..document }));
        }
    }
    assert_eq!(aged.len(), 1);
    let now_ms = SystemClock::default().now().wall_ms;
    let step = Step { event: json!({ "eventType": "test" }).to_string(), now_ms, changes: aged, ..Step::default() };
    assert!(matches!(store.commit(step).await.unwrap(), Outcome::Done { .. }));
    store.close().await;
}

/// Changes the secret, and then the key twice; gives the secret that counts no more.
async fn rotate_all(load: &mut Load, user: &Arc<User>, application: &Application) -> String {
    let line = |words: &[&str]| [&["gateway"][..], words].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
    load.settle().await;
    let rotated = load.during(user, line(&["secret", "rotate", &application.id])).await;
    let secret = rotated["new"]["client_secret"].as_str().unwrap().to_owned();
    let old = std::mem::replace(&mut *application.secret.lock().unwrap(), secret);
    load.settle().await;
    let old_id = rotated["old"]["id"].as_str().unwrap();
    load.during(user, line(&["secret", "deactivate", &application.id, old_id])).await;
    load.during(user, line(&["key", "rotate"])).await;
    load.during(user, line(&["key", "rotate", "--compromised", "--yes"])).await;
    old
}

/// The key that signs now.
fn active_key(user: &User) -> String {
    let keys = user.json(&["gateway", "key", "list"]);
    let active = keys["keys"].as_array().unwrap().iter().find(|key| key["status"] == "ACTIVE");
    active.unwrap()["kid"].as_str().unwrap().to_owned()
}

#[test]
fn no_request_fails_while_secrets_and_keys_are_rotated() {
    let (runtime, mut user) = (Runtime::new().unwrap(), User::new());
    let (running, ready) = up(&mut user);
    stop(running);
    runtime.block_on(age_next_key(&user));
    let (running, ready) = up_again(&mut user, &ready);
    let device = user.json(&["gateway", "app", "list"])["apps"][0]["device"].as_str().unwrap().to_owned();
    let app = user.json(&["gateway", "app", "create", "Billing", "--device", &device]);
    let text = |member: &str| app[member].as_str().unwrap().to_owned();
    let application = Arc::new(Application {
        asking: Asking::new(&ready["gateway"]),
        id: text("client_id"),
        secret: Mutex::new(text("client_secret")),
    });
    let (first, user) = (active_key(&user), Arc::new(user));

    runtime.block_on(async {
        let mut load = Load::start(&application);
        let old_secret = rotate_all(&mut load, &user, &application).await;
        let given = load.given;
        let served = load.end().await;
        assert_eq!(served.iter().map(|served| served.requests).sum::<usize>(), given, "each was answered with a token");

        let last = active_key(&user);
        let published = application.asking.keys().await;
        for served in &served {
            // The second key was published before it signed. The third was not known when the keys were fetched at first.
            assert_eq!((served.fetches, served.tokens.len()), (2, 3), "{:?}", served.tokens.keys());
            for (key_id, token) in &served.tokens {
                let verified = published.key(key_id).map(|key| Jwt::read(token).unwrap().verify(key).map(drop));
                let is_good = *key_id == first || *key_id == last;
                assert_eq!(verified, is_good.then_some(Ok(())), "{key_id}");
            }
        }
        let next = Jwt::read(&application.token().await).unwrap();
        assert_eq!(next.key_id, last);
        next.verify(published.key(&last).unwrap()).unwrap();
        let refused = application.asking.by_secret(&application.id, &old_secret).await.unwrap();
        assert_eq!((refused.status, &refused.body["error"]), (401, &json!("invalid_client")));
    });
    stop(running);
}
