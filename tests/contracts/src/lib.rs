//! Tests and cost measurements of the built contract bundles, on drink's in-memory chain.
//!
//! [`Chain`] is the chain with its clock, [`Registry`] is the deployed registry. Every write through a [`Registry`] is checked there and
//! then: see [`Registry::execute`].

pub mod actor;
pub mod bundle;
pub mod chain;
pub mod registry;
pub mod samples;
pub mod signing;

pub use actor::Actor;
pub use bundle::Bundle;
pub use chain::{Chain, Failure, Receipt};
pub use registry::Registry;
