//! `POST /oauth2/{server}/v1/token`.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};

use super::{answer, request};
use crate::{Gateway, OAuthError};

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

pub(super) async fn token(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>, request: Request) -> Response {
    let request = request::read(request).await;
    match gateway.token(&name, &request).await {
        Some(Ok(token)) => answer::uncached(StatusCode::OK, token),
        Some(Err(OAuthError::UseDpopNonce)) => {
            let mut response = OAuthError::UseDpopNonce.into_response();
            // Nonces are base64url: each can stand in a header.
            if let Ok(nonce) = HeaderValue::from_str(gateway.nonces().current()) {
                response.headers_mut().insert(DPOP_NONCE, nonce);
            }
            response
        }
        Some(Err(error)) => error.into_response(),
        None => answer::not_found().await,
    }
}
