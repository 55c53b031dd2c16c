//! Who operates the gateway: access tokens of people and programs, each with a role.

use marque_sdk::primitives::TimestampMs;
use serde::{Deserialize, Serialize};

/// What an operator may do. Each role may do what those before it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads settings and the log. Secrets are in neither.
    Reader,
    /// Changes applications, devices, policies and zones.
    Operator,
    /// Changes keys, authorization servers, federation and operators.
    SecurityOfficer,
}

/// An operator's access token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// By what it is found: the part of the token before the dot.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What is kept of the token.
    #[serde(with = "crate::base64url")]
    pub mac: [u8; 32],
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
    /// When it ends.
    pub expires_ms: TimestampMs,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Operator({}, {:?})", self.id, self.role)
    }
}
