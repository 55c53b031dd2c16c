//! Dynamic client registration (RFC 7591) and what registered clients may do to their registration (RFC 7592). Pure: a request becomes
//! metadata that fit together, and these become the answer. Who may register is in [`InitialAccess`].
//!
//! A client that is registered acts for one device of the registry, which it names in `marque_device`: what that one may have is the
//! ceiling. That device needs no registration: it authenticates with its own key.

mod access;
mod app;
mod certificate;
mod error;
mod information;
mod keys;
mod members;
mod metadata;
mod update;

pub use access::{BearerToken, Devices, InitialAccess, InitialAccessError, InitialAccessTerms};
pub use error::RegistrationError;
pub use information::{ClientInformation, NewCredentials};
pub use keys::RegisteredCertificate;
pub use members::REQUEST_BYTES_MAX;
pub use metadata::{ClientAuthentication, ClientMetadata};
pub use update::ClientUpdate;

#[cfg(test)]
mod tests;
