//! Metrics, in the text format of OpenMetrics 1.0. Labels are names that this program or its operator has, never what was sent: so their
//! number is bounded.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Instant,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use super::{endpoint::Endpoint, places::Bound};

/// What all names begin with.
const PREFIX: &str = "marque_gateway";

/// The media type of OpenMetrics 1.0 as text.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct AnswerLabels {
    endpoint: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct EndpointLabels {
    endpoint: String,
    method: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct GrantLabels {
    server: String,
    grant_type: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RefusalLabels {
    code: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct BoundLabels {
    bound: &'static str,
}

/// What is counted and measured.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<AnswerLabels, Counter>,
    request_time: Family<EndpointLabels, Histogram, fn() -> Histogram>,
    tokens_granted: Family<GrantLabels, Counter>,
    refusals: Family<RefusalLabels, Counter>,
    connections: Gauge,
    connections_refused: Family<BoundLabels, Counter>,
    commit_time: Histogram,
    chain_age: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix(PREFIX),
            requests: Family::default(),
            request_time: Family::new_with_constructor(times),
            tokens_granted: Family::default(),
            refusals: Family::default(),
            connections: Gauge::default(),
            connections_refused: Family::default(),
            commit_time: times(),
            chain_age: Gauge::default(),
        };
        metrics.register_requests();
        metrics.register_state();
        metrics
    }

    fn register_requests(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests that were answered", self.requests.clone());
        registry.register_with_unit(
            "request_time",
            "From a request's head to its answer",
            Unit::Seconds,
            self.request_time.clone(),
        );
        registry.register("tokens_granted", "Tokens that were given out", self.tokens_granted.clone());
        registry.register("refusals", "Requests that were refused, by the code of the error", self.refusals.clone());
        registry.register("connections", "Connections that are open now", self.connections.clone());
        registry.register(
            "connections_refused",
            "Connections that were closed because there were too many, in all or of one address",
            self.connections_refused.clone(),
        );
    }

    fn register_state(&mut self) {
        let registry = &mut self.registry;
        registry.register_with_unit(
            "commit_time",
            "How long the store took to write down what was decided",
            Unit::Seconds,
            self.commit_time.clone(),
        );
        registry.register_with_unit(
            "chain_age",
            "The age of the newest block that is known",
            Unit::Seconds,
            self.chain_age.clone(),
        );
    }

    /// A token was given out by the authorization server of this name, for this grant type. Both must be names that are configured or
    /// supported, not what a client sent.
    pub fn token_granted(&self, server: &str, grant_type: &str) {
        let labels = GrantLabels { server: server.to_owned(), grant_type: grant_type.to_owned() };
        self.tokens_granted.get_or_create(&labels).inc();
    }

    /// A request was refused, with this code of RFC 6749, section 5.2, or of an extension.
    pub fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { code }).inc();
    }

    /// The store has written down what was decided, in so many seconds.
    pub fn commit(&self, seconds: f64) {
        self.commit_time.observe(seconds);
    }

    /// The newest block that is known is so many seconds old.
    pub fn chain_age(&self, seconds: f64) {
        self.chain_age.set(seconds);
    }

    pub(super) fn connection_opened(&self) {
        self.connections.inc();
    }

    pub(super) fn connection_closed(&self) {
        self.connections.dec();
    }

    pub(super) fn connection_refused(&self, bound: Bound) {
        self.connections_refused.get_or_create(&BoundLabels { bound: bound.name() }).inc();
    }

    fn answered(&self, Endpoint { path, method }: Endpoint, status: StatusCode, seconds: f64) {
        let labels = EndpointLabels { endpoint: path.clone(), method };
        self.request_time.get_or_create(&labels).observe(seconds);
        self.requests.get_or_create(&AnswerLabels { endpoint: path, method, status: status.as_u16() }).inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// From half a millisecond to 16 seconds.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

/// Counts each request, and measures how long it takes to answer.
pub(super) async fn count(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let (start, endpoint) = (Instant::now(), Endpoint::of(&request));
    let response = next.run(request).await;
    metrics.answered(endpoint, response.status(), start.elapsed().as_secs_f64());
    response
}

/// `GET /metrics`, for a listener in the operators' own network: it tells nothing of devices, but how much there is to do.
pub fn metrics_router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(text)).with_state(metrics)
}

async fn text(State(metrics): State<Arc<Metrics>>) -> Response {
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => (headers, text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
