//! What subscriptions to new blocks have in common.

use std::sync::Arc;

use jsonrpsee::server::{SubscriptionCloseResponse, SubscriptionMessage, SubscriptionSink};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::chain::News;

/// Why a subscription ended; clients see it.
const LAGGED: &str = "the subscriber fell too far behind; subscribe again";

/// Sends one item. `false` when the subscriber is gone.
pub(super) async fn send(sink: &SubscriptionSink, item: &impl Serialize) -> bool {
    let message = SubscriptionMessage::new(sink.method_name(), sink.subscription_id(), item);
    match message {
        Ok(message) => sink.send(message).await.is_ok(),
        Err(error) => {
            tracing::error!(%error, "a notification has no JSON form");
            false
        }
    }
}

/// Sends what `item` makes of each new block above `height`, until either side ends.
///
/// A slow subscriber slows down only this task; when it falls behind by more than the channel holds, it is dropped.
pub(super) async fn forward<T: Serialize>(
    sink: SubscriptionSink,
    mut news: Receiver<Arc<News>>,
    height: u32,
    item: impl Fn(&News) -> Option<T>,
) -> SubscriptionCloseResponse {
    loop {
        let received = tokio::select! {
            received = news.recv() => received,
            () = sink.closed() => return SubscriptionCloseResponse::None,
        };
        match received {
            Ok(news) if news.header.number <= height => {}
            Ok(news) => {
                let Some(item) = item(&news) else { continue };
                if !send(&sink, &item).await {
                    return SubscriptionCloseResponse::None;
                }
            }
            Err(RecvError::Lagged(_)) => return SubscriptionCloseResponse::NotifErr(LAGGED.into()),
            Err(RecvError::Closed) => return SubscriptionCloseResponse::None,
        }
    }
}
