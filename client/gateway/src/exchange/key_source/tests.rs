use std::{
    future::pending,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::{StatusCode as Answered, header::LOCATION},
    response::{IntoResponse, Response},
    routing::get,
};
use marque_sdk::{
    Account, Seed, Signer,
    token::{Jwk, PublishedKey, VerificationKey},
};
use tokio::{net::TcpListener, sync::Semaphore};

use super::*;

#[derive(Debug, Default)]
struct TestClock(AtomicU64);

impl TestClock {
    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let uptime_ms = self.0.load(Ordering::SeqCst);
        Moment { wall_ms: 1_800_000_000_000 + uptime_ms, uptime_ms }
    }
}

/// What the issuer answers.
#[derive(Clone)]
enum Answer {
    Keys(Vec<&'static str>),
    Text(Vec<u8>),
    Status(u16),
    Redirect,
    Nothing,
    /// The keys, once somebody lets it go on.
    Held(Arc<Semaphore>),
}

/// An issuer on the loopback host, and how often it was asked.
struct Issuer {
    answer: Mutex<Answer>,
    asked: AtomicUsize,
    /// Has as many permits as requests are held.
    held: Semaphore,
}

impl Issuer {
    async fn answer(self: Arc<Self>) -> Response {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = lock(&self.answer).clone();
        match answer {
            Answer::Keys(names) => keys(&names).to_json().to_string().into_response(),
            Answer::Text(text) => text.into_response(),
            Answer::Status(status) => Answered::from_u16(status).unwrap().into_response(),
            Answer::Redirect => (Answered::FOUND, [(LOCATION, "/elsewhere")]).into_response(),
            Answer::Nothing => pending().await,
            Answer::Held(gate) => {
                self.held.add_permits(1);
                gate.acquire().await.unwrap().forget();
                keys(&["a"]).to_json().to_string().into_response()
            }
        }
    }
}

fn keys(names: &[&str]) -> JwkSet {
    let key = Jwk::from_public_key(&Account::ed25519(&Seed::from_bytes(&[1; 32].into())).public_key()).unwrap();
    let key = VerificationKey::new(key).unwrap();
    let published = |name: &&str| PublishedKey { key_id: (*name).to_owned(), key: key.clone() };
    JwkSet { keys: names.iter().map(published).collect() }
}

struct Scene {
    issuer: Arc<Issuer>,
    uri: String,
    clock: Arc<TestClock>,
    source: Arc<HttpKeySource>,
}

impl Scene {
    async fn new(answer: Answer) -> Self {
        Self::with_timeout(answer, Duration::from_secs(60)).await
    }

