//! Identity gateway of Marque: OAuth 2.0 authorization servers that give devices access tokens.
//!
//! A device authenticates with a key of its DID (`private_key_jwt`), without having been registered here: its keys, its status and what it
//! may have are read from the chain, at one finalized block for each request. Policies narrow that down. What it gets is an `at+jwt`
//! (RFC 9068) that is bound to its key, and that the SDK's verifier and the contracts judge as any other of that authorization server.
//!
//! | module | what is in it |
//! |---|---|
//! | [`Gateway`] | the authorization servers, and [`Gateway::router`], which serves them |
//! | [`policy`] | policies and rules, pure |
//! | [`exchange`] | tokens of other issuers, exchanged for ones of these |
//! | [`registration`] | clients that register themselves |
//! | [`settings`] | authorization servers, applications, operators: kept as documents |
//! | [`operate`] | what operators do to them |
//! | [`limit`] | how much may be asked for, and a brake on guessing, pure |
//! | [`log`] | the system log: events, each entry bound to the one before |
//! | [`Directory`] | what must be known of the chain |
//! | [`store`] | what is kept, in SQLite or PostgreSQL |
//! | [`serve`] | serving it all: the listener, TLS, metrics, logs and traces |
//!
//! What decides is pure: [`Assertion`], [`Policies`] and [`grant()`] are given the time and the state. Nothing is given out when what is
//! known of the chain may be too old, or when it can't be written down.

mod authenticate;
mod base64url;
mod client;
mod count;
mod decide;
mod directory;
mod error;
pub mod exchange;
mod form;
mod gateway;
mod grant;
mod http;
pub mod keys;
pub mod limit;
pub mod log;
pub mod operate;
pub mod policy;
mod random;
mod registrar;
pub mod registration;
pub mod serve;
mod service;
pub mod settings;
pub mod store;
mod token;
mod token_exchange;
mod token_status;

pub use client::{
    ASSERTION_TYPE, Assertion, AssertionError, BindingError, CERTIFICATE_BYTES_MAX, CertificateBinding,
    CertificateError, Claimed, Client, ClientCertificate, Credentials, DpopError, DpopExpected, DpopProof, Expected,
    Factor, GoodNonces, MasterKey, Nonces, PeerCertificate, Presented, REGISTERED_KEYS_MAX, SECOND_SECRET, Thumbprint,
};
pub use directory::{ChainDirectory, Directory, Rights, Unavailable};
pub use error::OAuthError;
pub use form::Form;
pub use gateway::{Gateway, GatewayError, Parts};
pub use grant::{Terms, grant, requested_scopes};
pub use policy::{Clients, GrantType, Policies, Policy, PolicyError, Rule};
pub use random::{Random, SystemRandom};
pub use service::{Service, ServiceConfig};
pub use store::{PostgresStore, SqliteStore, Store, StoreError};
