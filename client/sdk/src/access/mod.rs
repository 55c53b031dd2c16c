//! The access contract: authorization servers, what they grant, and their tokens; one contract beside a registry, with every
//! message typed.

mod error;
mod explain;
mod follow;
mod messages;
mod read;
mod write;

use std::fmt;

use marque_primitives::AccountId;
use parity_scale_codec::Encode;

use crate::{
    bundle::{ACCESS_CONTROL, ED25519},
    chain::{At, CallError, Chain, Receipt, StoragePrices},
    registry::{Registry, random_salt},
    signer::Signer,
};

pub use error::AccessAttachError;
pub use explain::{explain, explain_token};
pub(crate) use follow::issuer_changed;
pub use follow::{AccessEvent, AnyEvent};

/// Bytes that the chain counts for the entry of a revoked token: whoever reclaims one gets the deposit for so many.
const REVOCATION_ENTRY_BYTES: u128 = 40;

/// An access contract on a chain, beside the registry whose devices it serves.
#[derive(Clone)]
pub struct Access {
    registry: Registry,
    contract: AccountId,
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Access({} on {:?})", crate::account::format(&self.contract), self.chain())
    }
}

impl Access {
    /// Deploys an access contract for a registry, with a random salt, and waits as the chain is configured to. It takes the
    /// contract that checks the registry's Ed25519 signatures for its own too.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::CannotPay`] when the signer can't pay for it.
    pub async fn deploy(registry: &Registry, signer: &dyn Signer) -> Result<Self, CallError> {
        Ok(Self::deploy_with_receipt(registry, signer).await?.0)
    }

    /// Deploys an access contract, and says what that cost.
    ///
    /// # Errors
    /// Those of [`deploy`](Self::deploy).
    pub async fn deploy_with_receipt(registry: &Registry, signer: &dyn Signer) -> Result<(Self, Receipt), CallError> {
        let chain = registry.chain();
        let ed25519 = registry.info().await?.ed25519;
        let reclaim_price = reclaim_price(chain.storage_prices(At::Finalized).await?);
        let data = (messages::NEW, chain.genesis_hash(), registry.contract(), ed25519, reclaim_price).encode();
        let deployed = chain.deploy(signer, ACCESS_CONTROL.wasm(), &data, &random_salt()).await?;
        Ok((Self { registry: registry.clone(), contract: deployed.contract }, deployed.receipt))
    }

    /// The access contract at this account, after it was checked: there is a contract, it has the code that this client has, was
    /// deployed for this chain, serves this registry, and has signatures checked by code that this client knows.
    ///
    /// # Errors
    /// [`AccessAttachError::NoContract`], [`AccessAttachError::WrongCode`], [`AccessAttachError::WrongChain`],
    /// [`AccessAttachError::WrongRegistry`], [`AccessAttachError::WrongEd25519`], in this order; [`AccessAttachError::Chain`] and
    /// [`AccessAttachError::Call`] when that can't be found out.
    pub async fn attach(registry: &Registry, contract: AccountId) -> Result<Self, AccessAttachError> {
        let chain = registry.chain();
        let found = chain.code_hash(&contract, At::Finalized).await?;
        let found = found.ok_or(AccessAttachError::NoContract { contract })?;
        if found != ACCESS_CONTROL.code_hash() {
            return Err(AccessAttachError::WrongCode { contract, expected: ACCESS_CONTROL.code_hash(), found });
        }
        let access = Self { registry: registry.clone(), contract };
        let info = access.info().await?;
        if info.genesis_hash != chain.genesis_hash() {
            let (expected, found) = (chain.genesis_hash(), info.genesis_hash);
            return Err(AccessAttachError::WrongChain { contract, expected, found });
        }
        if info.registry != registry.contract() {
            let (expected, found) = (registry.contract(), info.registry);
            return Err(AccessAttachError::WrongRegistry { contract, expected, found });
        }
        let found = chain.code_hash(&info.ed25519, At::Finalized).await?;
        if found != Some(ED25519.code_hash()) {
            return Err(AccessAttachError::WrongEd25519 { contract, ed25519: info.ed25519, found });
        }
        Ok(access)
    }

    /// The contract's account.
    pub const fn contract(&self) -> AccountId {
        self.contract
    }

    /// The registry whose devices it serves.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The chain that it is on.
    pub const fn chain(&self) -> &Chain {
        self.registry.chain()
    }
}

/// What the entry of a revoked token takes as deposit: whoever reclaims it gets as much as they pay.
const fn reclaim_price(prices: StoragePrices) -> u128 {
    prices.per_item.saturating_add(prices.per_byte.saturating_mul(REVOCATION_ENTRY_BYTES))
}
