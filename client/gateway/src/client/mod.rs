//! Who asks: how a client says it, and how it proves it. Pure: what is known, and the time, are arguments.

mod assertion;
mod certificate;
mod claim;
mod credentials;
mod dpop;
mod factor;
mod nonce;
mod secret;
#[cfg(test)]
mod signed;

pub use assertion::{Assertion, AssertionError, Claimed, Expected, REGISTERED_KEYS_MAX};
pub use certificate::{
    BindingError, CERTIFICATE_BYTES_MAX, CertificateBinding, CertificateError, ClientCertificate, Thumbprint,
};
pub use credentials::{ASSERTION_TYPE, Credentials, Presented, SECOND_SECRET};
pub use dpop::{DpopError, DpopExpected, DpopProof};
pub use factor::{Factor, Factors};
pub use nonce::{GoodNonces, Nonces};
pub(crate) use secret::generate as generate_secret;
pub use secret::{ACTIVE_SECRETS_MAX, MasterKey, ServiceClient};

use marque_sdk::primitives::{DeviceId, PublicKey};

/// A client that proved who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// Its id: a device's is its DID.
    pub id: String,
    /// The device that it is, or acts for.
    pub device: DeviceId,
    /// The key that it proved to have, which its tokens are bound to; `None` where it showed a secret.
    pub key: Option<PublicKey>,
}
