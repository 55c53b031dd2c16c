//! What a client proved when it asked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a client proved when it asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// That it has a key of its DID.
    DeviceKey,
    /// That it has a key that was registered for it here.
    RegisteredKey,
    /// That it knows a secret.
    Secret,
    /// That it has the key of a certificate (RFC 8705).
    Certificate,
}
