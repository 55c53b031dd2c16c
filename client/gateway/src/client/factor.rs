//! What a client proved in a request, for policies that want more than one proof.

use serde::{Deserialize, Serialize};

/// One thing that a client proved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// That it has a key of its DID, which is on the chain.
    DeviceKey,
    /// That it has a key which is registered for the app (RFC 7523).
    RegisteredKey,
    /// That it knows the app's secret.
    Secret,
    /// That it has the key of a certificate which is bound to the client (RFC 8705).
    Certificate,
}
