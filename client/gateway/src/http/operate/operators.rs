//! `/api/v1/api-tokens`: operators' access tokens.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use marque_sdk::did::format_time;
use serde::{Deserialize, Serialize};

use super::{
    ApiError,
    authorize::{Asker, SecurityOfficer},
    body::{self, Body},
    error::ErrorBody,
};
use crate::{
    Gateway,
    settings::{Operator, Role},
};

/// An operator's access token, without what it is.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ApiToken)]
pub(super) struct OperatorView {
    /// What it is called.
    id: String,
    /// What it is for.
    name: String,
    role: Role,
    created: String,
    expires: String,
    /// The token, once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// What is said of an access token that is to be made.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What it is for.
    name: String,
    role: Role,
    /// How long it lives, in seconds: 400 days at most. 90 days, if left out.
    #[serde(default = "ninety_days")]
    lifetime_s: u64,
}

const fn ninety_days() -> u64 {
    90 * 24 * 60 * 60
}

impl OperatorView {
    fn of(operator: &Operator) -> Self {
        Self {
            id: operator.id.clone(),
            name: operator.name.clone(),
            role: operator.role,
            created: format_time(operator.created_ms),
            expires: format_time(operator.expires_ms),
            token: None,
        }
    }
}

/// Lists the operators' access tokens, without what they are.
#[utoipa::path(get, path = "/api/v1/api-tokens", tag = "api tokens",
    responses((status = 200, body = Vec<OperatorView>), (status = 403, body = ErrorBody)))]
pub(super) async fn list(_: Asker<SecurityOfficer>, State(gateway): State<Arc<Gateway>>) -> Response {
    body::ok(gateway.operators().iter().map(OperatorView::of).collect::<Vec<_>>())
}

/// Makes an access token. It is shown this once.
#[utoipa::path(post, path = "/api/v1/api-tokens", tag = "api tokens", request_body = NewToken,
    responses((status = 201, body = OperatorView), (status = 400, body = ErrorBody)))]
pub(super) async fn create(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Body(new): Body<NewToken>,
) -> Result<Response, ApiError> {
    let lifetime_ms = new.lifetime_s.saturating_mul(1000);
    let made = gateway.create_operator(asker.by(), &new.name, new.role, lifetime_ms).await?;
    let operator = gateway.operators().into_iter().find(|operator| operator.id == made.id);
    let operator = operator.ok_or(ApiError::NotFound("token"))?;
    Ok(body::created(OperatorView { token: Some(made.token.to_string()), ..OperatorView::of(&operator) }))
}

/// Revokes an access token. Its own too.
#[utoipa::path(delete, path = "/api/v1/api-tokens/{id}", tag = "api tokens", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn revoke(
    asker: Asker<SecurityOfficer>,
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    gateway.revoke_operator(asker.by(), &id).await?;
    Ok(body::gone())
}
