//! What is known of a device beside what the chain says: for policies alone, which may narrow by it.

use std::collections::BTreeSet;

use marque_sdk::did::Did;
use serde::{Deserialize, Serialize};

use super::{AppError, Secret, app};
use crate::client::CertificateBinding;

/// What is known of a device here. It registers nowhere but on the chain: one that nothing is known of here has none of these.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceProfile {
    /// Its DID.
    pub did: String,
    /// The fleet that it belongs to.
    #[serde(default)]
    pub fleet: Option<String>,
    /// What else it is, such as `site=graz`.
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// How its certificates are known, for rules that want one beside its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateBinding>,
    /// Its secrets, for rules that want one beside its key.
    #[serde(default)]
    pub secrets: Vec<Secret>,
}

impl DeviceProfile {
    /// Whether it fits.
    pub(super) fn validate(&self) -> Result<(), AppError> {
        if self.did.parse::<Did>().is_err() {
            return Err(AppError::InvalidDevice);
        }
        app::ensure_labels(&self.fleet, &self.labels)?;
        self.certificate.as_ref().map_or(Ok(()), CertificateBinding::validate)?;
        app::ensure_few(&self.secrets)
    }
}
