//! Whom a policy is for.

use std::collections::BTreeSet;

use marque_sdk::primitives::access;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Ask, rules::is_name};

/// The most clients that a policy may name.
const IDS_MAX: usize = 4096;
/// The most fleets, roles or labels that a policy may name.
const MATCHES_MAX: usize = 64;
/// The longest label, in bytes.
const LABEL_BYTES_MAX: usize = 128;

/// Whom a policy is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clients {
    /// Every client that proves who it is. What it gets is still bounded by what the chain grants it.
    Every,
    /// These, by their ids: 1 to 4096.
    These(BTreeSet<String>),
    /// Those that are of a kind.
    Matching(Matching),
}

/// What clients have in common. Each kind that is listed must match, and within a kind one is enough; at least one kind is listed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// Fleets that the client is in: up to 64, each of 1 to 64 printable characters. Empty for any and none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub fleets: BTreeSet<String>,
    /// Roles that the chain grants it, by their names: up to 64. Empty for any and none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<String>,
    /// Labels that it has, `key=value` or plain text: up to 64, each of 1 to 128 printable characters. Empty for any and none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
}

impl Clients {
    /// Whether the client that asks is among them.
    pub fn include(&self, ask: &Ask<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::These(ids) => ids.contains(ask.client_id),
            Self::Matching(matching) => matching.include(ask),
        }
    }

    pub(super) fn are_valid(&self) -> bool {
        match self {
            Self::Every => true,
            Self::These(ids) => (1..=IDS_MAX).contains(&ids.len()) && ids.iter().all(|id| access::is_client_id(id)),
            Self::Matching(matching) => matching.is_valid(),
        }
    }
}

impl Matching {
    fn include(&self, ask: &Ask<'_>) -> bool {
        let kinds = [(&self.fleets, ask.fleets), (&self.roles, ask.roles), (&self.labels, ask.labels)];
        kinds.iter().all(|(listed, had)| listed.is_empty() || !listed.is_disjoint(had))
    }

    fn is_valid(&self) -> bool {
        let kinds = [&self.fleets, &self.roles, &self.labels];
        kinds.iter().any(|kind| !kind.is_empty())
            && kinds.iter().all(|kind| kind.len() <= MATCHES_MAX)
            && self.fleets.iter().all(|fleet| is_name(fleet) && !fleet.contains('*'))
            && self.roles.iter().all(|role| access::is_role_name(role))
            && self.labels.iter().all(|label| is_label(label))
    }
}

fn is_label(text: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&text.len())
        && !text.chars().any(|character| character.is_control() || character == '*')
}
