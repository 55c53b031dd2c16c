//! `/api/v1/authorizationServers/{server}/federation`: issuers whose tokens an authorization server exchanges.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    ApiError,
    authorize::{Asker, Reader, SecurityOfficer},
    body::{self, Body},
    error::ErrorBody,
};
use crate::{Gateway, exchange::Federation};

/// Lists the federations of an authorization server.
#[utoipa::path(get, path = "/api/v1/authorizationServers/{server}/federation", tag = "federation",
    params(("server" = String, Path)),
    responses((status = 200, body = Vec<Federation>), (status = 404, body = ErrorBody)))]
pub(super) async fn list(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(server): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(gateway.federations(&server)?))
}

/// Shows a federation.
#[utoipa::path(get, path = "/api/v1/authorizationServers/{server}/federation/{name}", tag = "federation",
    params(("server" = String, Path), ("name" = String, Path)),
    responses((status = 200, body = Federation), (status = 404, body = ErrorBody)))]
pub(super) async fn show(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path((server, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let federation = gateway.federations(&server)?.into_iter().find(|federation| federation.name == name);
    Ok(body::ok(federation.ok_or(ApiError::NotFound("federation"))?))
}

/// Puts in a federation, or changes the one of this name. Over-broad ones are refused.
#[utoipa::path(put, path = "/api/v1/authorizationServers/{server}/federation/{name}", tag = "federation",
    params(("server" = String, Path), ("name" = String, Path)), request_body = Federation,
    responses((status = 200, body = Federation), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn put(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path((server, name)): Path<(String, String)>,
    Body(federation): Body<Federation>,
) -> Result<Response, ApiError> {
    if (&federation.server, &federation.name) != (&server, &name) {
        return Err(ApiError::Invalid("the path and the body name different federations".into()));
    }
    gateway.put_federation(asker.by(), &federation).await?;
    Ok(body::ok(federation))
}

/// Takes out a federation.
#[utoipa::path(delete, path = "/api/v1/authorizationServers/{server}/federation/{name}", tag = "federation",
    params(("server" = String, Path), ("name" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path((server, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    gateway.delete_federation(asker.by(), &server, &name).await?;
    Ok(body::gone())
}
