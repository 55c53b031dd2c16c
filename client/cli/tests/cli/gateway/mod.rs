//! `marque gateway`, against gateways on a real chain: the one that `marque up` brings, and those of `marque gateway serve`.

mod asking;
mod kept;
mod killed;
mod operators;
mod rotated;
mod serve;
mod settings;
