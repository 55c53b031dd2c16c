//! Service clients: what can't sign, and acts for a device on the chain with a secret.

use std::fmt;

use marque_sdk::primitives::DeviceId;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    OAuthError, StoreError,
    authenticate::Trail,
    client::generate_secret,
    gateway::Gateway,
    log::{Caller, EventType},
    random,
};

/// A secret that was just made: it is shown this once.
pub struct NewSecret {
    /// What it is called, to deactivate and delete it by.
    pub id: String,
    /// The secret.
    pub secret: Zeroizing<String>,
}

impl fmt::Debug for NewSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewSecret({})", self.id)
    }
}

/// Why a client or a secret was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceClientError {
    /// It could not be kept, or may not be changed so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
    /// The change was made, and could not be written to the log.
    #[error("the change was made, but could not be written to the log")]
    NotLogged,
}

impl Gateway {
    /// Registers a client that acts for a device, and says its id. It has no secret yet.
    ///
    /// # Errors
    /// [`ServiceClientError::NoRandomness`], [`ServiceClientError::Store`].
    pub async fn register_client(&self, device: DeviceId) -> Result<String, ServiceClientError> {
        let id = random::client_id(&*self.parts.random).ok_or(ServiceClientError::NoRandomness)?;
        self.parts.store.add_client(&id, device).await?;
        Ok(id)
    }

    /// Makes a secret for a client, of which two may count at once.
    ///
    /// # Errors
    /// [`ServiceClientError`]; [`StoreError::NotAllowed`] where there is no such client, or two secrets count already.
    pub async fn create_secret(&self, client: &str) -> Result<NewSecret, ServiceClientError> {
        let random = &*self.parts.random;
        let secret = generate_secret(random).ok_or(ServiceClientError::NoRandomness)?;
        let id = random::uuid(random).ok_or(ServiceClientError::NoRandomness)?;
        let mac = self.parts.master_key.mac(client, &secret).ok_or(ServiceClientError::NoRandomness)?;
        self.parts.store.add_secret(client, &id, mac).await?;
        self.log_secret(EventType::SecretCreated, client, &id).await?;
        Ok(NewSecret { id, secret })
    }

    /// Lets a secret count no more.
    ///
    /// # Errors
    /// [`ServiceClientError`]; [`StoreError::NotAllowed`] where there is no such secret that counts.
    pub async fn deactivate_secret(&self, client: &str, secret_id: &str) -> Result<(), ServiceClientError> {
        self.parts.store.deactivate_secret(client, secret_id).await?;
        self.log_secret(EventType::SecretDeactivated, client, secret_id).await
    }

    /// Deletes a secret that counts no more.
    ///
    /// # Errors
    /// [`ServiceClientError`]; [`StoreError::NotAllowed`] where there is no such secret, or it still counts.
    pub async fn delete_secret(&self, client: &str, secret_id: &str) -> Result<(), ServiceClientError> {
        self.parts.store.delete_secret(client, secret_id).await?;
        self.log_secret(EventType::SecretDeleted, client, secret_id).await
    }

    async fn log_secret(&self, event: EventType, client: &str, secret_id: &str) -> Result<(), ServiceClientError> {
        let details = json!({ "clientSecretId": secret_id }).as_object().cloned().unwrap_or_default();
        let trail = Trail { client_id: Some(client.to_owned()), token_id: None, details };
        let logged = self.write_down(event, None, &Caller::default(), trail, None).await;
        logged.map_err(|_: OAuthError| ServiceClientError::NotLogged)
    }
}
