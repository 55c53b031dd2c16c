//! What a peer can take: connections, bytes and time.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, routing::get};
use marque_gateway::serve::{ServeConfig, ServeError, Serving};
use tokio::{io::AsyncReadExt, time::timeout};

use crate::scene::{
    PATIENCE, certificate, config, connect, get_plain, hello, metrics, say_hello, send, serve, until_closed,
};

/// So short that a test need not wait.
const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_handler_knows_the_address_of_its_client() {
    let whence = get(async |ConnectInfo(address): ConnectInfo<SocketAddr>| address.ip().to_string());
    let serving = serve(Router::new().route("/whence", whence), config()).await;
    assert_eq!(get_plain(&serving, "/whence").await.text().await.unwrap(), "127.0.0.1");
}

#[tokio::test]
async fn connections_over_the_bound_are_closed_and_counted() {
    let serving = serve(hello(), ServeConfig { connections_max: 2, ..config() }).await;
    let mut first = connect(&serving).await;
    let mut second = connect(&serving).await;
    say_hello(&mut first).await;
    say_hello(&mut second).await;
    assert_eq!(until_closed(&mut connect(&serving).await).await, "");
    assert_eq!(until_closed(&mut connect(&serving).await).await, "");

    // A place that is given back is free again.
    send(&mut first, "GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(until_closed(&mut first).await.ends_with("hello"));
    send(&mut second, "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    let text = until_closed(&mut second).await;
    assert!(text.contains("marque_gateway_connections_refused_total{bound=\"total\"} 2"), "{text}");
}

#[tokio::test]
async fn one_address_does_not_take_all_places() {
    let serving = serve(hello(), ServeConfig { connections_per_address_max: 1, ..config() }).await;
    let mut first = connect(&serving).await;
    say_hello(&mut first).await;
    assert_eq!(until_closed(&mut connect(&serving).await).await, "");
    send(&mut first, "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    let text = until_closed(&mut first).await;
    assert!(text.contains("marque_gateway_connections_refused_total{bound=\"address\"} 1"), "{text}");
    assert!(text.contains("marque_gateway_connections 1"), "{text}");
}

#[tokio::test]
async fn a_head_that_comes_slowly_is_not_waited_for() {
    let serving = serve(hello(), ServeConfig { header_time_max: SHORT, ..config() }).await;
    let mut silent = connect(&serving).await;
    assert_eq!(until_closed(&mut silent).await, "");
    let mut half = connect(&serving).await;
    send(&mut half, "GET /hello HTTP/1.1\r\nhost: loc").await;
    assert_eq!(until_closed(&mut half).await, "");
}

#[tokio::test]
async fn a_second_head_may_take_no_longer_than_the_first() {
    // Not so short that the first request could miss it; between the two there is a minute.
    let serving = serve(hello(), ServeConfig { header_time_max: Duration::from_secs(1), ..config() }).await;
    let mut second = connect(&serving).await;
    say_hello(&mut second).await;
    send(&mut second, "GET /hel").await;
    assert_eq!(until_closed(&mut second).await, "");
}

#[tokio::test]
async fn a_handshake_that_comes_slowly_is_not_waited_for() {
    let (_folder, made) = certificate();
    let config = ServeConfig { header_time_max: SHORT, tls: Some(made.tls), ..config() };
    let serving = serve(hello(), config).await;
    assert_eq!(until_closed(&mut connect(&serving).await).await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_one_that_is_at_work_is_not() {
    let slow = get(async || {
        tokio::time::sleep(SHORT * 4).await;
        "hello"
    });
    let config = ServeConfig { idle_max: SHORT, ..config() };
    let serving = serve(Router::new().route("/hello", slow), config).await;
    let mut stream = connect(&serving).await;
    say_hello(&mut stream).await;
    assert_eq!(until_closed(&mut stream).await, "");
}

#[tokio::test]
async fn an_answer_that_is_not_read_does_not_hold_a_connection() {
    let large = get(async || vec![b'x'; 64 << 20]);
    let config = ServeConfig { idle_max: SHORT, connections_max: 1, ..config() };
    let serving = serve(hello().route("/large", large), config).await;
    let mut stream = connect(&serving).await;
    send(&mut stream, "GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap(), b'H');
    // The only place is free as soon as the server has given up.
    let freed = async {
        loop {
            let mut other = connect(&serving).await;
            send(&mut other, "GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
            if until_closed(&mut other).await.ends_with("hello") {
                return;
            }
        }
    };
    timeout(PATIENCE, freed).await.unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let serving = serve(hello(), ServeConfig { header_bytes_max: 4096, ..config() }).await;
    let head = |filler: usize| format!("GET /hello HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n", "x".repeat(filler));
    let mut good = connect(&serving).await;
    send(&mut good, &(head(3500) + "connection: close\r\n\r\n")).await;
    assert!(until_closed(&mut good).await.starts_with("HTTP/1.1 200"));
    for end in ["\r\n", ""] {
        let mut large = connect(&serving).await;
        send(&mut large, &(head(5000) + end)).await;
        assert!(until_closed(&mut large).await.starts_with("HTTP/1.1 431"), "{end:?}");
    }
    let mut many = connect(&serving).await;
    send(&mut many, &format!("GET /hello HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(101))).await;
    assert!(until_closed(&mut many).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_harms_nothing() {
    let serving = serve(hello(), config()).await;
    let mut stream = connect(&serving).await;
    send(&mut stream, "\u{16}\u{3}\u{1}\u{0}\r\n\r\n").await;
    assert!(until_closed(&mut stream).await.starts_with("HTTP/1.1 400"));
    assert_eq!(get_plain(&serving, "/hello").await.text().await.unwrap(), "hello");
    assert!(metrics(&serving).await.contains("# EOF"));
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error() {
    let serving = serve(hello(), config()).await;
    let taken = ServeConfig::new(serving.address());
    let started = Serving::start(hello(), taken, std::sync::Arc::default()).await;
    assert!(matches!(started, Err(ServeError::Listen { address, .. }) if address == serving.address()));
}
