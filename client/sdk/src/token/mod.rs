//! Access tokens: issued and read as JWT (RFC 9068) and as CWT (RFC 8392), with the keys that sign and verify them.
//!
//! Both forms say the same [`Claims`]. What makes a token good is [`primitives::token::verify`](marque_primitives::token::verify), for
//! either form; here is what comes before: bytes in, [`SignedToken`] out, and the other way round.
//!
//! ```
//! use marque_sdk::{Account, primitives::{DeviceId, Did, RegistryId, token::{Claims, IssuerKeyRef, SignedToken}}, token};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let subject = Did { registry: RegistryId([1; 10]), device: DeviceId([2; 32]) };
//! let claims = Claims {
//!     issuer: "https://as.example/default".into(),
//!     subject,
//!     audience: vec!["api://default".into()],
//!     expires_s: 1_800_000_300,
//!     issued_s: 1_800_000_000,
//!     not_before_s: None,
//!     token_id: "b7f2".into(),
//!     client_id: subject.to_text(),
//!     scopes: vec!["meter:read".into()],
//!     epoch: 0,
//!     confirmation: None,
//! };
//! let (key, signed_by) = (Account::generate(), IssuerKeyRef { issuer: 3, key: 0 });
//! let jwt = token::issue_jwt(&claims, signed_by, &key)?;
//! let cwt = token::issue_cwt(&claims, signed_by, &key)?;
//! assert_eq!(token::read_jwt(&jwt)?.claims, claims);
//! assert_eq!(SignedToken::from_cwt(&cwt).map(|token| token.claims), Ok(claims));
//! # Ok(()) }
//! # example().unwrap();
//! ```
//!
//! An authorization server that is on chain signs with Ed25519 or Sr25519 (which JWT does not know). Services that know neither can be
//! given RS256 or ES256, by a [`JwtSigningKey`]; nothing on chain stands for those keys, and who verifies takes them from a
//! [`JwkSet`] that it trusts.

mod algorithm;
mod batch;
mod claims;
mod error;
mod issue;
mod json;
mod jwk;
mod jwk_set;
mod jws;
mod jwt;
mod signing_key;
mod verification_key;

pub use algorithm::Algorithm;
pub use batch::{SignedMessage, verify_batch};
pub use error::{IssueError, JwkError, JwtError};
pub use issue::{issue_cwt, issue_jwt, issue_jwt_saying_more, issue_jwt_with, issue_jwt_with_saying_more};
pub use jwk::{Jwk, P256PublicKey, RsaPublicKey};
pub use jwk_set::{JwkSet, PublishedKey};
pub use jws::Jws;
pub use jwt::{JWT_BYTES_MAX, Jwt, read_jwt};
pub use marque_primitives::token::{Claims, Confirmation, IssuerKeyRef, SignedToken, VerifyError};
pub use signing_key::JwtSigningKey;
pub use verification_key::VerificationKey;

#[cfg(test)]
mod tests;
