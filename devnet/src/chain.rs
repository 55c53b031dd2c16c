//! The chain as its readers see it: blocks, states and news of new blocks.

use std::sync::{Arc, PoisonError, RwLock};

use contracts_node_runtime::opaque::Header;
use sp_core::H256;
use sp_state_machine::TrieBackendBuilder;
use tokio::sync::broadcast;

use crate::error::StoreError;
use crate::runtime::{Backend, NewNodes};
use crate::store::{Block, Store};

/// Blocks that a subscriber may fall behind before it is dropped.
const NEWS_MAX: usize = 512;

/// What a block changed in the main state: values by key, `None` where one was removed.
pub(crate) type Changes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// A new block, told after it is stored. It is final.
pub(crate) struct News {
    pub(crate) hash: H256,
    pub(crate) header: Header,
    pub(crate) changes: Changes,
}

/// The newest block.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) hash: H256,
    pub(crate) header: Header,
}

/// Why a block or state cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChainError {
    #[error("UnknownBlock: Header was not found in the database: {0:?}")]
    UnknownBlock(H256),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One state, and the block that left it.
pub(crate) struct StateAt {
    pub(crate) hash: H256,
    pub(crate) header: Header,
    pub(crate) backend: Backend,
}

/// The chain, shared by the author (who alone appends) and all readers.
pub(crate) struct Chain {
    store: Store,
    head: RwLock<Arc<Head>>,
    news: broadcast::Sender<Arc<News>>,
}

impl Chain {
    /// The chain in `store`.
    pub(crate) fn new(store: Store) -> Result<Self, StoreError> {
        let Block { hash, header, .. } = store.head()?;
        let (news, _) = broadcast::channel(NEWS_MAX);
        Ok(Self { store, head: RwLock::new(Arc::new(Head { hash, header })), news })
    }

    /// The newest block, which is final.
    pub(crate) fn head(&self) -> Arc<Head> {
        self.head.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// News of each block appended from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<News>> {
        self.news.subscribe()
    }

    /// Stores a block durably, then makes it the head. Tell of it with [`Chain::announce`].
    pub(crate) fn append(&self, block: &Block, nodes: &NewNodes) -> Result<(), StoreError> {
        self.store.commit(block, nodes)?;
        let head = Head { hash: block.hash, header: block.header.clone() };
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(head);
        Ok(())
    }

    /// Tells subscribers of an appended block.
    pub(crate) fn announce(&self, news: News) {
        // Nobody may be listening.
        let _ = self.news.send(Arc::new(news));
    }

    /// The block with this hash.
    pub(crate) fn block(&self, hash: H256) -> Result<Option<Block>, StoreError> {
        match self.store.number_of(hash)? {
            Some(number) => self.store.block_at(number),
            None => Ok(None),
        }
    }

    /// The block of this height.
    pub(crate) fn block_at(&self, number: u32) -> Result<Option<Block>, StoreError> {
        self.store.block_at(number)
    }

    /// The state that a block left; that of the newest one without a hash.
    pub(crate) fn state(&self, at: Option<H256>) -> Result<StateAt, ChainError> {
        let head = self.head();
        let (hash, header) = match at {
            Some(hash) if hash != head.hash => {
                let block = self.block(hash)?.ok_or(ChainError::UnknownBlock(hash))?;
                (hash, block.header)
            }
            _ => (head.hash, head.header.clone()),
        };
        let backend = TrieBackendBuilder::new(self.store.nodes()?, header.state_root).build();
        Ok(StateAt { hash, header, backend })
    }

    /// Closes the archive and releases its file.
    pub(crate) fn close(&self) {
        self.store.close();
    }
}
