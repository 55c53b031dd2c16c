//! `POST /oauth2/{server}/v1/introspect`.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};

use super::{answer, request};
use crate::Gateway;

pub(super) async fn introspect(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let request = request::read(request, gateway.now_ms()).await;
    match gateway.introspect(&name, &request).await {
        Some(answer) => answer::to_client(answer, |said| answer::uncached(StatusCode::OK, said)),
        None => answer::not_found().await,
    }
}
