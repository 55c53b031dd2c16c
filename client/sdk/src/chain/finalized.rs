//! The stream of finalized blocks.

use std::time::Duration;

use futures::{Stream, stream};
use marque_primitives::Hash;
use subxt::rpcs::client::{RpcSubscription, rpc_params};

use super::{BlockRef, Chain, ChainError, blocks::Header};

/// The longest pause before a follower asks again.
const RETRY_INTERVAL_MAX: Duration = Duration::from_secs(1);

impl Chain {
    /// The finalized blocks from number `from` on, each once and in order, and then each new one as it is finalized. It
    /// goes on when the connection is lost and comes back, and fetches what was missed.
    ///
    /// It ends after an error: [`ChainError::Replaced`] when the chain is not the one from before, be it longer or shorter. Of a
    /// replacement that has no block yet but a genesis block like the one before, that shows with its first.
    pub fn finalized_blocks(&self, from: u32) -> impl Stream<Item = Result<BlockRef, ChainError>> + Send + use<> {
        let follower = Follower { chain: self.clone(), next: from, head: None, first: None, last: None, heads: None };
        stream::try_unfold(follower, |mut follower| async move {
            let block = follower.advance().await?;
            Ok(Some((block, follower)))
        })
    }

    /// Checks that a block is where it was.
    ///
    /// # Errors
    /// [`ChainError::Replaced`] when another, or none, is in its place; others when the chain can't be read.
    pub(crate) async fn ensure_still_has(&self, block: BlockRef) -> Result<(), ChainError> {
        match self.block_hash(block.number).await {
            Ok(hash) if hash == block.hash => Ok(()),
            Ok(_) | Err(ChainError::BlockNotFound { .. }) => Err(self.replaced(block.number)),
            Err(error) => Err(error),
        }
    }

    fn replaced(&self, number: u32) -> ChainError {
        ChainError::Replaced { url: self.url().to_owned(), number }
    }
}

/// Where a stream of finalized blocks is.
struct Follower {
    chain: Chain,
    next: u32,
    /// The finalized head that is known.
    head: Option<u32>,
    /// The hash of block 1. By it chains that begin alike are told apart, as development chains do.
    first: Option<Hash>,
    /// The block that was given out last.
    last: Option<BlockRef>,
    heads: Option<RpcSubscription<Header>>,
}

impl Follower {
    async fn advance(&mut self) -> Result<BlockRef, ChainError> {
        loop {
            match self.try_advance().await {
                // A block was named over one connection and asked for over the next, whose node is behind the other, or on another
                // chain: the next look at its head tells.
                Err(error) if error.is_not_found() => {
                    self.listen().await;
                    self.head = None;
                }
                other => return other,
            }
        }
    }

    /// The next block, which must follow the last one.
    async fn try_advance(&mut self) -> Result<BlockRef, ChainError> {
        while self.head.is_none_or(|head| head < self.next) {
            self.wait().await?;
        }
        let number = self.next;
        let hash = persist(&self.chain, |chain| async move { chain.block_hash(number).await }).await?;
        if let Some(last) = self.last {
            let header = persist(&self.chain, |chain| async move { chain.header(&hash).await }).await?;
            if header.parent()? != last.hash {
                return Err(self.chain.replaced(last.number));
            }
        }
        let block = BlockRef { number, hash };
        self.last = Some(block);
        self.next = number.saturating_add(1);
        Ok(block)
    }

    /// Waits for news of the finalized head: from the subscription, or by asking when it is silent or broken.
    async fn wait(&mut self) -> Result<(), ChainError> {
        if self.head.is_some() {
            self.listen().await;
        }
        let finalized = persist(&self.chain, |chain| async move { chain.finalized().await }).await?;
        // A new block shows by its parent whether it is of the same chain. A head that is not new, or comes over a new connection,
        // may be of another one, on which the next block may never come.
        if self.heads.is_none() || self.first.is_none() || finalized.number < self.next {
            self.ensure_same(finalized).await?;
        }
        self.head = Some(finalized.number);
        Ok(())
    }

    /// Checks that the chain with this finalized head is the one that was followed, as far as it goes.
    async fn ensure_same(&mut self, finalized: BlockRef) -> Result<(), ChainError> {
        if self.last == Some(finalized) {
            return Ok(());
        }
        let genesis = BlockRef { number: 0, hash: self.chain.genesis_hash() };
        let first = self.first.map(|hash| BlockRef { number: 1, hash });
        for known in [Some(genesis), first, self.last].into_iter().flatten() {
            if known.number <= finalized.number {
                persist(&self.chain, |chain| async move { chain.ensure_still_has(known).await }).await?;
            }
        }
        if self.first.is_none() && finalized.number > 0 {
            self.first = Some(persist(&self.chain, |chain| async move { chain.block_hash(1).await }).await?);
        }
        Ok(())
    }

    async fn listen(&mut self) {
        let interval = self.chain.config().poll_interval;
        if self.heads.is_none() {
            let (method, end) = ("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads");
            match self.chain.rpc().subscribe(method, rpc_params![], end).await {
                // A head may have been finalized before the subscription began: it is asked for now.
                Ok(heads) => self.heads = Some(heads),
                Err(_) => tokio::time::sleep(interval).await,
            }
            return;
        }
        let Some(heads) = &mut self.heads else { return };
        match tokio::time::timeout(interval, heads.next()).await {
            Ok(Some(Ok(_))) | Err(_) => {}
            Ok(Some(Err(_)) | None) => self.heads = None,
        }
    }
}

/// Asks until the node answers: a follower outlives its node's restarts.
async fn persist<T, F>(chain: &Chain, ask: impl Fn(Chain) -> F) -> Result<T, ChainError>
where
    F: Future<Output = Result<T, ChainError>>,
{
    loop {
        match ask(chain.clone()).await {
            Err(error) if error.is_unreachable() => {
                tracing::warn!(%error, "following finalized blocks");
                tokio::time::sleep(chain.config().poll_interval.min(RETRY_INTERVAL_MAX)).await;
            }
            other => return other,
        }
    }
}
