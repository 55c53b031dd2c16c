//! Which rule decides, and why the others do not.

use std::fmt;

use super::{Ask, Policy, Rule};

/// What a policy or a rule says to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is not active.
    Inactive,
    /// The policy is not for this client.
    OtherClients,
    /// The rule is not for this grant type.
    OtherGrantType,
    /// The rule has none of the scopes.
    OtherScopes,
    /// The rule decides.
    Decides,
}

/// What one policy, or one of its rules, said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The policy.
    pub policy: String,
    /// The rule; `None` where the policy as a whole was passed over.
    pub rule: Option<String>,
    /// What it said.
    pub verdict: Verdict,
}

/// What became of a request, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// What was looked at, in order. The last one decides, if any does.
    pub steps: Vec<Step>,
    /// The scopes that the rule gives, of those that were asked for. What the chain grants is another question.
    pub scopes: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Inactive => "is not active",
            Self::OtherClients => "is for other clients",
            Self::OtherGrantType => "is for other grant types",
            Self::OtherScopes => "has none of the scopes",
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
    if !rule.is_active {
        Verdict::Inactive
    } else if !rule.grant_types.contains(&ask.grant_type) {
        Verdict::OtherGrantType
    } else if !ask.scopes.iter().any(|scope| rule.scopes.contains(scope)) {
        Verdict::OtherScopes
    } else {
        Verdict::Decides
    }
}

pub(super) fn explain(policies: &[Policy], ask: &Ask<'_>) -> Explanation {
    let mut steps = Vec::new();
    for policy in policies {
        let whole = |verdict| Step { policy: policy.name.clone(), rule: None, verdict };
        if !policy.is_active {
            steps.push(whole(Verdict::Inactive));
            continue;
        }
        if !policy.clients.include(ask.client_id) {
            steps.push(whole(Verdict::OtherClients));
            continue;
        }
        for rule in &policy.rules {
            let verdict = judge(rule, ask);
            steps.push(Step { policy: policy.name.clone(), rule: Some(rule.name.clone()), verdict });
            if verdict == Verdict::Decides {
                let scopes = ask.scopes.iter().filter(|scope| rule.scopes.contains(*scope)).cloned().collect();
                return Explanation { steps, scopes };
            }
        }
    }
    Explanation { steps, scopes: Vec::new() }
}
