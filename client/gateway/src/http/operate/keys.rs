//! `/api/v1/authorizationServers/{server}/credentials`: signing keys.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    ApiError,
    authorize::{Asker, Reader, SecurityOfficer},
    body::{self, Body},
    error::ErrorBody,
};
use crate::{Gateway, keys::KeySummary};

/// How keys are to be rotated.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRotation {
    /// What the key is for.
    #[serde(rename = "use")]
    key_use: KeyUse,
    /// Whether somebody else may sign with the key: then it is published no more and revoked on the chain, and none of its tokens is good.
    #[serde(default)]
    compromised: bool,
}

/// What a key is for.
#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum KeyUse {
    /// It signs tokens.
    Sig,
}

/// Lists the signing keys of an authorization server.
#[utoipa::path(get, path = "/api/v1/authorizationServers/{server}/credentials/keys", tag = "authorization servers",
    params(("server" = String, Path)),
    responses((status = 200, body = Vec<KeySummary>), (status = 404, body = ErrorBody)))]
pub(super) async fn list(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(server): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(gateway.keys(&server)?))
}

/// Lets the next key of an authorization server sign at once.
#[utoipa::path(post, path = "/api/v1/authorizationServers/{server}/credentials/lifecycle/keyRotate",
    tag = "authorization servers", params(("server" = String, Path)), request_body = KeyRotation,
    responses((status = 200, body = Vec<KeySummary>), (status = 400, body = ErrorBody)))]
pub(super) async fn rotate(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path(server): Path<String>,
    Body(rotation): Body<KeyRotation>,
) -> Result<Response, ApiError> {
    let KeyUse::Sig = rotation.key_use;
    gateway.rotate(asker.by(), &server, rotation.compromised).await?;
    Ok(body::ok(gateway.keys(&server)?))
}
