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
//! | [`log`] | the system log: events, each entry bound to the one before |
//! | [`Directory`] | what must be known of the chain |
//! | [`Store`] | what is kept, in SQLite |
//! | [`serve`] | serving it all: the listener, TLS, metrics, logs and traces |
//!
//! What decides is pure: [`Assertion`], [`Policies`] and [`grant()`] are given the time and the state. Nothing is given out when what is
//! known of the chain may be too old, or when it can't be written down.

mod authenticate;
mod client;
mod directory;
mod error;
mod form;
mod gateway;
mod grant;
mod http;
pub mod log;
pub mod policy;
mod random;
pub mod serve;
mod server;
mod service_clients;
mod store;
mod token;
mod token_status;

pub use client::{
    ACTIVE_SECRETS_MAX, ASSERTION_TYPE, Assertion, AssertionError, Client, Credentials, Expected, MasterKey,
    ServiceClient,
};
pub use directory::{ChainDirectory, Directory, Rights, Unavailable};
pub use error::OAuthError;
pub use form::Form;
pub use gateway::{Gateway, GatewayError, Parts};
pub use grant::{Terms, grant, requested_scopes};
pub use policy::{Clients, GrantType, Policies, Policy, PolicyError, Rule};
pub use random::{Random, SystemRandom};
pub use server::ServerConfig;
pub use service_clients::{NewSecret, ServiceClientError};
pub use store::{SqliteStore, Store, StoreError};
