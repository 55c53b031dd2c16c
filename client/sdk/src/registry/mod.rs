//! The registry: one contract on one chain, with every message typed.

mod devices;
mod error;
mod explain;
mod follow;
mod history;
mod messages;
mod prepare;
mod read;
mod resolve;
mod write;

use std::fmt;

use marque_primitives::{AccountId, DeviceId, Domain, Hash, RegistryId};
use parity_scale_codec::Encode;
use rand::{RngCore, rngs::OsRng};

use crate::{
    bundle::{DID_REGISTRY, ED25519},
    chain::{At, CallError, Chain, Deployed, Receipt},
    did::Did,
    signer::Signer,
};

pub use error::{AttachError, HistoryError};
pub use explain::explain;
pub use follow::RegistryEvent;
pub(crate) use follow::device_changed;
pub use history::HistoryEntry;
pub use prepare::Prepare;
pub use write::{BatchReceipt, split_into_batches};

/// A registry on a chain.
#[derive(Clone)]
pub struct Registry {
    chain: Chain,
    contract: AccountId,
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Registry({} on {:?})", crate::account::format(&self.contract), self.chain)
    }
}

impl Registry {
    /// Deploys a registry of its own, with a random salt, and the contract that checks Ed25519 signatures for it, and waits as the
    /// chain is configured to.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::CannotPay`] when the signer can't pay for it.
    pub async fn deploy(chain: &Chain, signer: &dyn Signer) -> Result<Self, CallError> {
        let ed25519 = deploy_ed25519(chain, signer).await?.contract;
        Ok(Self::deploy_with_receipt(chain, signer, ed25519).await?.0)
    }

    /// Deploys a registry that has signatures checked by the contract at `ed25519` ([`deploy_ed25519`]), and says what that cost.
    ///
    /// # Errors
    /// Those of [`deploy`](Self::deploy).
    pub async fn deploy_with_receipt(
        chain: &Chain,
        signer: &dyn Signer,
        ed25519: AccountId,
    ) -> Result<(Self, Receipt), CallError> {
        let data = (messages::NEW, chain.genesis_hash(), ed25519).encode();
        let deployed = chain.deploy(signer, DID_REGISTRY.wasm(), &data, &random_salt()).await?;
        Ok((Self { chain: chain.clone(), contract: deployed.contract }, deployed.receipt))
    }

    /// The registry at this account, after it was checked: there is a contract, it has the code that this client has, it
    /// was deployed for this chain, and what it has signatures checked by has the code that this client has.
    ///
    /// # Errors
    /// [`AttachError::NoContract`], [`AttachError::WrongCode`], [`AttachError::WrongChain`],
    /// [`AttachError::WrongSignatureCheck`], in this order; [`AttachError::Chain`] and [`AttachError::Call`] when that can't be found out.
    pub async fn attach(chain: &Chain, contract: AccountId) -> Result<Self, AttachError> {
        Self::attach_trusting(chain, contract, &[]).await
    }

    /// As [`attach`](Self::attach), but also takes a contract with one of these code hashes: other builds that the caller
    /// knows to be registries.
    ///
    /// # Errors
    /// Those of [`attach`](Self::attach).
    pub async fn attach_trusting(
        chain: &Chain,
        contract: AccountId,
        code_hashes: &[Hash],
    ) -> Result<Self, AttachError> {
        let found = chain.code_hash(&contract, At::Finalized).await?.ok_or(AttachError::NoContract { contract })?;
        let expected = DID_REGISTRY.code_hash();
        if found != expected && !code_hashes.contains(&found) {
            return Err(AttachError::WrongCode { contract, expected, found });
        }
        let registry = Self { chain: chain.clone(), contract };
        let info = registry.info().await?;
        if info.genesis_hash != chain.genesis_hash() {
            let (expected, found) = (chain.genesis_hash(), info.genesis_hash);
            return Err(AttachError::WrongChain { contract, expected, found });
        }
        ensure_ed25519(chain, info.ed25519).await?;
        Ok(registry)
    }

    /// The registry at this account, which must be the one that the DID names.
    ///
    /// # Errors
    /// [`AttachError::WrongRegistry`] first; those of [`attach`](Self::attach).
    pub async fn attach_did(chain: &Chain, contract: AccountId, did: &Did) -> Result<Self, AttachError> {
        ensure_registry(RegistryId::derive(&chain.genesis_hash(), &contract), did.registry)?;
        Self::attach(chain, contract).await
    }

    /// Checks that this is the registry of that id.
    ///
    /// # Errors
    /// [`AttachError::WrongRegistry`].
    pub fn expect(&self, id: RegistryId) -> Result<(), AttachError> {
        ensure_registry(self.id(), id)
    }

    /// The registry's id, which its DIDs carry.
    pub fn id(&self) -> RegistryId {
        RegistryId::derive(&self.chain.genesis_hash(), &self.contract)
    }

    /// The contract's account.
    pub const fn contract(&self) -> AccountId {
        self.contract
    }

    /// The chain that it is on.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Where signatures for it are good.
    pub fn domain(&self) -> Domain {
        Domain { genesis_hash: self.chain.genesis_hash(), contract: self.contract }
    }

    /// The DID of a device.
    pub fn did(&self, device: DeviceId) -> Did {
        Did::new(self.id(), device)
    }
}

/// Deploys a contract that checks Ed25519 signatures for others. It keeps nothing; one serves any number of registries.
///
/// # Errors
/// [`CallError`]; [`CallError::CannotPay`] when the signer can't pay for it.
pub async fn deploy_ed25519(chain: &Chain, signer: &dyn Signer) -> Result<Deployed, CallError> {
    chain.deploy(signer, ED25519.wasm(), &messages::NEW, &random_salt()).await
}

/// The salt that gives a contract an account of its own.
pub(crate) fn random_salt() -> [u8; 16] {
    let mut salt = [0; 16];
    OsRng.fill_bytes(&mut salt);
    salt
}

/// Who could choose what signatures are checked by could forge any of them.
async fn ensure_ed25519(chain: &Chain, contract: AccountId) -> Result<(), AttachError> {
    let found = chain.code_hash(&contract, At::Finalized).await?;
    if found == Some(ED25519.code_hash()) { Ok(()) } else { Err(AttachError::WrongSignatureCheck { contract }) }
}

fn ensure_registry(found: RegistryId, expected: RegistryId) -> Result<(), AttachError> {
    if found == expected { Ok(()) } else { Err(AttachError::WrongRegistry { expected, found }) }
}
