//! Where a gateway keeps its state.

use std::{path::PathBuf, sync::Arc};

use marque_gateway::{SqliteStore, Store};

use crate::{
    failure::{Failure, Outcome},
    files, shown,
};

/// The database in the folder.
const FILE: &str = "gateway.db";

/// Where the state is kept.
#[derive(clap::Args, Debug)]
pub struct StorageArgs {
    /// The folder of the state, in SQLite, for one gateway alone
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
}

/// What keeps the state.
pub struct Storage(Arc<SqliteStore>);

impl StorageArgs {
    /// Opens the state, which is made if there is none.
    ///
    /// # Errors
    /// When it can't be opened.
    pub async fn open(&self) -> Outcome<Storage> {
        shown::ensure_path("--data", &self.data)?;
        files::create_private_folder(&self.data).map_err(|error| Failure::file("make", &self.data, &error))?;
        let path = self.data.join(FILE);
        let store = SqliteStore::open(&path).await;
        let store = store.map_err(|error| Failure::local(format!("cannot open {}: {error}", path.display())))?;
        Ok(Storage(Arc::new(store)))
    }
}

impl Storage {
    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    /// Closes it, once what is under way has ended.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
