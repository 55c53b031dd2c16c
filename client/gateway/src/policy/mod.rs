//! Policies (Okta's model): who may get which scopes, from where, when, for how long and for whom. Pure.
//!
//! A policy names clients, and its rules what these may have. Policies are looked at in the order of their priority, 1 first, and the
//! rules of a policy too; the first rule decides that is for at least one of the scopes and all of whose conditions hold: the grant type,
//! the audience, the network zone, the time, and what the client proved. It gives those of the scopes that it names: what the chain grants
//! is the ceiling, and a policy only narrows it.

mod claims;
mod clients;
mod error;
mod explain;
mod grant_type;
mod rules;
mod times;
mod zone;

pub use clients::{Clients, Matching};
pub use error::PolicyError;
pub use explain::{Explanation, Step, Verdict};
pub use grant_type::GrantType;
pub use rules::{Policy, Rule};
pub use times::{Day, NoTimeOfDay, TimeOfDay, TimeWindow};
pub use zone::{Zone, ZoneError, zones_of};

use std::collections::BTreeSet;

use marque_sdk::primitives::TimestampMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client::Factor;

/// The most policies that an authorization server may have.
const POLICIES_MAX: usize = 128;

/// What a client asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The client's id.
    pub client_id: &'a str,
    /// The client's labels.
    pub labels: &'a BTreeSet<String>,
    /// The fleets that the client is in.
    pub fleets: &'a BTreeSet<String>,
    /// The names of the roles that the chain grants the client.
    pub roles: &'a BTreeSet<String>,
    /// How it asks.
    pub grant_type: GrantType,
    /// The scopes.
    pub scopes: &'a [String],
    /// The names of the network zones that it asks from; `None` where its address is not known: then no rule matches that names zones or
    /// excepts some.
    pub zones: Option<&'a BTreeSet<String>>,
    /// Now, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// What the client proved.
    pub factors: &'a BTreeSet<Factor>,
    /// For whom the token is to be (RFC 8707): `None` or none for all that a rule has. A rule matches only if it has all of them.
    pub audience: Option<&'a [String]>,
}

static NONE: BTreeSet<String> = BTreeSet::new();
static NO_FACTORS: BTreeSet<Factor> = BTreeSet::new();

impl<'a> Ask<'a> {
    /// What a client asks for of which no more is known: it has no labels, fleets and roles, proved nothing, and asks from an unknown
    /// address for no particular audience.
    pub const fn new(client_id: &'a str, grant_type: GrantType, scopes: &'a [String], now_ms: TimestampMs) -> Self {
        Self {
            client_id,
            labels: &NONE,
            fleets: &NONE,
            roles: &NONE,
            grant_type,
            scopes,
            zones: None,
            now_ms,
            factors: &NO_FACTORS,
            audience: None,
        }
    }
}

/// The rule that decides, and its policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The rule.
    pub rule: &'a Rule,
}

impl Decision<'_> {
    /// The scopes that the rule gives, of those that are asked for, in their order.
    pub fn scopes(&self, ask: &Ask<'_>) -> Vec<String> {
        ask.scopes.iter().filter(|scope| self.rule.scopes.contains(*scope)).cloned().collect()
    }

    /// For whom the token is: those who are asked for, each once, or else all that the rule has.
    pub fn audience(&self, ask: &Ask<'_>) -> BTreeSet<String> {
        let asked: BTreeSet<String> = ask.audience.unwrap_or_default().iter().cloned().collect();
        if asked.is_empty() { self.rule.audience.clone() } else { asked }
    }
}

/// The policies of an authorization server: up to 128, valid, and in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<Policy>")]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// Takes policies.
    ///
    /// # Errors
    /// [`PolicyError`] where one is over-broad, out of bounds, or has the name or the priority of another.
    pub fn new(mut policies: Vec<Policy>) -> Result<Self, PolicyError> {
        if policies.len() > POLICIES_MAX {
            return Err(PolicyError::TooMany);
        }
        policies.iter().try_for_each(Policy::validate)?;
        rules::ensure_distinct(policies.iter().map(|policy| (&policy.name, policy.priority)))?;
        policies.sort_by_key(|policy| policy.priority);
        policies.iter_mut().for_each(|policy| policy.rules.sort_by_key(|rule| rule.priority));
        Ok(Self(policies))
    }

    /// The policies, in order.
    pub fn all(&self) -> &[Policy] {
        &self.0
    }

    /// The rule that decides; `None` where no rule matches. Whether that is for the audience (`invalid_target`) is seen when the same is
    /// asked for without one.
    pub fn decide(&self, ask: &Ask<'_>) -> Option<Decision<'_>> {
        let active = self.0.iter().filter(|policy| policy.is_active && policy.clients.include(ask));
        let mut rules = active.flat_map(|policy| policy.rules.iter().map(move |rule| Decision { policy, rule }));
        rules.find(|decision| explain::judge(decision.rule, ask) == Verdict::Decides)
    }

    /// What becomes of a request, and why: each policy and rule that was looked at, in order, down to the one that decides.
    pub fn explain(&self, ask: &Ask<'_>) -> Explanation {
        explain::explain(&self.0, ask)
    }

    /// Whether any of them asks for the roles that a client has on the chain.
    pub fn ask_for_roles(&self) -> bool {
        self.0.iter().any(|policy| matches!(&policy.clients, Clients::Matching(matching) if !matching.roles.is_empty()))
    }

    /// The scopes that any active rule could give.
    pub fn scopes(&self) -> BTreeSet<&str> {
        let active = self.0.iter().filter(|policy| policy.is_active).flat_map(|policy| &policy.rules);
        active.filter(|rule| rule.is_active).flat_map(|rule| &rule.scopes).map(String::as_str).collect()
    }

    /// The network zones that any rule names or excepts, active or not. One that does not exist is one that nobody is in: check that each
    /// does.
    pub fn zones(&self) -> BTreeSet<&str> {
        let rules = self.0.iter().flat_map(|policy| &policy.rules);
        rules.flat_map(|rule| rule.zones.iter().chain(&rule.except_zones)).map(String::as_str).collect()
    }
}

impl TryFrom<Vec<Policy>> for Policies {
    type Error = PolicyError;

    fn try_from(policies: Vec<Policy>) -> Result<Self, PolicyError> {
        Self::new(policies)
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
