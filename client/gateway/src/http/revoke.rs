//! `POST /oauth2/{server}/v1/revoke`.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{answer, request};
use crate::Gateway;

pub(super) async fn revoke(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let Some(server) = gateway.server(&name) else { return answer::not_found().await };
    match gateway.revoke(server, request::read(request).await).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => error.into_response(),
    }
}
