//! `/api/v1/authorizationServers`.

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
use crate::{Gateway, settings::ServerDocument};

/// Lists the authorization servers.
#[utoipa::path(get, path = "/api/v1/authorizationServers", tag = "authorization servers",
    responses((status = 200, body = Vec<ServerDocument>), (status = 401, body = ErrorBody)))]
pub(super) async fn list(_: Asker<Reader>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.servers())
}

/// Shows an authorization server.
#[utoipa::path(get, path = "/api/v1/authorizationServers/{server}", tag = "authorization servers",
    params(("server" = String, Path)),
    responses((status = 200, body = ServerDocument), (status = 404, body = ErrorBody)))]
pub(super) async fn show(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let server = gateway.servers().into_iter().find(|server| server.name == name);
    Ok(body::ok(server.ok_or(ApiError::NotFound("authorization server"))?))
}

/// Sets up an authorization server, or changes how it is set up. On the chain it stays the same one.
#[utoipa::path(put, path = "/api/v1/authorizationServers/{server}", tag = "authorization servers",
    params(("server" = String, Path)), request_body = ServerDocument,
    responses((status = 200, body = ServerDocument), (status = 400, body = ErrorBody)))]
pub(super) async fn put(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    Body(server): Body<ServerDocument>,
) -> Result<Response, ApiError> {
    if server.name != name {
        return Err(ApiError::Invalid("the path and the body name different authorization servers".into()));
    }
    gateway.put_server(asker.by(), &server).await?;
    Ok(body::ok(server))
}
