//! `POST /oauth2/{server}/v1/introspect`.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{answer, request};
use crate::Gateway;

pub(super) async fn introspect(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let request = request::read(request).await;
    match gateway.introspect(&name, &request).await {
        Some(Ok(said)) => answer::uncached(StatusCode::OK, said),
        Some(Err(error)) => error.into_response(),
        None => answer::not_found().await,
    }
}
