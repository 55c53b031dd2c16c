//! The operators' API of an identity gateway, as the commands use it: where it is, who asks, and what it answers.

mod address;
pub mod args;
pub mod assemble;
mod client;
mod connect;
pub mod document;
pub mod keyring;
pub mod master_key;
mod refusal;
pub mod render;
pub mod token;

pub use address::Address;
pub use client::{Client, entries};
pub use connect::authority;
