//! The built `access_control`, called as a chain calls it. One file for each family of operations or checks.

mod authority;
mod contract;
mod delegates;
mod deposits;
mod errors;
mod grants;
mod histories;
mod input;
mod keys;
mod lifecycle;
mod messages;
mod operations;
mod registration;
mod scene;
mod scopes;
mod tokens;
mod trust;
mod verify;
