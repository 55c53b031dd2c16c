//! What has happened on the chain, and what happens.

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use marque_sdk::{Access, BlockRef, Chain, HistoryError, Registry, access::AnyEvent};

/// Blocks that are fetched ahead.
const BLOCKS_AHEAD: usize = 8;

/// Events in the order of the chain.
pub type Events = BoxStream<'static, Result<AnyEvent, HistoryError>>;

/// The contracts whose events are wanted.
#[derive(Clone)]
pub enum Source {
    /// The registry alone: no access contract is known.
    Registry(Registry),
    /// The access contract and its registry.
    Both(Access),
}

impl Source {
    /// What is in the blocks from one to another.
    pub fn past(&self, from: u32, to: u32) -> Events {
        let source = self.clone();
        let blocks = stream::iter(from..=to).map(move |number| {
            let source = source.clone();
            async move {
                let hash = source.chain().block_hash(number).await?;
                source.events_in(BlockRef { number, hash }).await
            }
        });
        blocks.buffered(BLOCKS_AHEAD).map_ok(|events| stream::iter(events).map(Ok)).try_flatten().boxed()
    }

    /// What is in the blocks from one on, and in each new one.
    pub fn follow(&self, from: u32) -> Events {
        match self {
            Self::Registry(registry) => registry.events(from).map_ok(AnyEvent::Registry).boxed(),
            Self::Both(access) => access.all_events(from).boxed(),
        }
    }

    const fn chain(&self) -> &Chain {
        match self {
            Self::Registry(registry) => registry.chain(),
            Self::Both(access) => access.chain(),
        }
    }

    async fn events_in(&self, block: BlockRef) -> Result<Vec<AnyEvent>, HistoryError> {
        match self {
            Self::Registry(registry) => {
                Ok(registry.events_in(block).await?.into_iter().map(AnyEvent::Registry).collect())
            }
            Self::Both(access) => access.all_events_in(block).await,
        }
    }
}
