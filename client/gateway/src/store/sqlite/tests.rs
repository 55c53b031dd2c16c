use super::*;
use crate::store::conformance::{Place, conformance};

struct Folder(tempfile::TempDir);

impl Folder {
    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("gateway.db")
    }
}

impl Place for Folder {
    type Store = SqliteStore;

    async fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.file()).await.unwrap()
    }

    async fn close(store: &SqliteStore) {
        store.close().await;
    }

    async fn tamper(&self, statement: &str) {
        let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(self.file())).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

conformance!(Folder);

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new().await;
    let store = folder.open().await;
    store.commit(Step::default()).await.unwrap();
    let modes =
        std::fs::read_dir(folder.0.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().permissions().mode());
    let modes: Vec<u32> = modes.map(|mode| mode & 0o777).collect();
    assert!(modes.len() > 1 && modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
}
