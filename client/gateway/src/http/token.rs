//! `POST /oauth2/{server}/v1/token`.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use super::{answer, request};
use crate::{Gateway, OAuthError};

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

pub(super) async fn token(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>, request: Request) -> Response {
    let request = request::read(request, gateway.now_ms()).await;
    let Some(answer) = gateway.token(&name, &request).await else { return answer::not_found().await };
    let wants_nonce = matches!(answer.result, Err(OAuthError::UseDpopNonce));
    let mut response = answer::to_client(answer, |token| answer::uncached(StatusCode::OK, token));
    if wants_nonce {
        // Nonces are base64url: each can stand in a header.
        if let Ok(nonce) = HeaderValue::from_str(gateway.nonces().current()) {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
    }
    response
}
