//! Policies and their rules, and which of them are refused.

use std::collections::BTreeSet;

use marque_sdk::primitives::{access, bounds};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Clients, GrantType, PolicyError, TimeWindow, claims};
use crate::client::Factor;

/// The shortest and the longest life of a token, in seconds.
const LIFETIME_S: std::ops::RangeInclusive<u32> = 60..=24 * 60 * 60;
/// The longest life of a token that a policy for every client may give, in seconds.
const LIFETIME_FOR_EVERY_CLIENT_MAX_S: u32 = 60 * 60;
/// The most scopes that a rule may name.
const RULE_SCOPES_MAX: usize = 64;
/// The most scopes that a rule of a policy for every client may name: as many as one token has.
const SCOPES_FOR_EVERY_CLIENT_MAX: usize = bounds::SCOPES_MAX;
/// The most rules that a policy may have.
const RULES_MAX: usize = 64;
/// The most zones that a rule may name, and the most that it may except.
const RULE_ZONES_MAX: usize = 16;
/// The most time windows that a rule may have.
const RULE_TIMES_MAX: usize = 16;
/// The longest name of a policy, a rule or a zone, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// What some clients may have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name: 1 to 64 printable characters, unlike that of any other.
    pub name: String,
    /// Its place in the order: the lowest is looked at first, and no two have the same.
    pub priority: u32,
    /// Whether it is looked at.
    pub is_active: bool,
    /// Whom it is for.
    pub clients: Clients,
    /// What they may have: up to 64 rules.
    pub rules: Vec<Rule>,
}

/// What a policy's clients may have under some conditions. All conditions must hold. The default names nothing, and is refused.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: 1 to 64 printable characters, unlike that of any other of its policy.
    pub name: String,
    /// Its place in the order of its policy: the lowest is looked at first, and no two have the same.
    pub priority: u32,
    /// Whether it is looked at.
    pub is_active: bool,
    /// The grant types that it is for: at least one.
    pub grant_types: BTreeSet<GrantType>,
    /// The scopes that it gives, each by its whole name: 1 to 64, and to 16 where the policy is for every client.
    pub scopes: BTreeSet<String>,
    /// How long tokens live, in seconds: 60 to 86400, and to 3600 where the policy is for every client.
    pub lifetime_s: u32,
    /// Whom tokens are for: 1 to 4 audiences, each by its whole name.
    pub audience: BTreeSet<String>,
    /// The network zones that a request comes from one of, by their names: up to 16. Empty for anywhere.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub zones: BTreeSet<String>,
    /// The network zones that a request comes from none of, by their names: up to 16.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except_zones: BTreeSet<String>,
    /// The hours that a request comes in, in one of these: up to 16. Empty for any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<TimeWindow>,
    /// What the client must have proved, all of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub factors: BTreeSet<Factor>,
    /// What tokens say besides: up to 16 claims and 1024 bytes of JSON in all, each named in 1 to 64 printable characters, and none that
    /// the authorization server itself makes.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub claims: Map<String, Value>,
}

impl Policy {
    pub(super) fn validate(&self) -> Result<(), PolicyError> {
        ensure_name(&self.name)?;
        if !self.clients.are_valid() {
            return Err(PolicyError::InvalidClients { policy: self.name.clone() });
        }
        if self.rules.len() > RULES_MAX {
            return Err(PolicyError::TooMany);
        }
        ensure_distinct(self.rules.iter().map(|rule| (&rule.name, rule.priority)))?;
        for rule in &self.rules {
            rule.validate()?;
            if self.clients == Clients::Every && rule.is_over_broad_for_every_client() {
                return Err(PolicyError::OverBroad { rule: rule.name.clone() });
            }
        }
        Ok(())
    }
}

impl Rule {
    fn validate(&self) -> Result<(), PolicyError> {
        ensure_name(&self.name)?;
        let rule = self.name.clone();
        if self.grant_types.is_empty() {
            return Err(PolicyError::NoGrantType { rule });
        }
        let is_count = (1..=RULE_SCOPES_MAX).contains(&self.scopes.len());
        if !is_count || !self.scopes.iter().all(|scope| access::is_scope_name(scope)) {
            return Err(PolicyError::InvalidScopes { rule });
        }
        let is_count = (1..=bounds::AUDIENCES_MAX).contains(&self.audience.len());
        let is_audience = |audience: &String| access::is_audience(audience) && !audience.contains('*');
        if !is_count || !self.audience.iter().all(is_audience) {
            return Err(PolicyError::InvalidAudience { rule });
        }
        if !LIFETIME_S.contains(&self.lifetime_s) {
            return Err(PolicyError::InvalidLifetime { rule });
        }
        self.validate_conditions()
    }

    fn validate_conditions(&self) -> Result<(), PolicyError> {
        let rule = self.name.clone();
        let are_few = self.zones.len() <= RULE_ZONES_MAX && self.except_zones.len() <= RULE_ZONES_MAX;
        let are_names = self.zones.union(&self.except_zones).all(|zone| is_name(zone));
        if !are_few || !are_names || !self.zones.is_disjoint(&self.except_zones) {
            return Err(PolicyError::InvalidZones { rule });
        }
        if self.times.len() > RULE_TIMES_MAX || !self.times.iter().all(TimeWindow::is_valid) {
            return Err(PolicyError::InvalidTimes { rule });
        }
        if claims::are_valid(&self.claims) { Ok(()) } else { Err(PolicyError::InvalidClaims { rule }) }
    }

    fn is_over_broad_for_every_client(&self) -> bool {
        self.lifetime_s > LIFETIME_FOR_EVERY_CLIENT_MAX_S || self.scopes.len() > SCOPES_FOR_EVERY_CLIENT_MAX
    }
}

/// Whether this can name a policy, a rule, a zone or a fleet: 1 to 64 bytes of printable characters.
pub(super) fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn ensure_name(name: &str) -> Result<(), PolicyError> {
    if is_name(name) { Ok(()) } else { Err(PolicyError::InvalidName) }
}

/// Checks that each has a name and a priority of its own.
pub(super) fn ensure_distinct<'a>(all: impl Iterator<Item = (&'a String, u32)>) -> Result<(), PolicyError> {
    let (mut names, mut priorities) = (BTreeSet::new(), BTreeSet::new());
    for (name, priority) in all {
        if !names.insert(name) || !priorities.insert(priority) {
            return Err(PolicyError::NotDistinct { name: name.clone() });
        }
    }
    Ok(())
}
