//! Verifying tokens.

mod epochs;
mod federation;
mod good;
mod hostile;
mod precedence;
mod presenter;
mod revoked;
mod times;
mod unavailable;
