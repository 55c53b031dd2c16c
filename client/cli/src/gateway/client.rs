//! Requests to a gateway: the one place that knows of HTTP.

use std::{error::Error, time::Duration};

use reqwest::{
    Certificate, Method, Response,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, LINK},
    redirect,
};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{Address, refusal};
use crate::{
    failure::{Failure, Kind, Outcome},
    output::Output,
    progress, shown,
};

/// How long a connection may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a request may take: longer than a gateway takes to give up.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(40);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Who asks a gateway.
pub struct Client {
    http: reqwest::Client,
    address: Address,
    output: Output,
}

/// A part of something long.
pub struct Page {
    /// What is in it.
    pub entries: Vec<Value>,
    /// By what the next one is found.
    pub next: Option<String>,
}

impl Client {
    /// Asks the gateway at this address with this token. Where there are authorities, no other one is trusted.
    ///
    /// # Errors
    /// When there can be no TLS.
    pub fn new(address: Address, token: &str, authorities: Option<Vec<Certificate>>, output: Output) -> Outcome<Self> {
        let failed = |error: reqwest::Error| Failure::local(format!("cannot make TLS connections: {}", cause(&error)));
        let header = Zeroizing::new(format!("SSWS {token}"));
        let mut header = HeaderValue::from_str(&header).map_err(|_| Failure::usage("that is no operator's token"))?;
        header.set_sensitive(true);
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("marque/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, header)]))
            // The token is for this address alone.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(REQUEST_TIME_MAX);
        if address.is_this_machine() {
            builder = builder.no_proxy();
        }
        if let Some(authorities) = authorities {
            builder = builder.tls_built_in_root_certs(false);
            builder = authorities.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        Ok(Self { http: builder.build().map_err(failed)?, address, output })
    }

    /// Where the gateway is.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Reads something.
    ///
    /// # Errors
    /// When the gateway can't be reached or refuses.
    pub async fn get(&self, path: &[&str]) -> Outcome<Value> {
        self.send(Method::GET, path, None).await
    }

    /// Reads a list.
    ///
    /// # Errors
    /// Those of [`get`](Self::get), and when it is no list.
    pub async fn list(&self, path: &[&str]) -> Outcome<Vec<Value>> {
        entries(self.get(path).await?)
    }

    /// Makes something, or has something done.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn post(&self, path: &[&str], body: Option<&Value>) -> Outcome<Value> {
        self.send(Method::POST, path, body).await
    }

    /// Puts something in its place.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn put(&self, path: &[&str], body: &Value) -> Outcome<Value> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Deletes something.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn delete(&self, path: &[&str]) -> Outcome {
        self.send(Method::DELETE, path, None).await.map(drop)
    }

    /// Reads a page of a list.
    ///
    /// # Errors
    /// Those of [`list`](Self::list).
    pub async fn page(&self, path: &[&str], query: &[(&str, &str)]) -> Outcome<Page> {
        let exchange = async {
            let response = self.respond(Method::GET, path, query, None).await?;
            let next = next_page(response.headers());
            Ok(Page { entries: entries(body(response).await?)?, next })
        };
        progress::waiting(self.output.is_json(), "waiting for the gateway", exchange).await
    }

    async fn send(&self, method: Method, path: &[&str], sent: Option<&Value>) -> Outcome<Value> {
        let exchange = async { body(self.respond(method, path, &[], sent).await?).await };
        progress::waiting(self.output.is_json(), "waiting for the gateway", exchange).await
    }

    async fn respond(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Outcome<Response> {
        let url = self.address.join(&[&["api", "v1"], path].concat(), query)?;
        let request = self.http.request(method, url);
        let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(refusal::failure(status, &read(response).await?))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let reason = cause(error);
        let failure = Failure::new(Kind::Unreachable, format!("no gateway answers at {} ({reason})", self.address));
        if reason.contains("certificate") {
            return failure.hint("name the file with your own authority's certificate with --ca or MARQUE_GATEWAY_CA");
        }
        failure.hint("say where your gateway is with --gateway or MARQUE_GATEWAY; `marque gateway serve` runs one")
    }
}

async fn body(response: Response) -> Outcome<Value> {
    let bytes = read(response).await?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|_| not_understood())
}

async fn read(mut response: Response) -> Outcome<Vec<u8>> {
    let lost = |error: reqwest::Error| {
        Failure::new(Kind::Unreachable, format!("the gateway's answer was cut off ({})", cause(&error)))
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Failure::new(Kind::Failed, "the gateway's answer is larger than 32 MiB"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The entries of an answer that is a list.
///
/// # Errors
/// When it is none.
pub fn entries(answer: Value) -> Outcome<Vec<Value>> {
    match answer {
        Value::Array(entries) => Ok(entries),
        _ => Err(not_understood()),
    }
}

fn not_understood() -> Failure {
    Failure::new(Kind::Failed, "the gateway's answer is not what this marque expects")
        .hint("check that what is there is a gateway, and of the version of this marque")
}

/// What is at the bottom of an error, without the address, which is told apart.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.downcast_ref::<reqwest::Error>() {
        Some(error) if error.is_timeout() => "it takes too long".into(),
        Some(_) => "the connection failed".into(),
        None => shown::urls_in(&cause.to_string()),
    }
}

/// The cursor in `Link: <…?after=…>; rel="next"`. The address in it is not followed: the token is for this one alone.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok()).flat_map(|links| links.split(','));
    links.filter_map(next_of_link).next()
}

fn next_of_link(link: &str) -> Option<String> {
    let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.split(';').any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"));
    // The address may be relative.
    let url = Url::parse("https://gateway.invalid").ok()?.join(address).ok()?;
    let after = url.query_pairs().find(|(name, _)| name == "after").map(|(_, value)| value.into_owned());
    after.filter(|_| is_next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_links() {
        let headers = |links: &[&str]| {
            HeaderMap::from_iter(links.iter().map(|link| (LINK, HeaderValue::from_str(link).unwrap())))
        };
        let own = "<https://g.example/api/v1/logs?limit=1>; rel=\"self\"";
        for links in [
            &[own, "<https://g.example/api/v1/logs?limit=1&after=7%2C1>; rel=\"next\""][..],
            &["<https://g.example/a>; rel=\"self\", </api/v1/logs?after=7%2C1>; title=x; rel=next"],
        ] {
            assert_eq!(next_page(&headers(links)).as_deref(), Some("7,1"), "{links:?}");
        }
        for links in [&[][..], &[own], &["<x?after=1"], &["x; rel=\"next\""], &["<x>; rel=\"next\""], &["<?after=1>"]] {
            assert_eq!(next_page(&headers(links)), None, "{links:?}");
        }
    }
}
