//! What the operator sees, and what is in every answer: metrics, ids, headers, and nothing of a panic.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use marque_gateway::{
    Random,
    serve::{Metrics, RequestId, ServeConfig, metrics_router, with_layers},
};
use tower::ServiceExt;

use crate::scene::{certificate, client, config, connect, get_plain, hello, metrics, send, serve, until_closed};

struct Nothing;

impl Random for Nothing {
    fn fill(&self, _: &mut [u8]) -> bool {
        false
    }
}

struct Sevens;

impl Random for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(7);
        true
    }
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|other| other == line)
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_what_was_sent() {
    let router = Router::new().route("/things/{name}", get(async || "thing"));
    let serving = serve(router, config()).await;
    for path in ["/things/secret-one", "/things/secret-two?token=secret-three", "/secret-four"] {
        get_plain(&serving, path).await;
    }
    let mut stream = connect(&serving).await;
    send(&mut stream, "SECRET /things/x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(until_closed(&mut stream).await.starts_with("HTTP/1.1 405"));
    let text = metrics(&serving).await;
    for (labels, count) in [
        ("endpoint=\"/things/{name}\",method=\"GET\",status=\"200\"", 2),
        ("endpoint=\"unmatched\",method=\"GET\",status=\"404\"", 1),
        ("endpoint=\"/things/{name}\",method=\"other\",status=\"405\"", 1),
    ] {
        assert!(has_line(&text, &format!("marque_gateway_requests_total{{{labels}}} {count}")), "{labels}\n{text}");
    }
    let time = "marque_gateway_request_time_seconds_count{endpoint=\"/things/{name}\",method=\"GET\"} 2";
    assert!(has_line(&text, time), "{text}");
    assert!(!text.to_lowercase().contains("secret"), "{text}");
}

#[tokio::test]
async fn the_metrics_of_the_gateway_are_in_the_text() {
    let metrics = Arc::new(Metrics::new());
    metrics.token_granted("default", "client_credentials");
    metrics.token_granted("default", "client_credentials");
    metrics.refused("invalid_client");
    metrics.commit(0.003);
    metrics.chain_age(6.5);
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = metrics_router(metrics).oneshot(request).await.unwrap();
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(response.headers()[header::CONTENT_TYPE], media_type);
    let text = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = std::str::from_utf8(&text).unwrap();
    for line in [
        "marque_gateway_tokens_granted_total{server=\"default\",grant_type=\"client_credentials\"} 2",
        "marque_gateway_refusals_total{code=\"invalid_client\"} 1",
        "marque_gateway_commit_time_seconds_count 1",
        "marque_gateway_chain_age_seconds 6.5",
        "# EOF",
    ] {
        assert!(has_line(text, line), "{line}\n{text}");
    }
}

async fn id_of_answer(router: Router, sent: Option<&str>) -> String {
    let mut request = Request::get("/id");
    if let Some(sent) = sent {
        request = request.header("x-request-id", sent);
    }
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let header = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let seen = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
    assert_eq!(header.as_bytes(), &seen[..], "the handler sees the same");
    header
}

#[tokio::test]
async fn an_id_is_the_clients_or_a_new_one() {
    let router = Router::new().route("/id", get(async |Extension(id): Extension<RequestId>| id.to_string()));
    let router = with_layers(router, Arc::default(), Arc::new(Sevens), false);
    assert_eq!(id_of_answer(router.clone(), Some("a.B-9_")).await, "a.B-9_");
    let new = "07".repeat(16);
    assert_eq!(id_of_answer(router.clone(), None).await, new);
    assert_eq!(id_of_answer(router, Some("not one")).await, new);
}

#[tokio::test]
async fn without_randomness_only_what_has_an_id_is_answered() {
    let router = with_layers(hello(), Arc::default(), Arc::new(Nothing), false);
    let ask = |request: Request| router.clone().oneshot(request);
    let without = ask(Request::get("/hello").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(without.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let with = Request::get("/hello").header("x-request-id", "one").body(Body::empty()).unwrap();
    assert_eq!(ask(with).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn every_answer_has_the_headers_and_none_says_what_serves() {
    let named = get(async || [(header::SERVER, "secret/1.0")].into_response());
    let router = hello().route("/named", named);
    let (_folder, made) = certificate();
    let plain = serve(router.clone(), config()).await;
    let secure = serve(router, ServeConfig { tls: Some(made.tls), ..config() }).await;
    for path in ["/hello", "/named", "/nothing"] {
        let answer = get_plain(&plain, path).await;
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(
            !answer.headers().contains_key("server") && !answer.headers().contains_key("strict-transport-security")
        );
        let url = format!("{}{path}", secure.url());
        let answer = client(Some(&made.authority), None).get(url).send().await.unwrap();
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000", "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    async fn fails() -> &'static str {
        panic!("the secret is 42")
    }
    let serving = serve(hello().route("/fails", post(fails)), config()).await;
    let request = client(None, None).post(format!("{}/fails", serving.url())).header("x-request-id", "one");
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-request-id"]), (500, &"one".parse().unwrap()));
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "server_error");
    assert!(!body.to_string().contains("secret"), "{body}");
    let line = "marque_gateway_requests_total{endpoint=\"/fails\",method=\"POST\",status=\"500\"} 1";
    assert!(has_line(&metrics(&serving).await, line));
    assert_eq!(get_plain(&serving, "/hello").await.status(), 200, "others are served as before");
}
