//! How finalized blocks are followed: what is wanted of each, in order and without a gap.

use std::{future::Future, time::Duration};

use futures::{Stream, StreamExt, TryStreamExt, stream};

use crate::{
    chain::{BlockRef, Chain},
    registry::HistoryError,
};

/// How many blocks are fetched ahead while a follower catches up.
const BLOCKS_AHEAD: usize = 8;
/// The pause before a block is asked for again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// What `fetch` gives for each finalized block from number `from` on, in order, and then for each new one. It goes on when the
/// connection is lost and comes back, and fetches what was missed. It ends after an error: what follows could be a gap.
pub(crate) fn blocks<T, Fetch, Fetched>(
    chain: &Chain,
    from: u32,
    fetch: Fetch,
) -> impl Stream<Item = Result<T, HistoryError>> + Send + use<T, Fetch, Fetched>
where
    T: Send,
    Fetch: Fn(BlockRef) -> Fetched + Clone + Send + Sync,
    Fetched: Future<Output = Result<T, HistoryError>> + Send,
{
    let blocks = chain.finalized_blocks(from).map_err(HistoryError::Chain);
    let chain = chain.clone();
    let fetched = blocks.map(move |block| {
        let (chain, fetch) = (chain.clone(), fetch.clone());
        async move { persist(&chain, block?, fetch).await }
    });
    fetched.buffered(BLOCKS_AHEAD).scan(false, |is_over, item| {
        let next = (!*is_over).then_some(item);
        *is_over = matches!(next, Some(Err(_)));
        futures::future::ready(next)
    })
}

/// Each of what `fetch` gives for each finalized block: as [`blocks`].
pub(crate) fn events<T, Fetch, Fetched>(
    chain: &Chain,
    from: u32,
    fetch: Fetch,
) -> impl Stream<Item = Result<T, HistoryError>> + Send + use<T, Fetch, Fetched>
where
    T: Send,
    Fetch: Fn(BlockRef) -> Fetched + Clone + Send + Sync,
    Fetched: Future<Output = Result<Vec<T>, HistoryError>> + Send,
{
    blocks(chain, from, fetch).map_ok(|events| stream::iter(events).map(Ok)).try_flatten()
}

async fn persist<T, Fetched>(
    chain: &Chain,
    block: BlockRef,
    fetch: impl Fn(BlockRef) -> Fetched,
) -> Result<T, HistoryError>
where
    Fetched: Future<Output = Result<T, HistoryError>>,
{
    loop {
        let fetched = match fetch(block).await {
            // The node named this block just now: if it has another in its place, it has not discarded it.
            Err(pruned @ HistoryError::Pruned { .. }) => {
                chain.ensure_still_has(block).await.map_err(HistoryError::Chain).and(Err(pruned))
            }
            other => other,
        };
        match fetched {
            Err(error) if error.is_unreachable() => {
                tracing::warn!(%error, block = block.number, "following a contract");
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
            other => return other,
        }
    }
}
