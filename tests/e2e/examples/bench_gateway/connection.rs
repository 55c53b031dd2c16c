//! One connection that is kept alive, with one request at a time.

use std::{future::poll_fn, pin::Pin};

use hyper::{
    Request, StatusCode, Uri,
    body::{Body as _, Incoming},
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Result;

/// A connection to the server.
pub struct Connection {
    sender: SendRequest<String>,
}

/// What came back: a token or a refusal.
pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

impl Connection {
    /// Opens a connection to the host of a URL.
    pub async fn open(url: &Uri) -> Result<Self> {
        if url.scheme_str() != Some("http") {
            return Err(format!("{url} has no http scheme: measure over plain HTTP").into());
        }
        let host = url.host().ok_or("the URL names no host")?;
        let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with an error when the server closes the connection; the next request tells of that.
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Sends a request, and waits for all of the answer.
    pub async fn send(&mut self, request: Request<String>) -> hyper::Result<Answer> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = collected(response.into_body()).await?;
        Ok(Answer { status, body })
    }
}

async fn collected(mut body: Incoming) -> hyper::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
