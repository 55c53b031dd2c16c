//! `marque gateway`, against gateways on a real chain: the one that `marque up` brings, and those of `marque gateway serve`.

mod operators;
mod serve;
mod settings;
