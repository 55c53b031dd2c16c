//! `/api/v1/devices`: what is known of devices beside what the chain says. A device needs none of it to get tokens.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{
    ApiError,
    authorize::{Asker, Operator, Reader, SecurityOfficer},
    body::{self, Body},
    error::ErrorBody,
    secrets::SecretView,
};
use crate::{CertificateBinding, Gateway, operate::NewDevice, settings::DeviceProfile};

/// What is known of a device, as operators see it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Device)]
pub(super) struct DeviceView {
    did: String,
    fleet: Option<String>,
    labels: BTreeSet<String>,
    /// How its certificates are known.
    #[schema(value_type = Option<Object>)]
    certificate: Option<CertificateBinding>,
    /// Its secrets, without what they are.
    secrets: Vec<SecretView>,
}

impl DeviceView {
    fn of(device: &DeviceProfile) -> Self {
        Self {
            did: device.did.clone(),
            fleet: device.fleet.clone(),
            labels: device.labels.clone(),
            certificate: device.certificate.clone(),
            secrets: device.secrets.iter().map(SecretView::of).collect(),
        }
    }
}

/// Lists what is known of devices.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices",
    responses((status = 200, body = Vec<DeviceView>), (status = 401, body = ErrorBody)))]
pub(super) async fn list(_: Asker<Reader>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.devices().iter().map(DeviceView::of).collect::<Vec<_>>())
}

/// Puts in what is known of a device. Its secrets stay.
#[utoipa::path(put, path = "/api/v1/devices/{did}", tag = "devices", params(("did" = String, Path)),
    request_body = NewDevice,
    responses((status = 200, body = DeviceView), (status = 400, body = ErrorBody)))]
pub(super) async fn put(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(did): Path<String>,
    Body(device): Body<NewDevice>,
) -> Result<Response, ApiError> {
    Ok(body::ok(DeviceView::of(&gateway.put_device(asker.by(), &did, &device).await?)))
}

/// Makes a secret for a device, for rules that want one beside its key. It is shown this once, and takes the place of the one before.
#[utoipa::path(post, path = "/api/v1/devices/{did}/credentials/secrets", tag = "devices", params(("did" = String, Path)),
    responses((status = 201, body = SecretView), (status = 404, body = ErrorBody)))]
pub(super) async fn create_secret(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path(did): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::created(SecretView::new(&gateway.create_device_secret(asker.by(), &did).await?, gateway.now_ms())))
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
