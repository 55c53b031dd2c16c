//! Tokens in CBOR.

mod golden;
mod samples;
mod vectors;
