//! The connection: JSON-RPC requests with time-outs, repeated across reconnections where that is safe.

use std::{future::Future, time::Duration};

use serde::de::DeserializeOwned;
use subxt::rpcs::{
    self,
    client::{
        ReconnectingRpcClient, RpcClient, RpcParams, RpcSubscription, reconnecting_rpc_client::ExponentialBackoff,
    },
};

use super::{ChainConfig, ChainError};

/// The longest message that is taken from a node: metadata is well below it.
const RESPONSE_BYTES_MAX: u32 = 32 * 1024 * 1024;
/// The first pause before a lost connection is tried again. Each next one is twice as long, up to the longest.
const BACKOFF_MIN_MS: u64 = 100;
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// jsonrpsee's code for a server that can't take the request now: it has too many, or is about to end.
const BUSY_CODE: i32 = -32009;
/// The node's code for a block that it does not know or whose state is gone.
const UNKNOWN_BLOCK_CODE: i32 = 4003;

/// A connection that re-establishes itself.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    client: RpcClient,
    url: String,
    request_timeout: Duration,
}

impl Rpc {
    /// Connects once; a node that is not there is an error at once, while a connection that is lost later comes back.
    pub(crate) async fn connect(url: &str, config: &ChainConfig) -> Result<Self, ChainError> {
        check_url(url)?;
        let unreachable = |reason: String| ChainError::Unreachable { url: url.to_owned(), reason };
        let timed_out = || unreachable(format!("no answer within {} s", config.connect_timeout.as_secs()));
        // The reconnecting client tries for ever, so that whether anyone is there is asked with a plain one.
        let probe = tokio::time::timeout(config.connect_timeout, rpcs::client::jsonrpsee_client(url));
        drop(probe.await.map_err(|_| timed_out())?.map_err(|error| unreachable(innermost(&error)))?);
        let build = ReconnectingRpcClient::builder()
            .retry_policy(backoff())
            .max_response_size(RESPONSE_BYTES_MAX)
            .request_timeout(config.request_timeout)
            .connection_timeout(config.connect_timeout)
            .build(url);
        let client = tokio::time::timeout(config.connect_timeout, build).await.map_err(|_| timed_out())?;
        let client = client.map_err(|error| unreachable(innermost(&error)))?;
        Ok(Self { client: RpcClient::new(client), url: url.to_owned(), request_timeout: config.request_timeout })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A request that may be repeated: it is, when the connection is lost or the node stops, until the time is over.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Fn() -> RpcParams,
    ) -> Result<T, ChainError> {
        let attempts = async {
            loop {
                match self.client.request(method, params()).await {
                    Err(error) if is_lost(&error) || is_busy(&error) => {
                        // Not where: an URL may have credentials, and traces go elsewhere.
                        tracing::warn!(method, %error, "asking again");
                        tokio::time::sleep(Duration::from_millis(BACKOFF_MIN_MS)).await;
                    }
                    other => return other,
                }
            }
        };
        self.within(method, attempts).await
    }

    /// A subscription. It ends with an error when the connection is lost.
    pub(crate) async fn subscribe<T: DeserializeOwned>(
        &self,
        method: &str,
        params: RpcParams,
        unsubscribe: &str,
    ) -> Result<RpcSubscription<T>, ChainError> {
        self.within(method, self.client.subscribe(method, params, unsubscribe)).await
    }

    async fn within<T>(
        &self,
        request: &str,
        work: impl Future<Output = Result<T, rpcs::Error>>,
    ) -> Result<T, ChainError> {
        match tokio::time::timeout(self.request_timeout, work).await {
            Ok(result) => result.map_err(|error| self.error(request, error)),
            Err(_) => Err(ChainError::Timeout {
                url: self.url.clone(),
                request: request.to_owned(),
                after: self.request_timeout,
            }),
        }
    }

