//! Traces, as a collector gets them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use marque_gateway::serve::{Telemetry, TelemetryConfig, TelemetryError};
use tokio::{sync::mpsc, time::timeout};

use crate::scene::{PATIENCE, client, config, get_plain, hello, serve};

/// A collector, which may be out of order, and passes on what it is sent.
#[derive(Clone)]
struct Collector {
    is_broken: Arc<AtomicBool>,
    batches: mpsc::UnboundedSender<Bytes>,
}

async fn collect(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> StatusCode {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let is_broken = collector.is_broken.load(Ordering::SeqCst);
    collector.batches.send(body).unwrap();
    if is_broken { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
}

fn contains(body: &[u8], what: &[u8]) -> bool {
    body.windows(what.len()).any(|window| window == what)
}

fn telemetry_config(filter: &str, otlp_endpoint: Option<String>) -> TelemetryConfig {
    TelemetryConfig {
        filter: filter.to_owned(),
        json: true,
        otlp_endpoint,
        service_name: "gateway-under-test".to_owned(),
    }
}

// The log of a process is set up once: so all of it is in one test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_reach_the_collector_under_the_clients_trace_and_without_what_was_sent() {
    let filter = Telemetry::start(&telemetry_config("=;=", None));
    assert!(matches!(filter, Err(TelemetryError::Filter(_))));
    let endpoint = Telemetry::start(&telemetry_config("off", Some("not a url".to_owned())));
    assert!(matches!(endpoint, Err(TelemetryError::Exporter(_))));

    let (sender, mut batches) = mpsc::unbounded_channel();
    let is_broken = Arc::new(AtomicBool::new(true));
    let state = Collector { is_broken: is_broken.clone(), batches: sender };
    let collector = serve(Router::new().route("/v1/traces", post(collect)).with_state(state), config()).await;
    let telemetry = Telemetry::start(&telemetry_config("off", Some(format!("{}/", collector.url())))).unwrap();
    let again = Telemetry::start(&telemetry_config("off", None));
    assert!(matches!(again, Err(TelemetryError::Started(_))));

    // A collector that is out of order harms no request.
    let serving = serve(hello(), config()).await;
    assert_eq!(get_plain(&serving, "/hello").await.status(), 200);
    timeout(PATIENCE, batches.recv()).await.unwrap().unwrap();
    assert_eq!(get_plain(&serving, "/hello").await.status(), 200);
    is_broken.store(false, Ordering::SeqCst);

    let trace: Vec<u8> = (1..=16).collect();
    let parent = format!("00-{}-0102030405060708-01", data_encoding::HEXLOWER.encode(&trace));
    let request = client(None, None).get(format!("{}/hello?token=hidden-query", serving.url()));
    let request = request.header("traceparent", parent).header("x-request-id", "the-id-of-the-request");
    assert_eq!(request.header("authorization", "Bearer hidden-token").send().await.unwrap().status(), 200);
    telemetry.shutdown().await;

    let mut sent = Vec::new();
    while let Ok(batch) = batches.try_recv() {
        sent.extend_from_slice(&batch);
    }
    for expected in [&trace[..], b"gateway-under-test", b"the-id-of-the-request", b"/hello", b"GET", b"elapsed_ms"] {
        assert!(contains(&sent, expected), "{}", String::from_utf8_lossy(expected));
    }
    for hidden in ["hidden-query", "hidden-token", "request_id.rs"] {
        assert!(!contains(&sent, hidden.as_bytes()), "{hidden}");
    }
}
