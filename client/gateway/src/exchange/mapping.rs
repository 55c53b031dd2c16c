//! What a federation makes of what a token says.

use std::collections::BTreeSet;

use marque_sdk::{did::Did, primitives::RegistryId};
use serde_json::{Map, Value};

use super::{Condition, Federation, SubjectMapping};

/// The longest value of a claim that is copied, in bytes of JSON: 8 of them leave room for the rest of a token.
const CLAIM_BYTES_MAX: usize = 512;

impl Federation {
    /// The device that the token is for; `None` where it names none of the registry.
    pub(super) fn device(&self, claims: &Map<String, Value>, registry: RegistryId) -> Option<Did> {
        let did = match &self.subject {
            SubjectMapping::DidClaim { claim } => claims.get(claim)?.as_str()?,
            SubjectMapping::Table { claim, devices } => devices.get(claims.get(claim)?.as_str()?)?,
            SubjectMapping::Fixed { device } => device,
        };
        did.parse().ok().filter(|did: &Did| did.registry == registry)
    }

    /// Whether a token says all that it must.
    pub(super) fn is_fulfilled(&self, claims: &Map<String, Value>) -> bool {
        let says = |condition: &Condition| match claims.get(&condition.claim) {
            Some(Value::String(text)) => condition.one_of.contains(text),
            Some(Value::Bool(yes)) => condition.one_of.contains(if *yes { "true" } else { "false" }),
            _ => false,
        };
        self.conditions.iter().all(says)
    }

    /// The further claims of the new token; `None` where one is too long.
    pub(super) fn copied_claims(&self, claims: &Map<String, Value>) -> Option<Map<String, Value>> {
        let mut copied = Map::new();
        for mapping in &self.claims {
            if let Some(value) = claims.get(&mapping.from) {
                if value.to_string().len() > CLAIM_BYTES_MAX {
                    return None;
                }
                copied.insert(mapping.to.clone(), value.clone());
            }
        }
        Some(copied)
    }

    /// The scopes of this authorization server that may come of these scopes of a token.
    pub(super) fn mapped_scopes(&self, scopes: &BTreeSet<&str>) -> BTreeSet<String> {
        let applies = |from: &Option<String>| from.as_deref().is_none_or(|from| scopes.contains(from));
        let mappings = self.scopes.iter().filter(|mapping| applies(&mapping.from));
        mappings.flat_map(|mapping| &mapping.to).cloned().collect()
    }
}

/// The scopes that a token has: in `scope` as one text (RFC 9068, section 2.2.3) or a list, or else in `scp`, where some issuers have them.
pub(super) fn scopes_of(claims: &Map<String, Value>) -> BTreeSet<&str> {
    match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::String(text)) => text.split(' ').filter(|scope| !scope.is_empty()).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}
