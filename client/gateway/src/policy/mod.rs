//! Policies (Okta's model): who may get which scopes, for how long and for whom. Pure.
//!
//! A policy names clients, and its rules what these may have. Policies are looked at in the order of their priority, 1 first, and the
//! rules of a policy too; the first rule that is for the grant type and at least one of the scopes decides. It gives those of the scopes
//! that it names: what the chain grants is the ceiling, and a policy only narrows it.

mod explain;
mod rules;

pub use explain::{Explanation, Step, Verdict};
pub use rules::{Clients, GrantType, Policy, PolicyError, Rule};

use std::collections::BTreeSet;

/// What a client asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The client's id.
    pub client_id: &'a str,
    /// How it asks.
    pub grant_type: GrantType,
    /// The scopes.
    pub scopes: &'a [String],
}

/// The rule that decides, and its policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The rule.
    pub rule: &'a Rule,
}

/// The policies of an authorization server: valid, and in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// Takes policies.
    ///
    /// # Errors
    /// [`PolicyError`] where one is over-broad, out of bounds, or has the name or the priority of another.
    pub fn new(mut policies: Vec<Policy>) -> Result<Self, PolicyError> {
        policies.iter().try_for_each(Policy::validate)?;
        rules::ensure_distinct(policies.iter().map(|policy| (&policy.name, policy.priority)))?;
        policies.sort_by_key(|policy| policy.priority);
        policies.iter_mut().for_each(|policy| policy.rules.sort_by_key(|rule| rule.priority));
        Ok(Self(policies))
    }

    /// The rule that decides; `None` where no rule matches.
    pub fn decide(&self, ask: &Ask<'_>) -> Option<Decision<'_>> {
        let active = self.0.iter().filter(|policy| policy.is_active && policy.clients.include(ask.client_id));
        let mut rules = active.flat_map(|policy| policy.rules.iter().map(move |rule| Decision { policy, rule }));
        rules.find(|decision| explain::judge(decision.rule, ask) == Verdict::Decides)
    }

    /// What becomes of a request, and why: each policy and rule that was looked at, in order, down to the one that decides.
    pub fn explain(&self, ask: &Ask<'_>) -> Explanation {
        explain::explain(&self.0, ask)
    }

    /// All of them, in order.
    pub fn all(&self) -> &[Policy] {
        &self.0
    }

    /// The scopes that any active rule could give.
    pub fn scopes(&self) -> BTreeSet<&str> {
        let active = self.0.iter().filter(|policy| policy.is_active).flat_map(|policy| &policy.rules);
        active.filter(|rule| rule.is_active).flat_map(|rule| &rule.scopes).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests;
