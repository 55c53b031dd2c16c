//! Writes.

use marque_primitives::{
    Hash,
    access::{AccessChange, AccessError, AccessLogEntry, AccessOperation, IssuerId, NewIssuerKey},
    bounds,
};
use parity_scale_codec::Encode;

use super::{Access, follow, messages};
use crate::{
    chain::{At, CallError, Receipt},
    ink,
    signer::Signer,
};

impl Access {
    /// Registers an authorization server, which is the signer's, and says which number it got.
    ///
    /// # Errors
    /// [`CallError::AccessRefused`] with what the contract says, mostly before anything was submitted or paid;
    /// [`CallError::CannotPay`]; others when the transaction did not get through.
    pub async fn register_issuer(
        &self,
        signer: &dyn Signer,
        url: &str,
        keys: &[NewIssuerKey],
    ) -> Result<(IssuerId, Receipt), CallError> {
        const MESSAGE: &str = "register_issuer";
        let receipt = self.write(MESSAGE, signer, 0, &(messages::REGISTER_ISSUER, url, keys).encode()).await?;
        for event in &receipt.events {
            let changed = follow::issuer_changed(&self.contract, event).transpose();
            let changed = changed.map_err(|error| CallError::undecodable(MESSAGE, error))?;
            if let Some((issuer, AccessLogEntry { change: AccessChange::Registered { .. }, .. })) = changed {
                return Ok((issuer, receipt));
            }
        }
        Err(CallError::undecodable(MESSAGE, "no event says which number the authorization server got"))
    }

    /// Carries out an operation on an authorization server in the signer's name.
    ///
    /// # Errors
    /// Those of [`register_issuer`](Self::register_issuer).
    pub async fn execute(
        &self,
        signer: &dyn Signer,
        issuer: IssuerId,
        operation: AccessOperation,
    ) -> Result<Receipt, CallError> {
        self.write("execute", signer, 0, &(messages::EXECUTE, issuer, operation).encode()).await
    }

    /// Takes away the entry of a revoked token that has expired. Whoever does so pays the contract's price, which goes to who
    /// revoked the token, and gets the entry's deposit from the chain.
    ///
    /// # Errors
    /// Those of [`register_issuer`](Self::register_issuer).
    pub async fn reclaim(&self, signer: &dyn Signer, issuer: IssuerId, token: Hash) -> Result<Receipt, CallError> {
        let price = self.info_at(At::Best).await?.reclaim_price;
        self.write("reclaim", signer, price, &(messages::RECLAIM, issuer, token).encode()).await
    }

    async fn write(&self, message: &str, signer: &dyn Signer, value: u128, data: &[u8]) -> Result<Receipt, CallError> {
        // The contract would trap, and so could not say why.
        if data.len() > bounds::CALL_BYTES_MAX {
            return Err(AccessError::TooLarge.into());
        }
        let called = self.chain().call_paying(signer, &self.contract, value, data).await;
        called.map_err(|error| ink::refused::<AccessError>(message, error))
    }
}