    fn error(&self, request: &str, error: rpcs::Error) -> ChainError {
        match error {
            error if is_busy(&error) => ChainError::Busy { url: self.url.clone() },
            rpcs::Error::User(refusal) => refused(request, &refusal),
            rpcs::Error::Deserialization(error) => ChainError::undecodable(request, error),
            rpcs::Error::Serialization(error) => ChainError::undecodable(request, error),
            rpcs::Error::Decode(error) => ChainError::undecodable(request, error),
            _ => ChainError::Disconnected { url: self.url.clone() },
        }
    }
}

/// Whether the connection broke before the answer came. At some moments it does so with an error of the client's own.
fn is_lost(error: &rpcs::Error) -> bool {
    matches!(error, rpcs::Error::DisconnectedWillReconnect(_) | rpcs::Error::Client(_))
}

fn is_busy(error: &rpcs::Error) -> bool {
    matches!(error, rpcs::Error::User(refusal) if refusal.code == BUSY_CODE)
}

/// The base is what each pause is multiplied by, not the first pause.
fn backoff() -> ExponentialBackoff {
    ExponentialBackoff::from_millis(2).factor(BACKOFF_MIN_MS / 2).max_delay(BACKOFF_MAX)
}

fn refused(request: &str, refusal: &rpcs::UserError) -> ChainError {
    let detail = refusal.data.as_ref().map(|data| unquoted(data.get()));
    let is_discarded = refusal.message.contains("discarded");
    if refusal.code == UNKNOWN_BLOCK_CODE || is_discarded || refusal.message.contains("UnknownBlock") {
        let block = refusal.message.clone();
        return if is_discarded { ChainError::StateDiscarded { block } } else { ChainError::BlockNotFound { block } };
    }
    ChainError::Rpc { request: request.to_owned(), code: refusal.code, message: refusal.message.clone(), detail }
}

fn unquoted(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}

fn check_url(url: &str) -> Result<(), ChainError> {
    let is_web_socket = url.starts_with("ws://") || url.starts_with("wss://");
    let invalid = |reason: &str| ChainError::InvalidUrl { url: url.to_owned(), reason: reason.to_owned() };
    if !is_web_socket {
        return Err(invalid("it does not start with ws:// or wss://"));
    }
    if url.len() > 2048 || url.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err(invalid("it is too long, or has spaces"));
    }
    if url.split_once("://").is_none_or(|(_, rest)| rest.is_empty() || rest.starts_with(['/', ':'])) {
        return Err(invalid("it names no host"));
    }
    Ok(())
}

/// The innermost cause says what happened; the layers above it say that something did.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_socket_urls_are_taken() {
        for url in ["ws://127.0.0.1:9944", "wss://node.example/path"] {
            assert!(check_url(url).is_ok(), "{url}");
        }
        for url in ["", "http://127.0.0.1", "ws://", "ws:///x", "ws://:9944", "ws://a b", "127.0.0.1:9944"] {
            assert!(matches!(check_url(url), Err(ChainError::InvalidUrl { .. })), "{url}");
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<u128> = backoff().take(9).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    }

    #[test]
    fn what_may_be_answered_later_is_told_from_a_refusal() {
        let refusal = |code| rpcs::Error::User(rpcs::UserError { code, message: "x".into(), data: None });
        assert!(is_lost(&rpcs::Error::DisconnectedWillReconnect("x".into())));
        assert!(is_lost(&rpcs::Error::Client("the connection's own".into())));
        assert!(is_busy(&refusal(-32009)) && !is_busy(&refusal(-32601)));
        assert!(!is_lost(&refusal(-32601)) && !is_lost(&refusal(-32009)));
    }

    #[test]
    fn a_discarded_state_is_told_from_an_unknown_block() {
        let refusal = |message: &str| rpcs::UserError { code: 4003, message: message.into(), data: None };
        let discarded = refused("x", &refusal("Api called for an unknown Block: State already discarded for 0x01"));
        assert!(matches!(discarded, ChainError::StateDiscarded { .. }));
        let unknown = refused("x", &refusal("Client error: UnknownBlock: Header was not found"));
        assert!(matches!(unknown, ChainError::BlockNotFound { .. }));
    }
}
