//! Requests that carry a form.

use std::net::SocketAddr;

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use zeroize::Zeroizing;

use marque_sdk::primitives::TimestampMs;

use crate::{Form, OAuthError, PeerCertificate, decide::ClientRequest, form::BODY_BYTES_MAX, log::Caller, serve};

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Reads a request: no more of its body than a form may have.
pub(super) async fn read(request: Request, now_ms: TimestampMs) -> ClientRequest {
    let (parts, body) = request.into_parts();
    let form = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => read_form(&parts, &body),
        Err(_) => Err(OAuthError::BodyTooLarge),
    };
    let authorization = authorization(&parts);
    let dpop = parts.headers.get(&DPOP).map(|value| value.to_str().unwrap_or_default().to_owned());
    // One that has expired, or can't be read, is none: a client needs another one to be known by.
    let shown = parts.extensions.get::<serve::PeerCertificate>();
    let certificate = shown.and_then(|shown| PeerCertificate::read(&shown.der, shown.is_issued, now_ms).ok());
    ClientRequest { form, authorization, dpop, certificate, caller: caller(&parts) }
}

fn read_form(parts: &Parts, body: &[u8]) -> Result<Form, OAuthError> {
    if is_repeated(parts, &header::AUTHORIZATION) {
        return Err(OAuthError::InvalidRequest("the header Authorization is there more than once"));
    }
    if is_repeated(parts, &DPOP) {
        return Err(OAuthError::InvalidDpopProof("the header DPoP is there more than once"));
    }
    Form::read(text(&parts.headers, &header::CONTENT_TYPE), parts.uri.query(), body)
}

/// The header `Authorization`. One that is no text is none that anybody could mean: it is refused as one of no known kind.
pub(super) fn authorization(parts: &Parts) -> Option<Zeroizing<String>> {
    let header = parts.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    header.map(|header| Zeroizing::new(header.to_owned()))
}

/// Whether a header is there more than once.
pub(super) fn is_repeated(parts: &Parts, name: &HeaderName) -> bool {
    parts.headers.get_all(name).iter().nth(1).is_some()
}

pub(super) fn caller(parts: &Parts) -> Caller {
    Caller {
        address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip()),
        user_agent: text(&parts.headers, &header::USER_AGENT).map(str::to_owned),
    }
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
