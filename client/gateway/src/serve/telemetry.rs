//! Logs to standard error, and traces to a collector of OpenTelemetry.

use std::{io, time::Duration};

use axum::http::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Span, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{ParseError, Targets},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

/// The header of W3C Trace Context, section 3.2.
const TRACE_PARENT: &str = "traceparent";

/// Where collectors take traces (OTLP/HTTP, section "OTLP/HTTP Request").
const TRACES_PATH: &str = "/v1/traces";

/// How long a collector may take for a batch.
const EXPORT_TIME_MAX: Duration = Duration::from_secs(5);

/// How long the last batch may take.
const FLUSH_TIME_MAX: Duration = Duration::from_secs(5);

/// What is logged and where.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// What is logged, as directives of tracing: `info`, or `marque_gateway=debug,warn`.
    pub filter: String,
    /// One object of JSON per line, instead of text.
    pub json: bool,
    /// The URL of a collector of OpenTelemetry over HTTP, without `/v1/traces`.
    pub otlp_endpoint: Option<String>,
    /// What this process is called there.
    pub service_name: String,
}

/// Why there are no logs or traces.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter can't be read.
    #[error("the filter of the log can't be read: {0}; write it as `info`, or as `marque_gateway=debug,warn`")]
    Filter(#[from] ParseError),
    /// There can be no such exporter.
    #[error("traces can't be sent: {0}; give the URL of a collector of OpenTelemetry over HTTP")]
    Exporter(#[from] ExporterBuildError),
    /// Logs are there already.
    #[error("the log is set up already: start it once in a process")]
    Started(#[from] TryInitError),
}

/// Logs and traces of this process.
#[derive(Debug)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Logs and sends traces from now on: once in a process. Traces are sent in batches by a thread of their own, and dropped where the
    /// collector does not keep up: requests never wait for it.
    ///
    /// # Errors
    /// [`TelemetryError`], in the order of its variants.
    pub fn start(config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        Self::start_with(config, io::stderr)
    }

    /// The same, with another writer of lines than standard error: each line comes in one piece.
    ///
    /// # Errors
    /// Those of [`Telemetry::start`].
    pub fn start_with<W>(config: &TelemetryConfig, writer: W) -> Result<Self, TelemetryError>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let filter = EnvFilter::builder().parse(&config.filter)?;
        let provider = config.otlp_endpoint.as_deref().map(|endpoint| provider(endpoint, &config.service_name));
        let provider = provider.transpose()?;
        let traces = provider.as_ref().map(|provider| {
            // Whoever reads traces is not told where in the code they are from, and what sends them is not traced itself.
            let traces = tracing_opentelemetry::layer().with_location(false).with_threads(false);
            let ours =
                Targets::new().with_targets(["marque_gateway", "marque_sdk"].map(|ours| (ours, LevelFilter::INFO)));
            traces.with_tracer(provider.tracer("marque-gateway")).with_filter(ours)
        });
        Registry::default().with(traces).with(lines(config.json, writer).with_filter(filter)).try_init()?;
        Ok(Self { provider })
    }

    /// Sends what has not been sent, for at most 5 seconds. What is logged afterwards still goes to standard error.
    pub async fn shutdown(self) {
        let Some(provider) = self.provider else { return };
        // It waits for the sending thread, which this thread must not.
        let flushed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH_TIME_MAX)).await;
        match flushed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last traces were not sent"),
            Err(error) => tracing::warn!(%error, "the last traces were not sent"),
        }
    }
}

fn lines<S, W>(json: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a> + Send + Sync,
{
    let lines = fmt::layer().with_ansi(false).with_writer(writer);
    if json { lines.json().boxed() } else { lines.boxed() }
}

fn provider(endpoint: &str, service_name: &str) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}{TRACES_PATH}", endpoint.trim_end_matches('/')))
        .with_timeout(EXPORT_TIME_MAX)
        .build()?;
    let resource = Resource::builder().with_service_name(service_name.to_owned()).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Makes the span part of the trace that the client says it is in, if there is a collector.
pub(super) fn continue_trace(span: &Span, headers: &HeaderMap) {
    if !headers.contains_key(TRACE_PARENT) {
        return;
    }
    let context = TraceContextPropagator::new().extract(&Headers(headers));
    if let Err(reason) = span.set_parent(context) {
        tracing::trace!(%reason, "the trace of a client is not continued");
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}
