//! The gateway as its clients see it: in process on a made-up chain, and over HTTP on the embedded one.

mod assertion;
mod chain;
mod clients;
mod errors;
mod failures;
mod http;
mod published;
mod scene;
mod token_status;
