//! What every request goes through: it is counted, named, and its answer has the headers that all answers have.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    middleware::{from_fn_with_state, map_response_with_state},
    response::{IntoResponse, Response},
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{Metrics, metrics, request_id};
use crate::{OAuthError, Random};

/// Who has seen it under TLS, never asks in the clear again: for a year (RFC 6797, section 6.1).
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The router, with all that [`super::Serving::start`] puts around it, from the outside in: the headers of all answers, the metrics, the
/// request's id and span, and an answer with 500 where a handler panics. `is_tls` says whether the clients come over TLS.
pub fn with_layers(router: Router, metrics: Arc<Metrics>, random: Arc<dyn Random>, is_tls: bool) -> Router {
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(random, request_id::identify))
        .layer(from_fn_with_state(metrics, metrics::count))
        .layer(map_response_with_state(is_tls, secure))
}

async fn secure(State(is_tls): State<bool>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What serves, and which version of it, is nobody's business.
    headers.remove(header::SERVER);
    if is_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY);
    }
    response
}

/// The answer where a handler panicked, which tells nothing: what was said goes to the log.
fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let said = payload.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("nothing that is text");
    tracing::error!(panic = said, "a handler panicked");
    OAuthError::Server.into_response()
}
