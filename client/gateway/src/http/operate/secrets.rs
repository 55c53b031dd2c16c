//! `/api/v1/apps/{id}/credentials/secrets`: secrets of applications. Two may be active at once, so that one can be changed without a pause.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use marque_sdk::did::format_time;
use serde::Serialize;

use super::{
    ApiError,
    apps::status,
    authorize::{Asker, Reader, SecurityOfficer},
    body,
    error::ErrorBody,
};
use crate::{Gateway, operate::NewSecret, settings::Secret};

/// A secret, without what it is.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Secret)]
pub(super) struct SecretView {
    /// What it is called.
    id: String,
    /// `ACTIVE` or `INACTIVE`.
    status: &'static str,
    created: String,
    /// The secret, once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl SecretView {
    pub(super) fn of(secret: &Secret) -> Self {
        Self {
            id: secret.id.clone(),
            status: status(secret.is_active),
            created: format_time(secret.created_ms),
            client_secret: None,
        }
    }

    /// One that was just made.
    pub(super) fn new(secret: &NewSecret, now_ms: u64) -> Self {
        Self {
            id: secret.id.clone(),
            status: status(true),
            created: format_time(now_ms),
            client_secret: Some(secret.secret.to_string()),
        }
    }
}

/// Lists the secrets of an application, without what they are.
#[utoipa::path(get, path = "/api/v1/apps/{id}/credentials/secrets", tag = "secrets", params(("id" = String, Path)),
    responses((status = 200, body = Vec<SecretView>), (status = 404, body = ErrorBody)))]
pub(super) async fn list(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(gateway.app(&id)?.secrets.iter().map(SecretView::of).collect::<Vec<_>>()))
}

/// Makes a secret. It is shown this once.
#[utoipa::path(post, path = "/api/v1/apps/{id}/credentials/secrets", tag = "secrets", params(("id" = String, Path)),
    responses((status = 201, body = SecretView), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn create(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::created(SecretView::new(&gateway.create_secret(asker.by(), &id).await?, gateway.now_ms())))
}

/// Lets a secret count.
#[utoipa::path(post, path = "/api/v1/apps/{id}/credentials/secrets/{secret}/lifecycle/activate", tag = "secrets",
    params(("id" = String, Path), ("secret" = String, Path)),
    responses((status = 200, body = Vec<SecretView>), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn activate(
    asker: Asker<SecurityOfficer>,
    gateway: State<Arc<Gateway>>,
    Path((id, secret)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    set_active(&asker, &gateway, &id, &secret, true).await
}

/// Lets a secret count no more.
#[utoipa::path(post, path = "/api/v1/apps/{id}/credentials/secrets/{secret}/lifecycle/deactivate", tag = "secrets",
    params(("id" = String, Path), ("secret" = String, Path)),
    responses((status = 200, body = Vec<SecretView>), (status = 404, body = ErrorBody)))]
pub(super) async fn deactivate(
    asker: Asker<SecurityOfficer>,
    gateway: State<Arc<Gateway>>,
    Path((id, secret)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    set_active(&asker, &gateway, &id, &secret, false).await
}

async fn set_active(
    asker: &Asker<SecurityOfficer>,
    gateway: &Gateway,
    id: &str,
    secret: &str,
    is_active: bool,
) -> Result<Response, ApiError> {
    gateway.set_secret_active(asker.by(), id, secret, is_active).await?;
    Ok(body::ok(gateway.app(id)?.secrets.iter().map(SecretView::of).collect::<Vec<_>>()))
}

/// Deletes a secret that is not active.
#[utoipa::path(delete, path = "/api/v1/apps/{id}/credentials/secrets/{secret}", tag = "secrets",
    params(("id" = String, Path), ("secret" = String, Path)),
    responses((status = 204), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path((id, secret)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    gateway.delete_secret(asker.by(), &id, &secret).await?;
    Ok(body::gone())
}
