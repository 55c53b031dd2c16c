//! HTTP: one file per endpoint. The handlers read a request, call the gateway once, and write the answer.

mod answer;
mod clients;
mod health;
mod introspect;
mod keys;
mod metadata;
mod operate;
mod request;
mod revoke;
mod token;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use tower_http::timeout::TimeoutLayer;

use crate::Gateway;

/// How long a request may take.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

impl Gateway {
    /// All that it serves. [`serve`](crate::serve) serves it with TLS and with bounds on connections, and gives it each connection's address,
    /// for the log, zones and limits.
    pub fn router(self: Arc<Self>) -> Router {
        let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME_MAX);
        Router::new()
            .route("/oauth2/{server}/v1/token", post(token::token))
            .route("/oauth2/{server}/v1/introspect", post(introspect::introspect))
            .route("/oauth2/{server}/v1/revoke", post(revoke::revoke))
            .route("/oauth2/{server}/v1/clients", post(clients::register))
            .route(
                "/oauth2/{server}/v1/clients/{client}",
                get(clients::show).put(clients::update).delete(clients::delete),
            )
            .route("/oauth2/{server}/v1/keys", get(keys::keys))
            .route("/oauth2/{server}/.well-known/oauth-authorization-server", get(metadata::metadata))
            .route("/.well-known/oauth-authorization-server/oauth2/{server}", get(metadata::metadata))
            .merge(operate::router())
            .route("/health", get(health::health))
            .route("/ready", get(health::ready))
            .fallback(answer::not_found)
            .layer(timeout)
            .with_state(self)
    }
}
