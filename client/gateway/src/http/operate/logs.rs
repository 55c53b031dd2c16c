//! `GET /api/v1/logs`: the system log, asked as Okta's is.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use serde_json::Value;

use super::{
    ApiError,
    authorize::{Asker, Reader},
    body,
    error::ErrorBody,
};
use crate::{Gateway, log::LogQuery};

const PATH: &str = "/api/v1/logs";

/// Asks the system log. The header `Link` has what comes next (`rel="next"`); without `until`, it always has one, which shows what happens
/// meanwhile.
#[utoipa::path(get, path = "/api/v1/logs", tag = "log",
    params(
        ("since" = Option<String>, Query, description = "RFC 3339; seven days ago, if left out, and 90 days at most"),
        ("until" = Option<String>, Query, description = "RFC 3339"),
        ("after" = Option<String>, Query, description = "from the link to what comes next"),
        ("filter" = Option<String>, Query, description = "SCIM (RFC 7644, section 3.4.2.2)"),
        ("q" = Option<String>, Query, description = "up to ten words, all of which must be in the event"),
        ("sortOrder" = Option<String>, Query, description = "ASCENDING or DESCENDING"),
        ("limit" = Option<u32>, Query, description = "1 to 1000; 100, if left out"),
    ),
    responses((status = 200, body = Vec<Object>), (status = 400, body = ErrorBody)))]
pub(super) async fn logs(
    _: Asker<Reader>,
    State(gateway): State<Arc<Gateway>>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = LogQuery::read(query.as_deref(), gateway.now_ms()).map_err(ApiError::Query)?;
    let page = gateway.read_log(&query).await?;
    let mut response = body::ok(page.events.iter().collect::<Vec<&Value>>());
    let has_next = page.has_more || query.is_endless();
    if let Some(link) =
        has_next.then(|| query.next_link(PATH, page.last)).and_then(|it| HeaderValue::from_str(&it).ok())
    {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}
