//! What is said of a gateway that is ready.

use marque_gateway::{Gateway, Service};
use serde_json::json;

use super::Args;
use crate::{context::Context, failure::Outcome, output};

/// Says that the gateway is ready, and where.
///
/// # Errors
/// When the output can't be written.
pub fn ready(context: &Context, gateway: &Gateway, service: &Service, args: &Args) -> Outcome {
    let scheme = if args.tls.is_on() { "https" } else { "http" };
    let url = format!("{scheme}://{}", service.address());
    let metrics = service.metrics_address().map(|address| format!("http://{address}/metrics"));
    let servers = gateway.servers();
    let first_token = args.first_token.as_ref().filter(|path| path.exists());
    let has_operators = !gateway.operators().is_empty();
    let result = json!({
        "ready": true,
        "url": url,
        "metrics": metrics,
        "servers": servers,
        "first_token": first_token,
    });
    context.output.result(&result, || {
        let mut fields = vec![("gateway", output::styled(output::BOLD, &url))];
        fields.extend(metrics.map(|metrics| ("metrics", metrics)));
        fields.extend(servers.iter().map(|server| ("issuer", format!("{} ({})", server.url, server.issuer))));
        fields.extend(first_token.map(|path| ("first token", path.display().to_string())));
        let mut text = output::fields(&fields);
        if servers.is_empty() {
            text += &careful("no authorization server is set up: give one with --server NAME=ISSUER");
        }
        if !has_operators {
            text += &careful("nobody can operate it: --first-token FILE makes a first operator's token");
        }
        format!("{text}\nStop with Ctrl-C.")
    })
}

fn careful(text: &str) -> String {
    format!("\n{}", output::styled(output::CAREFUL, text))
}
