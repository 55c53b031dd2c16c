//! A verifier that follows a chain: what it says, when it learns of a revocation, and what it says when it can't.

mod news;
mod partition;
mod reads;
mod replaced;
mod watched;
