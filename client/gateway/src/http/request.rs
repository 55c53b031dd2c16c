//! Requests that carry a form.

use std::net::SocketAddr;

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use crate::{Form, OAuthError, form::BODY_BYTES_MAX, log::Caller, token::TokenRequest};

/// Reads a request: no more of its body than a form may have.
pub(super) async fn read(request: Request) -> TokenRequest {
    let (parts, body) = request.into_parts();
    let form = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => read_form(&parts, &body),
        Err(_) => Err(OAuthError::BodyTooLarge),
    };
    let has_authorization = parts.headers.contains_key(header::AUTHORIZATION);
    TokenRequest { form, has_authorization, caller: caller(&parts) }
}

fn read_form(parts: &Parts, body: &[u8]) -> Result<Form, OAuthError> {
    if parts.headers.get_all(header::AUTHORIZATION).iter().nth(1).is_some() {
        return Err(OAuthError::InvalidRequest("the header Authorization is there more than once"));
    }
    Form::read(text(&parts.headers, &header::CONTENT_TYPE), parts.uri.query(), body)
}

fn caller(parts: &Parts) -> Caller {
    Caller {
        address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip()),
        user_agent: text(&parts.headers, &header::USER_AGENT).map(str::to_owned),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
