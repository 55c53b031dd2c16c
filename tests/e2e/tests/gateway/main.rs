//! The gateway over HTTP, on the embedded chain.

mod assertion;
mod chain;
mod http;
