//! `/api/v1/apps`: applications.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use marque_sdk::did::format_time;
use serde::Serialize;

use super::{
    ApiError,
    authorize::{Asker, Operator, Reader},
    body::{self, Body},
    error::ErrorBody,
    secrets::SecretView,
};
use crate::{
    CertificateBinding, Gateway, GrantType,
    operate::NewApp,
    settings::{App, Authentication},
};

/// An application, as operators see it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = App)]
pub(super) struct AppView {
    /// Its client id.
    client_id: String,
    /// What people call it.
    label: String,
    /// `ACTIVE` or `INACTIVE`.
    status: &'static str,
    /// The DID of the device that it acts for.
    device: String,
    authentication: Authentication,
    grant_types: BTreeSet<GrantType>,
    fleet: Option<String>,
    labels: BTreeSet<String>,
    zones: BTreeSet<String>,
    /// Its public keys.
    jwks: Option<serde_json::Value>,
    /// How its certificates are known.
    #[schema(value_type = Option<Object>)]
    certificate: Option<CertificateBinding>,
    requires_dpop: bool,
    /// The scopes that it may ask for; null for whatever policies give.
    scopes: Option<BTreeSet<String>>,
    /// The authorization server that it registered itself at, if it did.
    registered_at: Option<String>,
    /// What else it said of itself.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, serde_json::Value>,
    /// Its secrets, without what they are.
    secrets: Vec<SecretView>,
    created: String,
    /// Its secret, once, when the application is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl AppView {
    pub(super) fn of(app: &App) -> Self {
        Self {
            client_id: app.id.clone(),
            label: app.label.clone(),
            status: status(app.is_active),
            device: app.device.clone(),
            authentication: app.authentication,
            grant_types: app.grant_types.clone(),
            fleet: app.fleet.clone(),
            labels: app.labels.clone(),
            zones: app.zones.clone(),
            jwks: app.jwks.clone(),
            certificate: app.certificate.clone(),
            requires_dpop: app.requires_dpop,
            scopes: app.scopes.clone(),
            registered_at: app.registration.as_ref().map(|registration| registration.server.clone()),
            metadata: app.metadata.clone(),
            secrets: app.secrets.iter().map(SecretView::of).collect(),
            created: format_time(app.created_ms),
            client_secret: None,
        }
    }
}

pub(super) const fn status(is_active: bool) -> &'static str {
    if is_active { "ACTIVE" } else { "INACTIVE" }
}

/// Lists the applications.
#[utoipa::path(get, path = "/api/v1/apps", tag = "apps",
    responses((status = 200, body = Vec<AppView>), (status = 401, body = ErrorBody)))]
pub(super) async fn list(_: Asker<Reader>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.apps().iter().map(|app| AppView::of(app)).collect::<Vec<_>>())
}

/// Makes an application. One that shows a secret gets its first one, which is shown this once.
#[utoipa::path(post, path = "/api/v1/apps", tag = "apps", request_body = NewApp,
    responses((status = 201, body = AppView), (status = 400, body = ErrorBody)))]
pub(super) async fn create(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Body(new): Body<NewApp>,
) -> Result<Response, ApiError> {
    let app = gateway.create_app(asker.by(), &new).await?;
    if app.authentication != Authentication::ClientSecret {
        return Ok(body::created(AppView::of(&app)));
    }
    let secret = gateway.create_secret(asker.by(), &app.id).await?;
    let app = gateway.app(&app.id)?;
    Ok(body::created(AppView { client_secret: Some(secret.secret.to_string()), ..AppView::of(&app) }))
}

/// Shows an application.
#[utoipa::path(get, path = "/api/v1/apps/{id}", tag = "apps", params(("id" = String, Path)),
    responses((status = 200, body = AppView), (status = 404, body = ErrorBody)))]
pub(super) async fn show(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(AppView::of(&*gateway.app(&id)?)))
}

/// Changes what an application is. Its secrets and its status stay.
#[utoipa::path(put, path = "/api/v1/apps/{id}", tag = "apps", params(("id" = String, Path)), request_body = NewApp,
    responses((status = 200, body = AppView), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn update(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    Body(new): Body<NewApp>,
) -> Result<Response, ApiError> {
    Ok(body::ok(AppView::of(&*gateway.update_app(asker.by(), &id, &new).await?)))
}

/// Deletes an application, which must not be active.
#[utoipa::path(delete, path = "/api/v1/apps/{id}", tag = "apps", params(("id" = String, Path)),
    responses((status = 204), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    gateway.delete_app(asker.by(), &id).await?;
    Ok(body::gone())
}

/// Lets an application act.
#[utoipa::path(post, path = "/api/v1/apps/{id}/lifecycle/activate", tag = "apps", params(("id" = String, Path)),
    responses((status = 200, body = AppView), (status = 404, body = ErrorBody)))]
pub(super) async fn activate(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(AppView::of(&*gateway.set_app_active(asker.by(), &id, true).await?)))
}

/// Lets an application act no more: it gets no tokens from now on.
#[utoipa::path(post, path = "/api/v1/apps/{id}/lifecycle/deactivate", tag = "apps", params(("id" = String, Path)),
    responses((status = 200, body = AppView), (status = 404, body = ErrorBody)))]
pub(super) async fn deactivate(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(AppView::of(&*gateway.set_app_active(asker.by(), &id, false).await?)))
}
