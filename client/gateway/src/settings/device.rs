//! What is known of a device beside what the chain says: for policies alone, which may narrow by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What is known of a device here. It registers nowhere but on the chain: one that nothing is known of here has none of these.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
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
}
