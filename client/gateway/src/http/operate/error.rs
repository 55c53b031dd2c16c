//! Refusals of the operators' API, as Okta says them.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    StoreError, error::RETRY_AFTER_S, gateway::GatewayError, log::QueryError, operate::ChangeError,
    registration::InitialAccessError,
};

/// Why a request of an operator is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::http) enum ApiError {
    /// 400 E0000001: what was sent does not fit.
    Invalid(String),
    /// 400 E0000053 where the filter of a query can't be read, E0000031 where another part of it can't.
    Query(QueryError),
    /// 401 E0000011: there is no token, or none that counts.
    InvalidToken,
    /// 403 E0000006: the role of the token is too small.
    Forbidden,
    /// 404 E0000007: there is no such thing.
    NotFound(&'static str),
    /// 503: the chain can't be read now.
    Unavailable,
    /// 500 E0000009: it could not be carried out.
    Server,
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound(what) => Self::NotFound(what),
            ChangeError::AlreadyExists(_)
            | ChangeError::NotAllowed(_)
            | ChangeError::Settings(_)
            | ChangeError::Registration(_)
            | ChangeError::Rotate(_) => Self::Invalid(error.to_string()),
            ChangeError::InitialAccess(InitialAccessError::NoRandomness) => {
                tracing::error!(%error, "an initial access token could not be made");
                Self::Server
            }
            ChangeError::InitialAccess(_) => Self::Invalid(error.to_string()),
            ChangeError::Gateway(GatewayError::NotOnChain { .. } | GatewayError::KeyNotOnChain { .. }) => {
                Self::Invalid(error.to_string())
            }
            ChangeError::Gateway(GatewayError::Unavailable(_)) => Self::Unavailable,
            ChangeError::Authority(_) => {
                tracing::error!(%error, "the keys on the chain are not as they should be");
                Self::Unavailable
            }
            ChangeError::Store(StoreError::Busy) | ChangeError::Contended | ChangeError::Superseded => {
                Self::Unavailable
            }
            ChangeError::Store(_) | ChangeError::Gateway(_) | ChangeError::Key(_) | ChangeError::NoRandomness => {
                tracing::error!(%error, "a change could not be carried out");
                Self::Server
            }
        }
    }
}

/// Okta's error body.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub(super) struct ErrorBody {
    /// Okta's code, such as `E0000007`.
    error_code: String,
    /// What is wrong.
    error_summary: String,
    /// The code again.
    error_link: String,
    /// What exactly is wrong.
    error_causes: Vec<Value>,
}

impl ApiError {
    const fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "E0000001"),
            Self::Query(error) => (StatusCode::BAD_REQUEST, error.code()),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "E0000011"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "E0000006"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "E0000007"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "E0000010"),
            Self::Server => (StatusCode::INTERNAL_SERVER_ERROR, "E0000009"),
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Invalid(_) => "Api validation failed".into(),
            Self::Query(_) => "Invalid search criteria".into(),
            Self::InvalidToken => "Invalid token provided".into(),
            Self::Forbidden => "You do not have permission to perform the requested action".into(),
            Self::NotFound(what) => format!("Not found: there is no such {what}"),
            Self::Unavailable => "The gateway can't do this now: try again".into(),
            Self::Server => "Internal Server Error".into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code) = self.code();
        let causes = match &self {
            Self::Invalid(cause) => vec![json!({ "errorSummary": cause })],
            Self::Query(error) => vec![json!({ "errorSummary": error.to_string() })],
            _ => Vec::new(),
        };
        let body = ErrorBody {
            error_code: code.into(),
            error_summary: self.summary(),
            error_link: code.into(),
            error_causes: causes,
        };
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
        if self == Self::Unavailable {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
        }
        response
    }
}
