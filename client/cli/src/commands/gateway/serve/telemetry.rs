//! What a gateway logs, and where its traces go.

use std::io;

use marque_gateway::serve::{Telemetry, TelemetryConfig};
use url::Url;

use crate::{
    failure::{Failure, Outcome},
    log::{self, WithoutCredentials},
};

/// What this process is called among others.
const NAME: &str = "marque-gateway";

/// Logs from now on, and sends traces if there is a collector.
///
/// # Errors
/// When `RUST_LOG` can't be read, or there can be no exporter.
pub fn start(json: bool, otlp: Option<String>) -> Outcome<Telemetry> {
    let filter = log::directives();
    let config = TelemetryConfig { filter, json, otlp_endpoint: otlp, service_name: NAME.into() };
    Telemetry::start_with(&config, || WithoutCredentials(io::stderr()))
        .map_err(|error| Failure::usage(error.to_string()).hint("see RUST_LOG and --otlp"))
}

/// Reads a collector's URL.
///
/// # Errors
/// A message for the user.
pub fn parse_url(text: &str) -> Result<String, String> {
    let is_url = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if is_url {
        Ok(text.to_owned())
    } else {
        Err("expected an http or https URL without a user, such as http://127.0.0.1:4318".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_has_a_url() {
        assert!(parse_url("http://127.0.0.1:4318").is_ok() && parse_url("https://collector.example/x").is_ok());
        for text in ["", "127.0.0.1:4318", "grpc://x", "http://user:pass@x", "http://"] {
            assert!(parse_url(text).is_err(), "{text}");
        }
    }
}
