//! Tests and cost measurements of the built contract bundles, on drink's in-memory chain.
//!
//! [`Chain`] is the chain with its clock, [`Registry`] is the deployed registry on it, and [`Access`] is `access_control` for that
//! registry. Every write through them is checked there and then: see [`Registry::execute`] and [`Access::execute`].

pub mod access;
pub mod actor;
pub mod bundle;
pub mod chain;
pub mod deployed;
pub mod registry;
pub mod relay;
pub mod samples;
pub mod signing;
pub mod tokens;
pub mod written;

pub use access::Access;
pub use actor::Actor;
pub use bundle::Bundle;
pub use chain::{Chain, Failure, Receipt};
pub use deployed::Deployed;
pub use registry::Registry;
pub use tokens::TokenKey;
pub use written::Written;
