//! What a request is counted and logged under: names that this program has, never what was sent.

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
};

/// The path of requests that no route is for.
const UNMATCHED: &str = "unmatched";

/// An endpoint: the path of its route, and the method.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) path: String,
    pub(super) method: &'static str,
}

impl Endpoint {
    /// Of a request that has been routed.
    pub(super) fn of(request: &Request) -> Self {
        let path = request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str);
        Self { path: path.to_owned(), method: method(request.method()) }
    }
}

/// The method, if it is one of RFC 9110 or RFC 5789.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "other",
    }
}
