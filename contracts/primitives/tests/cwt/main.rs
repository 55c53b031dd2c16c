//! Tokens in CBOR.

mod golden;
mod hostile;
mod item;
mod properties;
mod samples;
mod vectors;
