//! Client of Marque: identities of devices, on any Substrate chain with pallet-contracts.
//!
//! ```no_run
//! use marque_sdk::{Account, Chain, Registry, primitives::{Controller, Operation}};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let chain = Chain::connect("ws://127.0.0.1:9944").await?;
//! let operator = Account::from_uri("//Alice")?;
//! let registry = Registry::deploy(&chain, &operator).await?;
//!
//! // The device signs its own registration; the operator pays for it.
//! let device = Account::generate();
//! let id = device.device_id().expect("an Ed25519 key");
//! let register = Operation::Register {
//!     controller: Controller::Account(marque_sdk::Signer::account(&operator)),
//!     metadata: None,
//!     keys: vec![],
//!     services: vec![],
//! };
//! let signed = registry.prepare(id, register).sign(&device).await?;
//! registry.submit(&operator, signed).await?;
//!
//! let did = registry.did(id);
//! println!("{}", serde_json::to_string_pretty(&registry.resolve(&did).await?)?);
//! # Ok(()) }
//! ```
//!
//! | module | what is in it |
//! |---|---|
//! | [`chain`] | the connection, blocks, accounts, calls of contracts |
//! | [`registry`] | every message of the registry, history, events |
//! | [`access`] | every message of the access contract: authorization servers, scopes, grants, tokens; its events |
//! | [`verifier`] | tokens verified off chain, from memory |
//! | [`did`] | DIDs, DID documents, resolution results |
//! | [`token`] | access tokens: JWT and CWT, keys that sign and verify them |
//! | [`signer`] | keys that sign transactions and operations |
//! | [`keystore`] | keys sealed at rest |
//! | [`account`] | accounts as text |
//! | [`bundle`] | the built contracts |
//! | [`primitives`] | what the contract and this client share |
//!
//! Each family of operations has its own error type. Predicates such as [`CallError::is_unreachable`] and
//! [`CallError::is_refused`] say what can be done about an error without naming each variant.

pub mod access;
pub mod account;
pub mod bundle;
pub mod chain;
pub mod did;
mod follow;
mod ink;
pub mod keystore;
pub mod registry;
pub mod signer;
pub mod token;
pub mod verifier;

pub use marque_primitives as primitives;

pub use access::{Access, AccessAttachError, AccessEvent};
pub use chain::{At, BlockRef, CallError, Chain, ChainConfig, ChainError, Receipt, WaitFor};
pub use did::{Did, DidDocument, DidError, DidUrl, Resolution};
pub use keystore::{FileKeyStore, KeyName, KeyStore, KeyStoreError, MemoryKeyStore, Passphrase};
pub use registry::{AttachError, HistoryEntry, HistoryError, Registry, RegistryEvent};
pub use signer::{Account, Scheme, Seed, Signer, SignerError};
pub use verifier::{Verifier, VerifierConfig, VerifierError};
