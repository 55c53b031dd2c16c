//! What is logged of a request.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::Request, routing::post};
use marque_gateway::{SystemRandom, serve::with_layers};
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The lines of the log after one request, as JSON.
async fn log_of(router: Router, request: Request) -> Vec<serde_json::Value> {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let router = with_layers(router, Arc::default(), Arc::new(SystemRandom), false);
    router.oneshot(request).await.unwrap();
    drop(guard);
    let bytes = log.0.lock().unwrap();
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn request(path: &str) -> Request {
    Request::post(format!("{path}?code=hidden"))
        .header("authorization", "Basic hidden")
        .header("x-request-id", "the-id")
        .body(Body::from("client_secret=hidden"))
        .unwrap()
}

#[tokio::test]
async fn a_request_is_logged_with_its_route_and_nothing_that_was_sent() {
    let router = Router::new().route("/token/{server}", post(async |body: String| body));
    let lines = log_of(router, request("/token/hidden")).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let span = &lines[0]["span"];
    assert_eq!(span["name"], "request");
    assert_eq!((&span["method"], &span["path"]), (&"POST".into(), &"/token/{server}".into()));
    assert_eq!((&span["request_id"], &span["status"]), (&"the-id".into(), &200.into()));
    assert!(span["elapsed_ms"].as_f64().unwrap() >= 0.0);
    assert!(!lines[0].to_string().contains("hidden"), "{lines:?}");
}

#[tokio::test]
async fn a_panic_is_logged_under_the_id_of_its_request() {
    async fn fails() -> &'static str {
        panic!("told to the operator alone")
    }
    let lines = log_of(Router::new().route("/fails", post(fails)), request("/fails")).await;
    let panic = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!(panic["fields"]["panic"], "told to the operator alone");
    assert_eq!(panic["span"]["request_id"], "the-id");
}
