//! Blocks: heads, hashes, headers and bodies.

use marque_primitives::Hash;
use serde::Deserialize;
use subxt::rpcs::client::rpc_params;

use super::{Chain, ChainError, wire};

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

    pub(super) fn parent(&self) -> Result<Hash, ChainError> {
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

    pub(super) async fn header(&self, hash: &Hash) -> Result<Header, ChainError> {
        let text = wire::hex(hash);
        let header: Option<Header> = self.rpc().read("chain_getHeader", || rpc_params![&text]).await?;
        header.ok_or(ChainError::BlockNotFound { block: text })
    }
}
