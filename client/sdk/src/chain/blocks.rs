//! Blocks: heads, hashes, and the stream of finalized blocks.

use std::time::Duration;

use futures::{Stream, stream};
use marque_primitives::Hash;
use serde::Deserialize;
use subxt::rpcs::client::{RpcSubscription, rpc_params};

use super::{Chain, ChainError, wire};

/// The longest pause before a follower asks again.
const RETRY_INTERVAL_MAX: Duration = Duration::from_secs(1);

/// A block.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlockRef {
    /// Its number.
    pub number: u32,
    /// Its hash.
    pub hash: Hash,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    number: String,
    parent_hash: String,
}

impl Header {
    fn number(&self) -> Result<u32, ChainError> {
        let digits = self.number.strip_prefix("0x").unwrap_or(&self.number);
        u32::from_str_radix(digits, 16).map_err(|error| ChainError::undecodable("header", error))
    }

    fn parent(&self) -> Result<Hash, ChainError> {
        wire::hash("header", &self.parent_hash)
    }
}

#[derive(Deserialize)]
struct SignedBlock {
    block: Body,
}

#[derive(Deserialize)]
struct Body {
    extrinsics: Vec<String>,
}

impl Chain {
    /// The last finalized block.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn finalized(&self) -> Result<BlockRef, ChainError> {
        let hash = self.finalized_hash().await?;
        Ok(BlockRef { number: self.header(&hash).await?.number()?, hash })
    }

    /// The head of the best chain, which can still change.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn best(&self) -> Result<BlockRef, ChainError> {
        let hash: String = self.rpc().read("chain_getBlockHash", || rpc_params![]).await?;
        let hash = wire::hash("chain_getBlockHash", &hash)?;
        Ok(BlockRef { number: self.header(&hash).await?.number()?, hash })
    }

    /// The hash of the block of this number on the best chain, which is the finalized one up to its head.
    ///
    /// # Errors
    /// [`ChainError::BlockNotFound`] when the chain is not that long; others when it can't be read.
    pub async fn block_hash(&self, number: u32) -> Result<Hash, ChainError> {
        let hash: Option<String> = self.rpc().read("chain_getBlockHash", || rpc_params![number]).await?;
        let hash = hash.ok_or_else(|| ChainError::BlockNotFound { block: number.to_string() })?;
        wire::hash("chain_getBlockHash", &hash)
    }

    /// The block of this hash.
    ///
    /// # Errors
    /// [`ChainError::BlockNotFound`]; others when the chain can't be read.
    pub async fn block(&self, hash: &Hash) -> Result<BlockRef, ChainError> {
        Ok(BlockRef { number: self.header(hash).await?.number()?, hash: *hash })
    }

    /// The finalized blocks from number `from` on, each once and in order, and then each new one as it is finalized. It
    /// goes on when the connection is lost and comes back, and fetches what was missed.
    ///
    /// It ends after an error: [`ChainError::Discontinuous`] when the chain is not the one from before.
    pub fn finalized_blocks(&self, from: u32) -> impl Stream<Item = Result<BlockRef, ChainError>> + Send + use<> {
        let follower = Follower { chain: self.clone(), next: from, head: None, last: None, heads: None };
        stream::try_unfold(follower, |mut follower| async move {
            let block = follower.advance().await?;
            Ok(Some((block, follower)))
        })
    }

    pub(super) async fn finalized_hash(&self) -> Result<Hash, ChainError> {
        let hash: String = self.rpc().read("chain_getFinalizedHead", || rpc_params![]).await?;
        wire::hash("chain_getFinalizedHead", &hash)
    }

    /// The extrinsics of a block.
    pub(super) async fn body(&self, hash: &Hash) -> Result<Vec<Vec<u8>>, ChainError> {
        let text = wire::hex(hash);
        let block: Option<SignedBlock> = self.rpc().read("chain_getBlock", || rpc_params![&text]).await?;
        let block = block.ok_or(ChainError::BlockNotFound { block: text })?.block;
        block.extrinsics.iter().map(|extrinsic| wire::bytes("chain_getBlock", extrinsic)).collect()
    }

    async fn header(&self, hash: &Hash) -> Result<Header, ChainError> {
        let text = wire::hex(hash);
        let header: Option<Header> = self.rpc().read("chain_getHeader", || rpc_params![&text]).await?;
        header.ok_or(ChainError::BlockNotFound { block: text })
    }
}

/// Where a stream of finalized blocks is.
struct Follower {
    chain: Chain,
    next: u32,
    /// The finalized head that is known.
    head: Option<u32>,
    last: Option<Hash>,
    heads: Option<RpcSubscription<Header>>,
}

impl Follower {
    async fn advance(&mut self) -> Result<BlockRef, ChainError> {
        while self.head.is_none_or(|head| head < self.next) {
            self.wait().await?;
        }
        let number = self.next;
        let hash = persist(&self.chain, |chain| async move { chain.block_hash(number).await }).await?;
        if let Some(last) = self.last {
            let header = persist(&self.chain, |chain| async move { chain.header(&hash).await }).await?;
            if header.parent()? != last {
                return Err(ChainError::Discontinuous { number });
            }
        }
        let block = BlockRef { number, hash };
        self.last = Some(hash);
        self.next = number.saturating_add(1);
        Ok(block)
    }

    /// Waits for news of the finalized head: from the subscription, or by asking when it is silent or broken.
    async fn wait(&mut self) -> Result<(), ChainError> {
        if self.head.is_some() {
            self.listen().await;
        }
        let finalized = persist(&self.chain, |chain| async move { chain.finalized().await }).await?;
        self.head = Some(finalized.number);
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
