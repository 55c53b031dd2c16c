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
    let request = request::read(request, gateway.now_ms()).await;
    match gateway.revoke(&name, &request).await {
        Some(answer) => answer::to_client(answer, |()| StatusCode::OK.into_response()),
        None => answer::not_found().await,
    }
}
