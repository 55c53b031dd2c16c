//! The gateway as its clients see it, in process on a made-up chain. `tests/e2e` has it over HTTP on a real one.

mod assertion;
mod call;
mod certificates;
mod clients;
mod conditions;
mod devices;
mod dpop;
mod errors;
mod exchange;
mod factors;
mod failures;
mod keys;
mod limits;
mod logs;
mod operators;
mod policies;
mod published;
mod registered_keys;
mod registration;
mod replicas;
mod scene;
mod signed;
mod token_status;
mod zones;

#[path = "../support/postgres.rs"]
mod postgres;
