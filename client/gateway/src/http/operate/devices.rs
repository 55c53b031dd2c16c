//! `/api/v1/devices`: what is known of devices beside what the chain says. A device needs none of it to get tokens.

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
use crate::{Gateway, settings::DeviceProfile};

/// Lists what is known of devices.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices",
    responses((status = 200, body = Vec<DeviceProfile>), (status = 401, body = ErrorBody)))]
pub(super) async fn list(_: Asker<Reader>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.devices())
}

/// Puts in what is known of a device.
#[utoipa::path(put, path = "/api/v1/devices/{did}", tag = "devices", params(("did" = String, Path)),
    request_body = DeviceProfile,
    responses((status = 200, body = DeviceProfile), (status = 400, body = ErrorBody)))]
pub(super) async fn put(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(did): Path<String>,
    Body(device): Body<DeviceProfile>,
) -> Result<Response, ApiError> {
    if device.did != did {
        return Err(ApiError::Invalid("the path and the body name different devices".into()));
    }
    gateway.put_device(asker.by(), &device).await?;
    Ok(body::ok(device))
}

/// Forgets what is known of a device here.
#[utoipa::path(delete, path = "/api/v1/devices/{did}", tag = "devices", params(("did" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(did): Path<String>,
) -> Result<Response, ApiError> {
    gateway.delete_device(asker.by(), &did).await?;
    Ok(body::gone())
}