    async fn with_timeout(answer: Answer, timeout: Duration) -> Self {
        let issuer =
            Arc::new(Issuer { answer: Mutex::new(answer), asked: AtomicUsize::new(0), held: Semaphore::new(0) });
        let asked = issuer.clone();
        let elsewhere = keys(&["a"]).to_json().to_string();
        let router = Router::new()
            .route("/keys", get(move || asked.clone().answer()))
            .route("/elsewhere", get(move || async { elsewhere }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let clock = Arc::new(TestClock::default());
        let config = KeySourceConfig { is_development: true, timeout };
        let source = Arc::new(HttpKeySource::new(&config, clock.clone()).unwrap());
        Self { issuer, uri, clock, source }
    }

    fn answers(&self, answer: Answer) {
        *lock(&self.issuer.answer) = answer;
    }

    async fn get(&self, key_id: &str) -> Result<JwkSet, KeySourceError> {
        self.source.keys(&self.uri, key_id).await.map(|keys| (*keys).clone())
    }

    fn asked(&self) -> usize {
        self.issuer.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn keys_are_fetched_once_in_five_minutes() {
    let scene = Scene::new(Answer::Keys(vec!["a"])).await;
    assert_eq!(scene.get("a").await, Ok(keys(&["a"])));
    scene.answers(Answer::Keys(vec!["a", "b"]));
    scene.clock.pass(299);
    assert_eq!(scene.get("a").await, Ok(keys(&["a"])));
    assert_eq!(scene.asked(), 1);
    scene.clock.pass(1);
    assert_eq!(scene.get("a").await, Ok(keys(&["a", "b"])));
    assert_eq!(scene.asked(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_within_a_minute_and_an_unknown_one_costs_no_more() {
    let scene = Scene::new(Answer::Keys(vec!["a"])).await;
    assert_eq!(scene.get("b").await, Ok(keys(&["a"])));
    scene.answers(Answer::Keys(vec!["b"]));
    scene.clock.pass(59);
    assert_eq!(scene.get("b").await, Ok(keys(&["a"])));
    scene.clock.pass(1);
    assert_eq!(scene.get("b").await, Ok(keys(&["b"])));
    for _ in 0..10 {
        assert_eq!(scene.get("c").await, Ok(keys(&["b"])));
    }
    assert_eq!(scene.asked(), 2);
}

#[tokio::test]
async fn a_source_that_fails_is_outlived_for_an_hour() {
    let scene = Scene::new(Answer::Keys(vec!["a"])).await;
    assert!(scene.get("a").await.is_ok());
    scene.answers(Answer::Status(503));
    scene.clock.pass(3599);
    assert_eq!(scene.get("a").await, Ok(keys(&["a"])));
    assert_eq!(scene.get("a").await, Ok(keys(&["a"])));
    assert_eq!(scene.asked(), 2, "it is left alone for a while");
    scene.clock.pass(1);
    assert_eq!(scene.get("a").await, Err(KeySourceError::Status(503)));
    assert_eq!(scene.asked(), 2);
    scene.answers(Answer::Keys(vec!["b"]));
    scene.clock.pass(10);
    assert_eq!(scene.get("a").await, Ok(keys(&["b"])), "it is back");
}

#[tokio::test]
async fn many_at_once_are_one_fetch() {
    let gate = Arc::new(Semaphore::new(0));
    let scene = Scene::new(Answer::Held(gate.clone())).await;
    let ask = |_| {
        let (source, uri) = (scene.source.clone(), scene.uri.clone());
        tokio::spawn(async move { source.keys(&uri, "a").await.map(|keys| (*keys).clone()) })
    };
    let all: Vec<_> = (0..20).map(ask).collect();
    gate.add_permits(1);
    for one in all {
        assert_eq!(one.await.unwrap(), Ok(keys(&["a"])));
    }
    assert_eq!(scene.asked(), 1);
}

#[tokio::test]
async fn a_fetch_goes_on_when_who_asked_is_gone() {
    let gate = Arc::new(Semaphore::new(0));
    let scene = Scene::new(Answer::Held(gate.clone())).await;
    let mut asking = scene.source.keys(&scene.uri, "a");
    tokio::select! {
        _ = &mut asking => panic!("the answer is held"),
        held = scene.issuer.held.acquire() => held.unwrap().forget(),
    }
    drop(asking);
    gate.add_permits(1);
    assert_eq!(scene.get("a").await, Ok(keys(&["a"])));
    assert_eq!(scene.asked(), 1);
}

#[tokio::test]
async fn answers_that_are_no_keys() {
    let mut private = keys(&["a"]).to_json();
    private["keys"][0]["d"] = "AA".into();
    let long = |bytes: usize| {
        let mut text = keys(&["a"]).to_json().to_string().into_bytes();
        text.resize(bytes, b' ');
        Answer::Text(text)
    };
    for (answer, refusal) in [
        (Answer::Status(404), KeySourceError::Status(404)),
        (Answer::Status(204), KeySourceError::Status(204)),
        (Answer::Redirect, KeySourceError::Status(302)),
        (long(ANSWER_BYTES_MAX + 1), KeySourceError::TooLong),
        (Answer::Text(private.to_string().into_bytes()), KeySourceError::NotKeys),
        (Answer::Text(b"<html>".to_vec()), KeySourceError::NotKeys),
        (Answer::Text(vec![0xff]), KeySourceError::NotKeys),
        (Answer::Text(vec![]), KeySourceError::NotKeys),
    ] {
        assert_eq!(Scene::new(answer).await.get("a").await, Err(refusal));
    }
    assert!(Scene::new(long(ANSWER_BYTES_MAX)).await.get("a").await.is_ok());
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_not_waited_for() {
    let scene = Scene::with_timeout(Answer::Nothing, Duration::from_millis(50)).await;
    assert_eq!(scene.get("a").await, Err(KeySourceError::Unreachable));
}

#[tokio::test]
async fn what_may_not_be_asked_is_not_asked() {
    let scene = Scene::new(Answer::Keys(vec!["a"])).await;
    let strict = HttpKeySource::new(&KeySourceConfig::default(), scene.clock.clone()).unwrap();
    assert_eq!(strict.keys(&scene.uri, "a").await, Err(KeySourceError::NotAllowed));
    for uri in ["http://idp.example/keys", "file:///etc/passwd", "keys", &scene.uri.replace("http:", "gopher:")] {
        assert_eq!(scene.source.keys(uri, "a").await, Err(KeySourceError::NotAllowed), "{uri}");
    }
    assert_eq!(scene.asked(), 0);
}

#[tokio::test]
async fn sources_are_forgotten_once_their_keys_count_no_more() {
    let scene = Scene::new(Answer::Keys(vec!["a"])).await;
    let ask = |number: usize| {
        let (source, uri) = (scene.source.clone(), format!("{}?{number}", scene.uri));
        async move { source.keys(&uri, "a").await.map(|_| ()) }
    };
    for number in 0..SOURCES_MAX {
        assert_eq!(ask(number).await, Ok(()));
    }
    assert_eq!(ask(SOURCES_MAX).await, Err(KeySourceError::TooManySources));
    scene.clock.pass(3600);
    assert_eq!(ask(SOURCES_MAX).await, Ok(()));
    assert_eq!(lock(&scene.source.sources).len(), 1);
}

#[tokio::test]
async fn keys_of_a_federation_need_no_source() {
    let scene = Scene::new(Answer::Nothing).await;
    let inline = IssuerKeys::Jwks(keys(&["a"]).to_json());
    assert_eq!(inline.fetch(Some(&*scene.source), "a").await.as_deref(), Ok(&keys(&["a"])));
    let broken = IssuerKeys::Jwks(serde_json::json!({}));
    assert_eq!(broken.fetch(Some(&*scene.source), "a").await, Err(KeySourceError::NotKeys));
    assert_eq!(scene.asked(), 0);
    scene.answers(Answer::Keys(vec!["b"]));
    let published = IssuerKeys::JwksUri(scene.uri.clone());
    assert_eq!(published.fetch(Some(&*scene.source), "b").await.as_deref(), Ok(&keys(&["b"])));
}
