//! `/api/v1/authorizationServers/{server}/policies`.

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
use crate::{Gateway, Policy, operate::Question, policy::Explanation};

/// Lists the policies of an authorization server, in order.
#[utoipa::path(get, path = "/api/v1/authorizationServers/{server}/policies", tag = "policies",
    params(("server" = String, Path)),
    responses((status = 200, body = Vec<Policy>), (status = 404, body = ErrorBody)))]
pub(super) async fn list(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(server): Path<String>,
) -> Result<Response, ApiError> {
    Ok(body::ok(gateway.policies(&server)?))
}

/// Shows a policy.
#[utoipa::path(get, path = "/api/v1/authorizationServers/{server}/policies/{policy}", tag = "policies",
    params(("server" = String, Path), ("policy" = String, Path)),
    responses((status = 200, body = Policy), (status = 404, body = ErrorBody)))]
pub(super) async fn show(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path((server, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let policy = gateway.policies(&server)?.into_iter().find(|policy| policy.name == name);
    Ok(body::ok(policy.ok_or(ApiError::NotFound("policy"))?))
}

/// Puts in a policy, or changes the one of this name. Over-broad ones are refused.
#[utoipa::path(put, path = "/api/v1/authorizationServers/{server}/policies/{policy}", tag = "policies",
    params(("server" = String, Path), ("policy" = String, Path)), request_body = Policy,
    responses((status = 200, body = Policy), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn put(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path((server, name)): Path<(String, String)>,
    Body(policy): Body<Policy>,
) -> Result<Response, ApiError> {
    if policy.name != name {
        return Err(ApiError::Invalid("the path and the body name different policies".into()));
    }
    gateway.put_policy(asker.by(), &server, &policy).await?;
    Ok(body::ok(policy))
}

/// Takes out a policy.
#[utoipa::path(delete, path = "/api/v1/authorizationServers/{server}/policies/{policy}", tag = "policies",
    params(("server" = String, Path), ("policy" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    asker: Asker<Operator>,
    State(gateway): State<Arc<Gateway>>,
    Path((server, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    gateway.delete_policy(asker.by(), &server, &name).await?;
    Ok(body::gone())
}

/// Says which rule would decide, and why not the others. What the chain grants is another question.
#[utoipa::path(post, path = "/api/v1/authorizationServers/{server}/explain", tag = "policies",
    params(("server" = String, Path)), request_body = Question,
    responses((status = 200, body = Explanation), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn explain(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    Path(server): Path<String>,
    Body(question): Body<Question>,
) -> Result<Response, ApiError> {
    Ok(body::ok(gateway.explain(&server, &question)?))
}
