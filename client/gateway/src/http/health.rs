//! `GET /health`: the process answers. `GET /ready`: it can give out tokens.

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::answer;
use crate::{Gateway, OAuthError};

pub(super) async fn health() -> Response {
    answer::uncached(StatusCode::OK, json!({ "status": "up" }))
}

pub(super) async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    match ensure_ready(&gateway).await {
        Ok(()) => answer::uncached(StatusCode::OK, json!({ "status": "ready" })),
        Err(error) => error.into_response(),
    }
}

async fn ensure_ready(gateway: &Gateway) -> Result<(), OAuthError> {
    gateway.parts.directory.ensure_fresh()?;
    // Without its state it gives out nothing: whoever sends requests here should send them elsewhere.
    gateway.parts.store.ensure_ready().await.map_err(|error| {
        tracing::error!(%error, "not ready");
        OAuthError::Unavailable
    })
}
