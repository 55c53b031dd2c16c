//! The signing keys of authorization servers: made here, sealed at rest, known to the chain before they are known to anybody, and followed
//! by others in time.
//!
//! An authorization server has one algorithm. By `EdDSA` its keys are the issuer's keys on the chain, so that contracts and the SDK's
//! verifier take its tokens. `RS256` and `ES256` are for services that know no Ed25519: those keys are published over HTTP alone, and
//! contracts do not take their tokens.

pub(crate) mod algorithm;
mod authority;
mod document;
mod issue;
mod ring;
mod rotation;
mod sealed;
mod signing_key;
mod tend;

pub use authority::{AuthorityError, ChainAuthority, KeyAuthority, NoAuthority};
pub use document::{KeyDocument, KeyError, KeyStatus};
pub use issue::{IssueTokenError, TokenFormat, issue};
pub use ring::KeyRing;
pub use rotation::{Action, JWKS_CACHE_MS, PUBLISH_AHEAD_MIN_MS, RotateError, Schedule, ScheduleError, plan, rotate};
pub use sealed::{Place, Sealed, SealedError};
pub use signing_key::SigningKey;
pub use tend::KeySummary;

#[cfg(test)]
mod tests;
