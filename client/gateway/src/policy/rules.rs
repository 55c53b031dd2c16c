//! Policies and their rules, and which of them are refused.

use std::collections::BTreeSet;

use marque_sdk::primitives::{access, bounds};
use serde::{Deserialize, Serialize};

/// The shortest and the longest life of a token, in seconds.
const LIFETIME_S: std::ops::RangeInclusive<u32> = 60..=24 * 60 * 60;
/// The longest life of a token that a policy for every client may give, in seconds.
const LIFETIME_FOR_EVERY_CLIENT_MAX_S: u32 = 60 * 60;
/// The most scopes that a rule may name.
const RULE_SCOPES_MAX: usize = 64;
/// The longest name of a policy or a rule, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// How a token is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// By the client, for itself (RFC 6749, section 4.4).
    ClientCredentials,
}

impl GrantType {
    /// The grant type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::ClientCredentials.name()).then_some(Self::ClientCredentials)
    }

    /// Its name, as requests and metadata have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// Whom a policy is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clients {
    /// Every client that proves who it is. What it gets is still bounded by what the chain grants it.
    Every,
    /// These, by their ids.
    These(BTreeSet<String>),
}

impl Clients {
    /// Whether this client is among them.
    pub fn include(&self, client_id: &str) -> bool {
        match self {
            Self::Every => true,
            Self::These(ids) => ids.contains(client_id),
        }
    }

    fn are_valid(&self) -> bool {
        match self {
            Self::Every => true,
            Self::These(ids) => !ids.is_empty() && ids.iter().all(|id| access::is_client_id(id)),
        }
    }
}

/// What some clients may have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
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
    /// What they may have.
    pub rules: Vec<Rule>,
}

/// What a policy's clients may have under some conditions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
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
    /// The scopes that it gives, each by its whole name: 1 to 64.
    pub scopes: BTreeSet<String>,
    /// How long tokens live, in seconds: 60 to 86400.
    pub lifetime_s: u32,
    /// Whom tokens are for: 1 to 4 audiences, each by its whole name.
    pub audience: BTreeSet<String>,
}

/// Why policies are not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A name is empty, too long, or has characters that can't be printed.
    #[error("a policy or a rule is named in 1 to 64 printable characters")]
    InvalidName,
    /// Two have the same name, or the same priority.
    #[error("`{name}` has the name or the priority of another: give each its own")]
    NotDistinct {
        /// The second one's name.
        name: String,
    },
    /// A policy names no clients, or one that can be none's id.
    #[error("policy `{policy}` must name its clients by their ids, or be for every client")]
    InvalidClients {
        /// The policy.
        policy: String,
    },
    /// A rule has no grant type.
    #[error("rule `{rule}` names no grant type")]
    NoGrantType {
        /// The rule.
        rule: String,
    },
    /// A rule names no scopes, too many, or something that is no scope's name, such as `*`.
    #[error("rule `{rule}` must name 1 to 64 scopes, each as `resource:action` and none for everything")]
    InvalidScopes {
        /// The rule.
        rule: String,
    },
    /// A rule's tokens would be for nobody, for too many, or for anybody.
    #[error("rule `{rule}` must name 1 to 4 audiences, each as a URI without `*`")]
    InvalidAudience {
        /// The rule.
        rule: String,
    },
    /// A rule's tokens would live too short or too long.
    #[error("rule `{rule}` must let tokens live for 60 to 86400 seconds")]
    InvalidLifetime {
        /// The rule.
        rule: String,
    },
    /// A rule gives every client tokens that live long.
    #[error("rule `{rule}` is for every client: it may let tokens live for 3600 seconds at most")]
    OverBroad {
        /// The rule.
        rule: String,
    },
}

impl Policy {
    pub(super) fn validate(&self) -> Result<(), PolicyError> {
        ensure_name(&self.name)?;
        if !self.clients.are_valid() {
            return Err(PolicyError::InvalidClients { policy: self.name.clone() });
        }
        ensure_distinct(self.rules.iter().map(|rule| (&rule.name, rule.priority)))?;
        for rule in &self.rules {
            rule.validate()?;
            if self.clients == Clients::Every && rule.lifetime_s > LIFETIME_FOR_EVERY_CLIENT_MAX_S {
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
        if LIFETIME_S.contains(&self.lifetime_s) { Ok(()) } else { Err(PolicyError::InvalidLifetime { rule }) }
    }
}

fn ensure_name(name: &str) -> Result<(), PolicyError> {
    let is_name = (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
    if is_name { Ok(()) } else { Err(PolicyError::InvalidName) }
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
