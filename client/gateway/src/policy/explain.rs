//! Which rule decides, and why the others do not.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Ask, Decision, Policy, Rule};

/// What a policy or a rule says to a request: of several conditions that do not hold, the first in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is not active.
    Inactive,
    /// The policy is not for this client.
    OtherClients,
    /// The rule is not for this grant type.
    OtherGrantType,
    /// The rule has none of the scopes.
    OtherScopes,
    /// The rule's tokens are not for all of those that the token is to be for.
    OtherAudience,
    /// The rule is for other network zones, or it is not known where the request comes from.
    OtherZones,
    /// The rule excepts a network zone that the request comes from, or it is not known where that is.
    ExceptedZone,
    /// The rule is for other times.
    OtherTimes,
    /// The rule wants the client to have proved more.
    MissingFactors,
    /// The rule decides.
    Decides,
}

/// What one policy, or one of its rules, said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// The policy.
    pub policy: String,
    /// The rule; `None` where the policy as a whole was passed over.
    pub rule: Option<String>,
    /// What it said.
    pub verdict: Verdict,
}

/// What became of a request, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// What was looked at, in order. The last one decides, if any does.
    pub steps: Vec<Step>,
    /// The scopes that the rule gives, of those that were asked for. What the chain grants is another question.
    pub scopes: Vec<String>,
    /// For whom the token is; empty where no rule decides.
    pub audience: BTreeSet<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Inactive => "is not active",
            Self::OtherClients => "is for other clients",
            Self::OtherGrantType => "is for other grant types",
            Self::OtherScopes => "has none of the scopes",
            Self::OtherAudience => "is for other audiences",
            Self::OtherZones => "is for other network zones",
            Self::ExceptedZone => "excepts this network zone",
            Self::OtherTimes => "is for other times",
            Self::MissingFactors => "wants the client to prove more",
            Self::Decides => "decides",
        })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { policy, rule, verdict } in &self.steps {
            match rule {
                Some(rule) => writeln!(formatter, "policy `{policy}`, rule `{rule}`: {verdict}")?,
                None => writeln!(formatter, "policy `{policy}`: {verdict}")?,
            }
        }
        if self.scopes.is_empty() {
            return formatter.write_str("refused: no rule decides");
        }
        write!(formatter, "allowed: {}", self.scopes.join(" "))
    }
}

/// What a rule of a policy that is for the client says.
pub(super) fn judge(rule: &Rule, ask: &Ask<'_>) -> Verdict {
    let conditions = [
        (rule.is_active, Verdict::Inactive),
        (rule.grant_types.contains(&ask.grant_type), Verdict::OtherGrantType),
        (ask.scopes.iter().any(|scope| rule.scopes.contains(scope)), Verdict::OtherScopes),
        (ask.audience.unwrap_or_default().iter().all(|one| rule.audience.contains(one)), Verdict::OtherAudience),
        (rule.zones.is_empty() || is_known(ask, |zones| !zones.is_disjoint(&rule.zones)), Verdict::OtherZones),
        (
            rule.except_zones.is_empty() || is_known(ask, |zones| zones.is_disjoint(&rule.except_zones)),
            Verdict::ExceptedZone,
        ),
        (rule.times.is_empty() || rule.times.iter().any(|window| window.contains(ask.now_ms)), Verdict::OtherTimes),
        (rule.factors.is_subset(ask.factors), Verdict::MissingFactors),
    ];
    conditions.into_iter().find(|(holds, _)| !holds).map_or(Verdict::Decides, |(_, verdict)| verdict)
}

/// Whether it is known where a request comes from, and that is so.
fn is_known(ask: &Ask<'_>, is_so: impl FnOnce(&BTreeSet<String>) -> bool) -> bool {
    ask.zones.is_some_and(is_so)
}

pub(super) fn explain(policies: &[Policy], ask: &Ask<'_>) -> Explanation {
    let mut steps = Vec::new();
    for policy in policies {
        let whole = |verdict| Step { policy: policy.name.clone(), rule: None, verdict };
        if !policy.is_active {
            steps.push(whole(Verdict::Inactive));
            continue;
        }
        if !policy.clients.include(ask) {
            steps.push(whole(Verdict::OtherClients));
            continue;
        }
        for rule in &policy.rules {
            let verdict = judge(rule, ask);
            steps.push(Step { policy: policy.name.clone(), rule: Some(rule.name.clone()), verdict });
            if verdict == Verdict::Decides {
                let decision = Decision { policy, rule };
                return Explanation { steps, scopes: decision.scopes(ask), audience: decision.audience(ask) };
            }
        }
    }
    Explanation { steps, scopes: Vec::new(), audience: BTreeSet::new() }
}
