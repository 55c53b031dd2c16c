//! The id of a request: the client's own, or a new one. It is in the answer, and in all that is logged of the request.

use std::{fmt, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use tracing::{Instrument, Span, field::Empty};

use super::{endpoint::Endpoint, telemetry};
use crate::{OAuthError, Random};

/// The header that has it, in requests and answers.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a client.
const LENGTH_MAX: usize = 64;

/// The id of a request, in its extensions: 1 to 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes what a client sent, if it has the form.
    pub fn read(text: &str) -> Option<Self> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        ((1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_good)).then(|| Self(text.into()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A new one, of 128 random bits; `None` if there is no randomness.
    fn random(random: &dyn Random) -> Option<Self> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes).then(|| Self(HEXLOWER.encode(&bytes).into()))
    }

    /// The client's, if there is exactly one and it has the form.
    fn received(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(HEADER).iter();
        let value = values.next()?;
        values.next().is_none().then_some(())?;
        Self::read(value.to_str().ok()?)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Gives the request its id, and its span: with the method, the path of the route, and later the status and the time, but nothing else of
/// what was sent.
pub(super) async fn identify(State(random): State<Arc<dyn Random>>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let Some(id) = RequestId::received(request.headers()).or_else(|| RequestId::random(random.as_ref())) else {
        tracing::error!("there is no randomness for the id of a request");
        return OAuthError::Server.into_response();
    };
    let span = span(&request, &id);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    span.record("elapsed_ms", start.elapsed().as_secs_f64() * 1e3);
    span.in_scope(|| tracing::info!("answered"));
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn span(request: &Request, id: &RequestId) -> Span {
    let Endpoint { path, method } = Endpoint::of(request);
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        method,
        path,
        request_id = id.as_str(),
        status = Empty,
        elapsed_ms = Empty
    );
    telemetry::continue_trace(&span, request.headers());
    span
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SystemRandom;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (HEADER, HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn an_id_of_a_client_is_taken_only_in_its_form() {
        let longest = "a".repeat(LENGTH_MAX);
        for good in ["a", "A-Z_0.9", &longest] {
            assert_eq!(RequestId::received(&headers(&[good])).unwrap().as_str(), good);
        }
        let too_long = "a".repeat(LENGTH_MAX + 1);
        for bad in ["", "a b", "a/b", "a\"", "ä", &too_long] {
            assert_eq!(RequestId::received(&headers(&[bad])), None, "{bad}");
        }
        assert_eq!(RequestId::received(&headers(&["one", "two"])), None);
        assert_eq!(RequestId::received(&headers(&[])), None);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_taken_as_it_is_or_not_at_all(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let taken = RequestId::received(&HeaderMap::from_iter([(HEADER, value)]));
            let is_good = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
            let is_id = (1..=64).contains(&bytes.len()) && bytes.iter().all(is_good);
            prop_assert_eq!(taken.is_some(), is_id);
            prop_assert!(taken.is_none_or(|id| id.as_str().as_bytes() == bytes));
        }
    }

    #[test]
    fn a_new_id_is_random_and_in_the_form() {
        let (one, other) = (RequestId::random(&SystemRandom).unwrap(), RequestId::random(&SystemRandom).unwrap());
        assert_ne!(one, other);
        assert_eq!(RequestId::read(one.as_str()).unwrap().as_str().len(), 32);
    }
}
