//! Authorization servers: what the user says of them, what is done to them, and what is said of that.

pub mod args;
pub mod errors;
pub mod log;
pub mod read;
pub mod render;
pub mod stage;
