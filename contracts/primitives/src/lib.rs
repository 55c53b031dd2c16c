//! Every byte that Marque signs, stores on chain or passes between chain and client, defined once.
//!
//! The crate has no policy: what an operation may do and who may do it is decided by the contracts. It has
//! the shapes ([`Device`], [`Operation`], [`Change`]), their bounds ([`bounds`]), what is signed
//! ([`Envelope`]), and what a change does to a record ([`Device::evolve`]), which the contract and a client
//! that rebuilds history share.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod access;
pub mod bounds;
mod change;
mod crypto;
mod device;
mod did;
mod error;
mod field;
mod ids;
mod key;
mod operation;
mod registry;
pub mod token;

pub use change::{Change, LogEntry, NonceUse};
pub use crypto::{Ed25519Key, Scheme, Signature, SignatureCheck, blake2b_256, verify_ed25519};
pub use device::{Controller, Delegate, Device, Offer, Role, Service, Status};
pub use did::Did;
pub use error::Error;
pub use ids::{AccountId, DeviceId, Hash, KeyId, RegistryId, TimestampMs};
pub use key::{Key, KeyType, NewKey, PublicKey, Relationships};
pub use operation::{Domain, Envelope, Operation, SignedOperation};
pub use registry::{DeviceStatus, KeyStatus, RegistryInfo};
