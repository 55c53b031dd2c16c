//! `/api/v1/initial-access-tokens`: tokens with which clients register themselves (RFC 7591, section 3).

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use marque_sdk::did::format_time;
use serde::Serialize;

use super::{
    ApiError,
    authorize::{Asker, SecurityOfficer},
    body::{self, Body},
    error::ErrorBody,
};
use crate::{
    Gateway,
    registration::{Devices, InitialAccess, InitialAccessTerms},
};

/// An initial access token, without what it is.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = InitialAccessToken)]
pub(super) struct InitialAccessView {
    /// What it is called.
    id: String,
    /// What it is for.
    name: String,
    /// For which devices clients may be registered with it.
    devices: Devices,
    /// How many clients may still be registered with it.
    registrations_left: u32,
    created: String,
    expires: String,
    /// The token, once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl InitialAccessView {
    fn of(access: InitialAccess) -> Self {
        Self {
            id: access.id,
            name: access.name,
            devices: access.devices,
            registrations_left: access.registrations_left,
            created: format_time(access.created_ms),
            expires: format_time(access.expires_ms),
            token: None,
        }
    }
}

/// Lists the initial access tokens, without what they are.
#[utoipa::path(get, path = "/api/v1/initial-access-tokens", tag = "initial access tokens",
    responses((status = 200, body = Vec<InitialAccessView>), (status = 403, body = ErrorBody)))]
pub(super) async fn list(_: Asker<SecurityOfficer>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.initial_access().into_iter().map(InitialAccessView::of).collect::<Vec<_>>())
}

/// Makes an initial access token. It is shown this once.
#[utoipa::path(post, path = "/api/v1/initial-access-tokens", tag = "initial access tokens",
    request_body = InitialAccessTerms,
    responses((status = 201, body = InitialAccessView), (status = 400, body = ErrorBody)))]
pub(super) async fn create(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Body(terms): Body<InitialAccessTerms>,
) -> Result<Response, ApiError> {
    let made = gateway.create_initial_access(asker.by(), &terms).await?;
    let token = Some(made.token.to_string());
    Ok(body::created(InitialAccessView { token, ..InitialAccessView::of(made.access) }))
}

/// Revokes an initial access token. Clients that registered with it stay.
#[utoipa::path(delete, path = "/api/v1/initial-access-tokens/{id}", tag = "initial access tokens",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn revoke(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    gateway.revoke_initial_access(asker.by(), &id).await?;
    Ok(body::gone())
}
