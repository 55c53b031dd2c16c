//! Where a gateway keeps its state.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use marque_gateway::{
    PostgresStore, SqliteStore, Store, StoreError,
    limit::{Counters, MemoryCounters},
};
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, Kind, Outcome},
    files, shown,
};

/// The database in the folder.
const FILE: &str = "gateway.db";
/// The environment variable with the URL of a PostgreSQL database, which has a password.
const VARIABLE: &str = "MARQUE_GATEWAY_DATABASE";

/// Where the state is kept.
#[derive(clap::Args, Debug)]
pub struct StorageArgs {
    /// The folder of the state, in SQLite, for one gateway alone; else the PostgreSQL database, for several, whose URL
    /// MARQUE_GATEWAY_DATABASE has
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// What keeps the state.
pub enum Storage {
    /// One gateway's.
    Folder(Arc<SqliteStore>),
    /// What several share.
    Database(Arc<PostgresStore>),
}

impl StorageArgs {
    /// Opens the state, which is made if there is none.
    ///
    /// # Errors
    /// When it can't be opened, or none is named.
    pub async fn open(&self) -> Outcome<Storage> {
        if let Some(folder) = &self.data {
            return open_folder(folder).await;
        }
        match std::env::var(VARIABLE).map(Zeroizing::new) {
            Ok(url) => connect(&url).await,
            Err(_) => Err(Failure::usage("where is the state to be kept? Nothing is said of that")
                .hint("name a folder with --data, or set MARQUE_GATEWAY_DATABASE to the URL of a PostgreSQL database")),
        }
    }
}

async fn open_folder(folder: &Path) -> Outcome<Storage> {
    shown::ensure_path("--data", folder)?;
    files::create_private_folder(folder).map_err(|error| Failure::file("make", folder, &error))?;
    let path = folder.join(FILE);
    let store = SqliteStore::open(&path).await;
    let store = store.map_err(|error| Failure::local(format!("cannot open {}: {error}", path.display())))?;
    Ok(Storage::Folder(Arc::new(store)))
}

/// Neither the URL nor what is wrong with it is repeated: it has a password.
async fn connect(url: &str) -> Outcome<Storage> {
    let store = PostgresStore::connect(url).await.map_err(|error| match error {
        StoreError::Url => Failure::usage("MARQUE_GATEWAY_DATABASE is not the URL of a PostgreSQL database")
            .hint("set it to one such as postgres://user:password@database.example/marque"),
        other => Failure::new(Kind::Unreachable, format!("the database can't be used: {other}")),
    })?;
    Ok(Storage::Database(Arc::new(store)))
}

impl Storage {
    /// The store, and what counts requests: of all gateways that share it.
    pub fn parts(&self) -> (Arc<dyn Store>, Arc<dyn Counters>) {
        match self {
            Self::Folder(store) => (store.clone(), Arc::new(MemoryCounters::default())),
            Self::Database(store) => (store.clone(), store.clone()),
        }
    }

    /// Closes it, once what is under way has ended.
    pub async fn close(&self) {
        match self {
            Self::Folder(store) => store.close().await,
            Self::Database(store) => store.close().await,
        }
    }
}
