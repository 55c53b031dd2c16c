//! Tests and cost measurements of the built contract bundles, on drink's in-memory chain.
//!
//! [`Chain`] is the chain with its clock, [`Registry`] is the deployed registry on it, [`Access`] is `access_control` for that
//! registry, and [`Station`] is the charging station that asks it. Every write through them is checked there and then: see
//! [`Registry::execute`], [`Access::execute`] and [`Station::start`].

pub mod access;
pub mod actor;
pub mod bundle;
pub mod chain;
pub mod deployed;
pub mod registry;
pub mod relay;
pub mod samples;
pub mod signing;
pub mod station;
pub mod tokens;
pub mod written;

pub use access::Access;
pub use actor::Actor;
pub use bundle::Bundle;
pub use chain::{Chain, Failure, Receipt};
pub use deployed::Deployed;
pub use registry::Registry;
pub use station::Station;
pub use tokens::TokenKey;
pub use written::Written;
