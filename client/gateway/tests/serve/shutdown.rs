//! The end of the serving.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use marque_gateway::serve::ServeConfig;
use tokio::{net::TcpStream, sync::Notify, time::timeout};

use crate::scene::{PATIENCE, client, config, connect, hello, say_hello, serve, until_closed};

/// A handler that says when it has begun, and answers when it is told to.
fn held() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (begun, go) = (begun.clone(), go.clone());
        async move || {
            begun.notify_one();
            go.notified().await;
            "done"
        }
    };
    (hello().route("/held", get(handler)), begun, go)
}

async fn until_refused(address: std::net::SocketAddr) {
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(PATIENCE, refused).await.expect("new connections are refused");
}

#[tokio::test]
async fn requests_under_way_are_answered_and_new_connections_refused() {
    let (router, begun, go) = held();
    let serving = serve(router, config()).await;
    let address = serving.address();
    let mut idle = connect(&serving).await;
    say_hello(&mut idle).await;
    let request = tokio::spawn(client(None, None).get(format!("{}/held", serving.url())).send());
    begun.notified().await;

    let ending = tokio::spawn(serving.shutdown());
    assert_eq!(until_closed(&mut idle).await, "", "an idle connection is closed");
    until_refused(address).await;
    assert!(!ending.is_finished());
    go.notify_one();
    let answer = request.await.unwrap().unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "done"));
    timeout(PATIENCE, ending).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off() {
    let (router, begun, _go) = held();
    let serving = serve(router, ServeConfig { drain_max: Duration::from_millis(1), ..config() }).await;
    let request = tokio::spawn(client(None, None).get(format!("{}/held", serving.url())).send());
    begun.notified().await;
    timeout(PATIENCE, serving.shutdown()).await.unwrap();
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn what_is_dropped_ends_too() {
    let (router, begun, go) = held();
    let serving = serve(router, config()).await;
    let address = serving.address();
    let request = tokio::spawn(client(None, None).get(format!("{}/held", serving.url())).send());
    begun.notified().await;
    drop(serving);
    until_refused(address).await;
    go.notify_one();
    assert_eq!(request.await.unwrap().unwrap().status(), 200);
}
