//! Reads: at the last finalized block, unless another is named.

use marque_primitives::{
    AccountId, Device, DeviceId, DeviceStatus, KeyStatus, RegistryInfo, Relationships, Signature, bounds,
};
use parity_scale_codec::{Decode, Encode};

use super::{Registry, messages};
use crate::chain::{At, CallError};

impl Registry {
    /// All that is known of a device; `None` if it was never registered.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn device(&self, device: DeviceId) -> Result<Option<Device>, CallError> {
        self.device_at(device, At::Finalized).await
    }

    /// All that was known of a device at a block.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked; the state of an old block may be discarded.
    pub async fn device_at(&self, device: DeviceId, at: At) -> Result<Option<Device>, CallError> {
        self.ask("device", (messages::DEVICE, device), at).await
    }

    /// Status and epoch of a device; `None` if it was never registered.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn status(&self, device: DeviceId) -> Result<Option<DeviceStatus>, CallError> {
        self.ask("status", (messages::STATUS, device), At::Finalized).await
    }

    /// Status and epoch of a device at a block, and whether `account` is that of a current key of it with all of `relationships`; `None` if
    /// it was never registered.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked; the state of an old block may be discarded.
    pub async fn key_status_at(
        &self,
        device: DeviceId,
        account: &AccountId,
        relationships: Relationships,
        at: At,
    ) -> Result<Option<KeyStatus>, CallError> {
        self.ask("key_status", (messages::KEY_STATUS, device, account, relationships), at).await
    }

    /// Status and epoch of any number of devices, in order, all at one block.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn statuses(&self, devices: &[DeviceId]) -> Result<Vec<Option<DeviceStatus>>, CallError> {
        let at = At::Block(self.chain.finalized().await?.hash);
        let mut all = Vec::with_capacity(devices.len());
        for page in devices.chunks(bounds::PAGE_MAX) {
            let data = self.chain.read(&self.contract, &(messages::STATUSES, page).encode(), at).await?;
            let statuses: Vec<Option<DeviceStatus>> = messages::accepted("statuses", &data)?;
            if statuses.len() != page.len() {
                return Err(CallError::undecodable("statuses", "there is not one for each device"));
            }
            all.extend(statuses);
        }
        Ok(all)
    }

    /// What the registry says of itself.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn info(&self) -> Result<RegistryInfo, CallError> {
        self.info_at(At::Finalized).await
    }

    pub(super) async fn info_at(&self, at: At) -> Result<RegistryInfo, CallError> {
        self.ask("info", messages::INFO, at).await
    }

    /// Has the contract check that `message` was signed by a current key of an active device that has all of `relationships`.
    ///
    /// # Errors
    /// [`CallError::Refused`] with `TooLarge` (over 8192 bytes), `NotFound`, `Revoked`, `Suspended`, `KeyNotFound` or
    /// `InvalidSignature`; others when the contract can't be asked.
    pub async fn verify_signature(
        &self,
        device: DeviceId,
        relationships: Relationships,
        signer: &AccountId,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), CallError> {
        let data = (messages::VERIFY_SIGNATURE, device, relationships, signer, message, signature).encode();
        let read = self.chain.read(&self.contract, &data, At::Finalized).await;
        let data = read.map_err(|error| messages::refused("verify_signature", error))?;
        messages::accepted("verify_signature", &data)
    }

    async fn ask<T: Decode>(&self, message: &str, call: impl Encode, at: At) -> Result<T, CallError> {
        messages::returned(message, &self.chain.read(&self.contract, &call.encode(), at).await?)
    }
}
