//! Bodies of operators' requests.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::ApiError;
use crate::http::answer;

/// A body in JSON, of this form and no other.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let read = Json::<Map<String, Value>>::from_request(request, state).await;
        // An array is no object, though it would be read as one, member by member.
        let Json(members) = read.map_err(|rejection| ApiError::Invalid(reason(&rejection)))?;
        let body = serde_json::from_value(Value::Object(members));
        body.map(Self).map_err(|error| ApiError::Invalid(error.to_string()))
    }
}

fn reason(rejection: &JsonRejection) -> String {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => "the body must be application/json".into(),
        _ => rejection.body_text(),
    }
}

/// What was read, changed or made.
pub(super) fn ok(body: impl Serialize) -> Response {
    answer::uncached(StatusCode::OK, body)
}

/// What was made.
pub(super) fn created(body: impl Serialize) -> Response {
    answer::uncached(StatusCode::CREATED, body)
}

/// What is not there any more.
pub(super) fn gone() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
