//! Service clients and their secrets in SQLite.

use marque_sdk::primitives::DeviceId;
use sqlx::Row;

use super::{SqliteStore, StoreError};
use crate::client::{ACTIVE_SECRETS_MAX, ServiceClient};

impl SqliteStore {
    pub(super) async fn select_client(&self, id: &str) -> Result<Option<ServiceClient>, StoreError> {
        let client = sqlx::query("SELECT device FROM clients WHERE id = ?").bind(id);
        let Some(client) = client.fetch_optional(&self.pool).await? else { return Ok(None) };
        let secrets = sqlx::query("SELECT mac FROM client_secrets WHERE client = ? AND is_active = 1 ORDER BY id");
        let secrets = secrets.bind(id).fetch_all(&self.pool).await?;
        let secrets = secrets.iter().map(|row| bytes(row.try_get("mac")?)).collect::<Result<_, StoreError>>()?;
        Ok(Some(ServiceClient { id: id.to_owned(), device: DeviceId(bytes(client.try_get("device")?)?), secrets }))
    }

    pub(super) async fn insert_client(&self, id: &str, device: DeviceId) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO clients (id, device) VALUES (?, ?)").bind(id).bind(&device.0[..]);
        insert.execute(&self.pool).await?;
        Ok(())
    }

    pub(super) async fn insert_secret(&self, client: &str, secret: &str, mac: [u8; 32]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let known = sqlx::query("SELECT 1 FROM clients WHERE id = ?").bind(client);
        let is_known = known.fetch_optional(&mut *transaction).await?.is_some();
        let active = sqlx::query("SELECT 1 FROM client_secrets WHERE client = ? AND is_active = 1").bind(client);
        let active = active.fetch_all(&mut *transaction).await?.len();
        if !is_known || active >= ACTIVE_SECRETS_MAX {
            return Err(StoreError::NotAllowed);
        }
        let insert = sqlx::query("INSERT INTO client_secrets (id, client, mac, is_active) VALUES (?, ?, ?, 1)");
        insert.bind(secret).bind(client).bind(&mac[..]).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Runs a statement that changes one secret of a client.
    pub(super) async fn change_secret(
        &self,
        statement: &'static str,
        client: &str,
        secret: &str,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query(statement).bind(client).bind(secret).execute(&self.pool).await?;
        if changed.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotAllowed) }
    }
}

fn bytes(read: Vec<u8>) -> Result<[u8; 32], StoreError> {
    read.try_into().map_err(|_| StoreError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn two_secrets_count_at_once_and_one_is_deactivated_before_it_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap();
        let refused = |result| matches!(result, Err(StoreError::NotAllowed));
        let secrets = async || store.client("0oa1").await.unwrap().unwrap().secrets;

        assert!(refused(store.add_secret("0oa1", "s1", [1; 32]).await), "there is no such client");
        assert_eq!(store.client("0oa1").await.unwrap(), None);
        store.add_client("0oa1", DeviceId([7; 32])).await.unwrap();
        assert_eq!(store.client("0oa1").await.unwrap().unwrap().device, DeviceId([7; 32]));
        store.add_secret("0oa1", "s1", [1; 32]).await.unwrap();
        store.add_secret("0oa1", "s2", [2; 32]).await.unwrap();
        assert!(refused(store.add_secret("0oa1", "s3", [3; 32]).await), "two count");
        assert_eq!(secrets().await, [[1; 32], [2; 32]]);

        assert!(refused(store.delete_secret("0oa1", "s1").await), "it still counts");
        assert!(refused(store.deactivate_secret("0oa2", "s1").await), "another client's");
        store.deactivate_secret("0oa1", "s1").await.unwrap();
        assert!(refused(store.deactivate_secret("0oa1", "s1").await), "it counts no more already");
        assert_eq!(secrets().await, [[2; 32]]);
        store.add_secret("0oa1", "s3", [3; 32]).await.unwrap();
        store.delete_secret("0oa1", "s1").await.unwrap();
        assert_eq!(secrets().await, [[2; 32], [3; 32]]);
    }

    #[tokio::test]
    async fn a_revoked_token_is_known_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap();
        store.revoke_token([1; 32], 1000, 0).await.unwrap();
        store.revoke_token([1; 32], 1000, 0).await.unwrap();
        assert!(store.is_token_revoked([1; 32]).await.unwrap());
        assert!(!store.is_token_revoked([2; 32]).await.unwrap());
        store.revoke_token([2; 32], 2000, 1000).await.unwrap();
        assert!(!store.is_token_revoked([1; 32]).await.unwrap(), "it has expired by itself");
    }
}
