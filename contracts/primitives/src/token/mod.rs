//! Access tokens: their claims, their form in CBOR (CWT), and what makes one good.

mod cbor;
mod claims;
pub mod cwt;
mod error;
mod key_ref;
mod verify;

pub use claims::{Claims, Confirmation};
pub use error::VerifyError;
pub use key_ref::IssuerKeyRef;
pub use verify::{Requirement, SignedToken, Standing, TokenState, Verified, ensure_standing, verify};
