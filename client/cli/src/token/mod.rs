//! Access tokens: how they are read, and what is said of them.

pub mod check;
pub mod claims;
pub mod source;
