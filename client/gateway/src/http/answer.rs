//! Answers that several endpoints give.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use crate::{
    OAuthError,
    decide::Answer,
    error::RETRY_AFTER_S,
    limit::{Judged, Wait},
};

/// An answer that nobody may keep (RFC 6749, section 5.1).
pub(super) fn uncached(status: StatusCode, body: impl Serialize) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, Json(body)).into_response()
}

/// Okta's answer where there is nothing: no such authorization server, or no such path.
pub(super) async fn not_found() -> Response {
    let body = json!({
        "errorCode": "E0000007",
        "errorSummary": "Not found: Resource not found",
        "errorLink": "E0000007",
        "errorCauses": [],
    });
    uncached(StatusCode::NOT_FOUND, body)
}

/// The answer to a client, with what the limits leave.
pub(super) fn to_client<T>(answer: Answer<T>, write: impl FnOnce(T) -> Response) -> Response {
    let mut response = match answer.result {
        Ok(result) => write(result),
        Err(error) => error.into_response(),
    };
    for (name, value) in answer.judged.iter().flat_map(Judged::headers) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = match self {
            Self::TooMany(_) => Wait::body(),
            _ => json!({ "error": self.code(), "error_description": self.to_string() }),
        };
        let mut response = uncached(status, body);
        let headers = response.headers_mut();
        match self {
            // A 401 says how to authenticate (RFC 9110, section 15.5.2); RFC 6749 has no scheme of its own for it.
            Self::InvalidClient(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
            }
            Self::TooMany(wait) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.seconds));
            }
            Self::Unavailable | Self::NoIssuerKeys => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
            }
            _ => {}
        }
        response
    }
}
