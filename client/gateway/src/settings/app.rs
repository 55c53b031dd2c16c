//! Applications: services that act for a device on the chain. What that device may have is the ceiling.

use std::{collections::BTreeSet, fmt};

use marque_sdk::{
    did::Did,
    primitives::{TimestampMs, access},
    token::JwkSet,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::{Choice, ConstantTimeEq};

use crate::{
    client::{BindingError, CertificateBinding, REGISTERED_KEYS_MAX},
    policy::GrantType,
};

/// The most secrets of an application that count at once: the old one and the next.
pub const SECRETS_ACTIVE_MAX: usize = 2;
/// The most secrets that an application has, those that count no more included.
const SECRETS_MAX: usize = 8;
/// The longest label of an application, in characters.
const LABEL_CHARS_MAX: usize = 100;
/// The most labels, and zones, of an application.
const NAMES_MAX: usize = 32;
/// The most scopes that an application may be held to.
const SCOPES_MAX: usize = 64;
/// The most that an application may say of itself, in bytes of JSON.
const METADATA_BYTES_MAX: usize = 16 * 1024;

/// How an application says who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// With a secret, in the header or in the form.
    ClientSecret,
    /// With assertions that one of its registered keys signs (RFC 7523).
    PrivateKeyJwt,
    /// With a certificate in TLS (RFC 8705).
    TlsClientAuth,
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
    /// Its public keys (RFC 7517): 1 to 50, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// How its certificates are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateBinding>,
    /// Whether its tokens must be bound to a key by DPoP (RFC 9449).
    #[serde(default)]
    pub requires_dpop: bool,
    /// The scopes that it may ask for: 1 to 64. Left out, whatever policies give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<BTreeSet<String>>,
    /// Where it registered itself, if it did. It may then change its label, its grant types, how it authenticates, its scopes and
    /// `requires_dpop` itself: what binds it is its device, its zones, its status and the policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// What else it said of itself when it registered (RFC 7591, section 2). Nothing is decided by it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
}

/// Where an application registered itself (RFC 7591), and what it changes its registration with (RFC 7592).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The authorization server, by its name. For others, the application is unknown.
    pub server: String,
    /// What is kept of its registration access token.
    #[serde(with = "crate::base64url")]
    pub mac: [u8; 32],
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
    /// It may ask for no scope, for too many, or for what is none.
    #[error("an application may ask for 1 to 64 scopes named `resource:action`, or for whatever policies give")]
    InvalidScopes,
    /// What it says of itself is too long.
    #[error("what an application says of itself has at most 16384 bytes")]
    InvalidMetadata,
    /// It says who it is by keys, and has none, or some that are no public keys.
    #[error(
        "for private_key_jwt an application needs a set of 1 to 50 public keys (JWKS), each with a kid of its own: Ed25519, P-256 or RSA"
    )]
    InvalidKeys,
    /// It says who it is by a certificate, and none is known to be its own.
    #[error("for tls_client_auth an application needs to say how its certificate is known")]
    NoCertificate,
    /// What its certificate is known by is refused.
    #[error(transparent)]
    Certificate(#[from] BindingError),
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
        ensure_labels(&self.fleet, &self.labels)?;
        if self.zones.len() > NAMES_MAX || !self.zones.iter().all(|zone| is_label(zone)) {
            return Err(AppError::TooManyNames);
        }
        self.certificate.as_ref().map_or(Ok(()), CertificateBinding::validate)?;
        ensure_few(&self.secrets)?;
        self.ensure_registration()?;
        match self.authentication {
            Authentication::ClientSecret => Ok(()),
            Authentication::PrivateKeyJwt if self.jwks.as_ref().is_some_and(are_keys) => Ok(()),
            Authentication::PrivateKeyJwt => Err(AppError::InvalidKeys),
            Authentication::TlsClientAuth if self.certificate.is_some() => Ok(()),
            Authentication::TlsClientAuth => Err(AppError::NoCertificate),
        }
    }

    fn ensure_registration(&self) -> Result<(), AppError> {
        let are_scopes = |scopes: &BTreeSet<String>| {
            (1..=SCOPES_MAX).contains(&scopes.len()) && scopes.iter().all(|scope| access::is_scope_name(scope))
        };
        if !self.scopes.as_ref().is_none_or(are_scopes) {
            return Err(AppError::InvalidScopes);
        }
        let is_short = serde_json::to_vec(&self.metadata).is_ok_and(|json| json.len() <= METADATA_BYTES_MAX);
        if is_short { Ok(()) } else { Err(AppError::InvalidMetadata) }
    }

    /// Whether an authorization server knows it.
    pub(crate) fn is_of(&self, server: &str) -> bool {
        self.registration.as_ref().is_none_or(|registration| registration.server == server)
    }

    /// The device that it acts for.
    pub(crate) fn did(&self) -> Option<Did> {
        self.device.parse().ok()
    }
}

/// Whether this is what is kept of one of the secrets that count. It takes the same time wherever they differ.
pub(crate) fn has_secret(secrets: &[Secret], mac: &[u8; 32]) -> bool {
    let active = secrets.iter().filter(|secret| secret.is_active);
    active.fold(Choice::from(0), |found, secret| found | secret.mac.ct_eq(mac)).into()
}

/// Whether these are no more secrets than one may have.
pub(super) fn ensure_few(secrets: &[Secret]) -> Result<(), AppError> {
    let active = secrets.iter().filter(|secret| secret.is_active).count();
    let are_few = active <= SECRETS_ACTIVE_MAX && secrets.len() <= SECRETS_MAX;
    if are_few { Ok(()) } else { Err(AppError::TooManySecrets) }
}

/// Whether this is a set of public keys, each of which is for an algorithm that is known here. A private key is none.
fn are_keys(keys: &Value) -> bool {
    let Some(members) = keys.get("keys").and_then(Value::as_array) else { return false };
    let is_public = |key: &Value| {
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        private.iter().all(|name| key.get(name).is_none())
    };
    let read = JwkSet::from_json(&keys.to_string());
    members.len() <= REGISTERED_KEYS_MAX
        && members.iter().all(is_public)
        && read.is_ok_and(|read| !read.keys.is_empty() && read.keys.len() == members.len())
}

/// Checks what a client is said to be.
pub(super) fn ensure_labels(fleet: &Option<String>, labels: &BTreeSet<String>) -> Result<(), AppError> {
    let is_good = labels.len() <= NAMES_MAX && labels.iter().chain(fleet).all(|name| is_label(name));
    if is_good { Ok(()) } else { Err(AppError::TooManyNames) }
}

fn is_label(text: &str) -> bool {
    (1..=LABEL_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Registration({})", self.server)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({})", self.id)
    }
}
