//! `GET /oauth2/{server}/v1/keys`: the keys that tokens are verified with (RFC 7517), as they are on the chain.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use marque_sdk::{
    primitives::{
        access::{Issuer, IssuerId},
        token::IssuerKeyRef,
    },
    token::{Jwk, JwkSet, PublishedKey, VerificationKey},
};

use super::answer;
use crate::{Gateway, OAuthError, settings::Server};

/// How long they may be kept: a key is published before it signs, and stays until the last token that it signed has expired.
const CACHE: &str = "public, max-age=300";

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
    Ok(published(&record, server.issuer(), gateway.now_ms()))
}

/// Those that sign, will sign, or have signed what may still be good.
fn published(record: &Issuer, issuer: IssuerId, now_ms: u64) -> JwkSet {
    let current = record.keys.iter().filter(|key| !key.is_spent(now_ms));
    let keys = current.filter_map(|key| {
        // There is no algorithm of JWTs for Sr25519.
        let public_key = Jwk::from_public_key(&key.public_key).and_then(VerificationKey::new).ok()?;
        Some(PublishedKey { key_id: IssuerKeyRef { issuer, key: key.id }.to_text(), key: public_key })
    });
    JwkSet { keys: keys.collect() }
}
