//! `GET /oauth2/{server}/v1/keys`: the keys that tokens are verified with (RFC 7517): those of the gateway, as far as the chain lets them
//! count, and those that the chain has beside them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use marque_sdk::token::JwkSet;

use super::answer;
use crate::{Gateway, OAuthError, keys::JWKS_CACHE_MS, settings::Server};

/// How long they may be kept: a key is published before it signs, and stays until the last token that it signed has expired.
const CACHE: &str = "public, max-age=300";
const _: () = assert!(JWKS_CACHE_MS == 300 * 1000);

pub(super) async fn keys(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>) -> Response {
    let settings = gateway.settings();
    let Some(server) = settings.servers.get(&name) else { return answer::not_found().await };
    match read(&gateway, server).await {
        Ok(keys) => ([(header::CACHE_CONTROL, CACHE)], Json(keys.to_json())).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn read(gateway: &Gateway, server: &Server) -> Result<JwkSet, OAuthError> {
    let directory = &gateway.parts.directory;
    let record = directory.issuer(server.issuer(), directory.block().await?).await?;
    let record = record.ok_or(OAuthError::Unavailable)?;
    Ok(server.keys.published_with(&record, server.issuer(), gateway.now_ms()))
}
