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
    let Some(server) = gateway.server(&name) else { return answer::not_found().await };
    match gateway.introspect(server, request::read(request).await).await {
        Ok(said) => answer::uncached(StatusCode::OK, said),
        Err(error) => error.into_response(),
    }
}
