//! The archive: each block, and each trie node of each state, in one embedded database.
//!
//! Trie nodes are kept by their hash and never deleted, so the state of any block can be read through its root, and
//! proofs come from the same nodes. A block is stored in one durable transaction, before anyone is told of it.

use std::path::Path;
use std::sync::{PoisonError, RwLock};

use contracts_node_runtime::opaque::Header;
use parity_scale_codec::{Decode, Encode};
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use sp_core::H256;
use sp_runtime::OpaqueExtrinsic;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::TrieBackendStorage;
use sp_trie::DBValue;

use crate::error::StoreError;
use crate::genesis::Genesis;
use crate::runtime::NewNodes;

/// The file in the data directory.
const FILE: &str = "chain.redb";
/// The layout of the tables below. Raise it when it changes.
const FORMAT: u32 = 1;
/// What the database may keep of its pages in memory.
const CACHE_BYTES_MAX: usize = 128 * 1024 * 1024;

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Number → SCALE of [`Block`].
const BLOCKS: TableDefinition<u32, &[u8]> = TableDefinition::new("blocks");
const NUMBERS: TableDefinition<&[u8; 32], u32> = TableDefinition::new("numbers");
const NODES: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("nodes");

/// A block as it is kept.
#[derive(Debug, Clone, Encode, Decode)]
pub(crate) struct Block {
    pub(crate) hash: H256,
    pub(crate) header: Header,
    pub(crate) body: Vec<OpaqueExtrinsic>,
}

/// The open archive.
pub(crate) struct Store {
    /// `None` once closed: connections that outlive the chain must not keep the file locked.
    database: RwLock<Option<Database>>,
}

impl Store {
    /// Opens the archive in `data_dir` (in memory without one), and starts it with `genesis` if it is new.
    pub(crate) fn open(data_dir: Option<&Path>, genesis: &Genesis) -> Result<Self, StoreError> {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES_MAX);
        let database = match data_dir {
            Some(dir) => {
                std::fs::create_dir_all(dir)?;
                builder.create(dir.join(FILE))?
            }
            None => builder.create_with_backend(redb::backends::InMemoryBackend::new())?,
        };
        let store = Self { database: RwLock::new(Some(database)) };
        match store.format()? {
            None => store.initialise(genesis)?,
            Some(FORMAT) => store.check(genesis)?,
            Some(found) => {
                return Err(StoreError::Format { found, expected: FORMAT });
            }
        }
        Ok(store)
    }

    /// Closes the archive. Later reads and writes answer [`StoreError::Closed`].
    pub(crate) fn close(&self) {
        self.database.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Adds a block and the trie nodes of its state, durably, all or nothing.
    pub(crate) fn commit(&self, block: &Block, nodes: &NewNodes) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.open_table(BLOCKS)?.insert(block.header.number, &block.encode()[..])?;
            transaction.open_table(NUMBERS)?.insert(&block.hash.0, block.header.number)?;
            let mut table = transaction.open_table(NODES)?;
            for (hash, node) in nodes {
                table.insert(&hash.0, &node[..])?;
            }
            Ok(())
        })
    }

    /// The newest block.
    pub(crate) fn head(&self) -> Result<Block, StoreError> {
        self.read(|transaction| {
            let table = transaction.open_table(BLOCKS)?;
            let (_, bytes) = table.last()?.ok_or(StoreError::Corrupt("it holds no block"))?;
            decode_block(bytes.value())
        })
    }

    /// The block of this height.
    pub(crate) fn block_at(&self, number: u32) -> Result<Option<Block>, StoreError> {
        self.read(|transaction| {
            let bytes = transaction.open_table(BLOCKS)?.get(number)?;
            bytes.map(|bytes| decode_block(bytes.value())).transpose()
        })
    }

    /// The height of the block with this hash.
    pub(crate) fn number_of(&self, hash: H256) -> Result<Option<u32>, StoreError> {
        self.read(|transaction| Ok(transaction.open_table(NUMBERS)?.get(&hash.0)?.map(|number| number.value())))
    }

    /// The trie nodes as of the newest block.
    pub(crate) fn nodes(&self) -> Result<Nodes, StoreError> {
        self.read(|transaction| Ok(Nodes(transaction.open_table(NODES)?)))
    }

    fn format(&self) -> Result<Option<u32>, StoreError> {
        // A new database has no tables yet; opening one for writing creates it.
        self.write(|transaction| {
            let table = transaction.open_table(META)?;
            let bytes = table.get("format")?;
            let Some(bytes) = bytes else { return Ok(None) };
            let format = u32::decode(&mut bytes.value());
            format.map(Some).map_err(|_| StoreError::Corrupt("its format is unreadable"))
        })
    }

    fn initialise(&self, genesis: &Genesis) -> Result<(), StoreError> {
        let hash = genesis.header.hash();
        let block = Block { hash, header: genesis.header.clone(), body: Vec::new() };
        self.commit(&block, &genesis.nodes)?;
        // Written last: a start that is cut short in between begins again.
        self.write(|transaction| {
            transaction.open_table(META)?.insert("format", &FORMAT.encode()[..])?;
            Ok(())
        })
    }

    /// Checks that an existing archive belongs to this genesis and holds its newest state.
    fn check(&self, genesis: &Genesis) -> Result<(), StoreError> {
        let expected = genesis.header.hash();
        let first = self.block_at(0)?.ok_or(StoreError::Corrupt("it holds no genesis block"))?;
        if first.hash != expected {
            return Err(StoreError::Genesis { found: first.hash, expected });
        }
        let root = self.head()?.header.state_root;
        match self.nodes()?.get(&root, sp_trie::EMPTY_PREFIX) {
            Ok(Some(_)) => Ok(()),
            _ => Err(StoreError::Corrupt("the state of its newest block is missing")),
        }
    }

    fn read<T>(&self, work: impl FnOnce(&redb::ReadTransaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = guard.as_ref().ok_or(StoreError::Closed)?;
        work(&database.begin_read()?)
    }

    fn write<T>(&self, work: impl FnOnce(&redb::WriteTransaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = guard.as_ref().ok_or(StoreError::Closed)?;
        let mut transaction = database.begin_write()?;
        // Opening after a kill must not walk the whole archive.
        transaction.set_quick_repair(true);
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }
}

fn decode_block(mut bytes: &[u8]) -> Result<Block, StoreError> {
    Block::decode(&mut bytes).map_err(|_| StoreError::Corrupt("a block is unreadable"))
}

/// A consistent view of the trie nodes, for one execution.
pub(crate) struct Nodes(ReadOnlyTable<&'static [u8; 32], &'static [u8]>);

impl TrieBackendStorage<BlakeTwo256> for Nodes {
    fn get(&self, hash: &H256, _: (&[u8], Option<u8>)) -> Result<Option<DBValue>, String> {
        match self.0.get(&hash.0) {
            Ok(node) => Ok(node.map(|node| node.value().to_vec())),
            Err(error) => Err(error.to_string()),
        }
    }
}
