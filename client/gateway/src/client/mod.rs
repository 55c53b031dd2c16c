//! Who asks: how a client says it, and how it proves it. Pure: what is known, and the time, are arguments.

mod assertion;
mod certificate;
mod claim;
mod credentials;
mod dpop;
mod factor;
mod nonce;
mod peer;
mod secret;
#[cfg(test)]
mod signed;

pub use assertion::{Assertion, AssertionError, Claimed, Expected, REGISTERED_KEYS_MAX};
pub use certificate::{
    BindingError, CERTIFICATE_BYTES_MAX, CertificateBinding, CertificateError, ClientCertificate, Thumbprint,
};
pub use credentials::{ASSERTION_TYPE, Credentials, Presented, SECOND_SECRET};
pub use dpop::{DpopError, DpopExpected, DpopProof};
pub use factor::Factor;
pub use nonce::{GoodNonces, Nonces};
pub use peer::PeerCertificate;
pub use secret::MasterKey;
pub(crate) use secret::generate as generate_secret;

use std::{collections::BTreeSet, sync::Arc};

use marque_sdk::primitives::{DeviceId, PublicKey};

use crate::settings::App;

/// A client that proved who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// Its id: a device's is its DID.
    pub id: String,
    /// The device that it is, or acts for.
    pub device: DeviceId,
    /// The device's key that it proved to have, which its tokens are bound to; `None` for an application.
    pub key: Option<PublicKey>,
    /// The SHA-256 thumbprint (RFC 7638) of the key that signed its assertion, if it showed one.
    pub signed_by: Option<[u8; 32]>,
    /// The application that it is, if it is one.
    pub app: Option<Arc<App>>,
    /// The fleet that it belongs to.
    pub fleet: Option<String>,
    /// What else it is.
    pub labels: BTreeSet<String>,
    /// What it proved.
    pub factors: BTreeSet<Factor>,
}
