//! `POST /oauth2/{server}/v1/clients`, where clients register themselves, and `/oauth2/{server}/v1/clients/{client}`, where they change
//! their registration.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use super::{answer, request};
use crate::{
    Gateway,
    registrar::{Registered, RegistrationRequest},
    registration::{REQUEST_BYTES_MAX, RegistrationError},
};

const MEDIA_TYPE: &str = "application/json";
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"clients\", error=\"invalid_token\"");

pub(super) async fn register(
    State(gateway): State<Arc<Gateway>>,
    Path(server): Path<String>,
    request: Request,
) -> Response {
    let request = read(request).await;
    write(gateway.register_client(&server, &request).await, StatusCode::CREATED).await
}

pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path((server, client)): Path<(String, String)>,
    request: Request,
) -> Response {
    let request = read(request).await;
    write(gateway.read_client(&server, &client, &request).await, StatusCode::OK).await
}

pub(super) async fn update(
    State(gateway): State<Arc<Gateway>>,
    Path((server, client)): Path<(String, String)>,
    request: Request,
) -> Response {
    let request = read(request).await;
    write(gateway.update_client(&server, &client, &request).await, StatusCode::OK).await
}

pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    Path((server, client)): Path<(String, String)>,
    request: Request,
) -> Response {
    let request = read(request).await;
    write(gateway.delete_client(&server, &client, &request).await, StatusCode::NO_CONTENT).await
}

/// Reads a request: no more of its body than a registration may have.
async fn read(request: Request) -> RegistrationRequest {
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, REQUEST_BYTES_MAX).await {
        Ok(body) if is_json(&parts.headers) => Ok(body.to_vec()),
        Ok(_) => Err(RegistrationError::InvalidClientMetadata("the body must be application/json")),
        Err(_) => Err(RegistrationError::InvalidClientMetadata("a registration has at most 16384 bytes")),
    };
    let is_repeated = request::is_repeated(&parts, &header::AUTHORIZATION);
    let authorization = request::authorization(&parts).filter(|_| !is_repeated);
    RegistrationRequest { authorization, body, caller: request::caller(&parts) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = request::text(headers, &header::CONTENT_TYPE).map(|text| text.split(';').next().unwrap_or(text));
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case(MEDIA_TYPE))
}

async fn write<T: Serialize>(answer: Option<Registered<T>>, status: StatusCode) -> Response {
    let Some(answer) = answer else { return answer::not_found().await };
    answer::to_client(answer, |registered| match registered {
        Ok(_) if status == StatusCode::NO_CONTENT => status.into_response(),
        Ok(registration) => answer::uncached(status, registration),
        Err(error) => refuse(error),
    })
}

/// RFC 7591, section 3.2.2; RFC 6750, section 3.
fn refuse(error: RegistrationError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({ "error": error.code(), "error_description": error.to_string() });
    let mut response = answer::uncached(status, body);
    if error == RegistrationError::InvalidToken {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}
