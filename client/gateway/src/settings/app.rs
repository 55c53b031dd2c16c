//! Applications: services that act for a device on the chain. What that device may have is the ceiling.

use std::{collections::BTreeSet, fmt};

use marque_sdk::{did::Did, primitives::TimestampMs, primitives::access};
use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq};

use crate::policy::GrantType;

/// The most secrets of an application that count at once: the old one and the next.
pub const SECRETS_ACTIVE_MAX: usize = 2;
/// The most secrets that an application has, those that count no more included.
const SECRETS_MAX: usize = 8;
/// The longest label of an application, in characters.
const LABEL_CHARS_MAX: usize = 100;
/// The most labels, and zones, of an application.
const NAMES_MAX: usize = 32;

/// How an application says who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// With a secret, in the header or in the form.
    ClientSecret,
}

/// A secret of an application. The secret itself is shown once, when it is made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// What it is called, to deactivate and delete it by.
    pub id: String,
    /// What is kept of it: HMAC-SHA-256 under the master key.
    #[serde(with = "crate::base64url")]
    pub mac: [u8; 32],
    /// Whether it counts.
    pub is_active: bool,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
}

/// An application.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its client id.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// Whether it may do anything.
    pub is_active: bool,
    /// The DID of the device that it acts for.
    pub device: String,
    /// How it says who it is.
    pub authentication: Authentication,
    /// How it may ask for tokens.
    pub grant_types: BTreeSet<GrantType>,
    /// The fleet that it belongs to.
    #[serde(default)]
    pub fleet: Option<String>,
    /// What else it is, such as `site=graz`.
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// The network zones that it may ask from; from anywhere, if there are none.
    #[serde(default)]
    pub zones: BTreeSet<String>,
    /// Its secrets.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
}

/// Why an application is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// Its id is none.
    #[error("a client id has 1 to 128 characters, and no DID is one")]
    InvalidId,
    /// Its label is empty or too long.
    #[error("an application's label has 1 to 100 printable characters")]
    InvalidLabel,
    /// It acts for nobody.
    #[error("an application acts for a device: give its DID")]
    InvalidDevice,
    /// It could ask for nothing.
    #[error("an application needs a grant type")]
    NoGrantType,
    /// It has too many labels or zones.
    #[error("an application has 32 labels and 32 zones at most, each of 1 to 100 characters")]
    TooManyNames,
    /// It has too many secrets.
    #[error("two secrets are active already, or there are eight: deactivate one, and delete those that are not active")]
    TooManySecrets,
}

impl App {
    /// Whether it fits.
    pub(super) fn validate(&self) -> Result<(), AppError> {
        if !access::is_client_id(&self.id) || self.id.starts_with("did:") {
            return Err(AppError::InvalidId);
        }
        if !is_label(&self.label) {
            return Err(AppError::InvalidLabel);
        }
        if self.did().is_none() {
            return Err(AppError::InvalidDevice);
        }
        if self.grant_types.is_empty() {
            return Err(AppError::NoGrantType);
        }
        let mut names = self.labels.iter().chain(&self.zones).chain(&self.fleet);
        if self.labels.len() > NAMES_MAX || self.zones.len() > NAMES_MAX || !names.all(|name| is_label(name)) {
            return Err(AppError::TooManyNames);
        }
        let active = self.secrets.iter().filter(|secret| secret.is_active).count();
        if active > SECRETS_ACTIVE_MAX || self.secrets.len() > SECRETS_MAX {
            return Err(AppError::TooManySecrets);
        }
        Ok(())
    }

    /// The device that it acts for.
    pub(crate) fn did(&self) -> Option<Did> {
        self.device.parse().ok()
    }

    /// Whether this is what is kept of one of its secrets that count. It takes the same time wherever they differ.
    pub(crate) fn has_secret(&self, mac: &[u8; 32]) -> bool {
        let active = self.secrets.iter().filter(|secret| secret.is_active);
        active.fold(Choice::from(0), |found, secret| found | secret.mac.ct_eq(mac)).into()
    }
}

fn is_label(text: &str) -> bool {
    (1..=LABEL_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({})", self.id)
    }
}
