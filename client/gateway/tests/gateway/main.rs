//! The gateway as its clients see it, in process on a made-up chain. `tests/e2e` has it over HTTP on a real one.

mod assertion;
mod clients;
mod errors;
mod failures;
mod keys;
mod operators;
mod published;
mod replicas;
mod scene;
mod token_status;

#[path = "../support/postgres.rs"]
mod postgres;
