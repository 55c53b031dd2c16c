//! The built registry, called as a chain calls it. One file for each family of operations or checks.

mod authority;
mod batch;
mod contract;
mod delegates;
mod deposits;
mod errors;
mod input;
mod keys;
mod lifecycle;
mod metadata;
mod properties;
mod reads;
mod registration;
mod replay;
mod scene;
mod services;
mod signed;
mod transfer;
mod wycheproof;
