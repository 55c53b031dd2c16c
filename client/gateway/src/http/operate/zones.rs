//! `/api/v1/zones`: network zones.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    ApiError,
    authorize::{Asker, Operator, Reader},
    body::{self, Body},
    error::ErrorBody,
};
use crate::{Gateway, policy::Zone};

/// Lists the network zones.
#[utoipa::path(get, path = "/api/v1/zones", tag = "zones",
    responses((status = 200, body = Vec<Zone>), (status = 401, body = ErrorBody)))]
pub(super) async fn list(_: Asker<Reader>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.zones())
}

/// Shows a network zone.
#[utoipa::path(get, path = "/api/v1/zones/{name}", tag = "zones", params(("name" = String, Path)),
    responses((status = 200, body = Zone), (status = 404, body = ErrorBody)))]
pub(super) async fn show(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let zone = gateway.zones().into_iter().find(|zone| zone.name == name);
    Ok(body::ok(zone.ok_or(ApiError::NotFound("zone"))?))
}

/// Puts in a network zone, or changes the one of this name.
#[utoipa::path(put, path = "/api/v1/zones/{name}", tag = "zones", params(("name" = String, Path)), request_body = Zone,
    responses((status = 200, body = Zone), (status = 400, body = ErrorBody)))]
pub(super) async fn put(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    Body(zone): Body<Zone>,
) -> Result<Response, ApiError> {
    if zone.name != name {
        return Err(ApiError::Invalid("the path and the body name different zones".into()));
    }
    gateway.put_zone(asker.by(), &zone).await?;
    Ok(body::ok(zone))
}

/// Takes out a network zone that no rule and no application names.
#[utoipa::path(delete, path = "/api/v1/zones/{name}", tag = "zones", params(("name" = String, Path)),
    responses((status = 204), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    gateway.delete_zone(asker.by(), &name).await?;
    Ok(body::gone())
}
