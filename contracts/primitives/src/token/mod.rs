//! Access tokens: their claims, their form in CBOR (CWT), and what makes one good.

mod claims;
mod error;
mod verify;

pub use claims::{Claims, Confirmation};
pub use error::VerifyError;
pub use verify::{IssuerKeyRef, Requirement, SignedToken, Standing, TokenState, Verified, ensure_standing, verify};
