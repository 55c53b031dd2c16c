//! Why policies are not taken.

/// Why policies are not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// There are too many policies, or too many rules in one.
    #[error("an authorization server has 128 policies at most, and a policy 64 rules")]
    TooMany,
    /// A name is empty, too long, or has characters that can't be printed.
    #[error("a policy or a rule is named in 1 to 64 printable characters")]
    InvalidName,
    /// Two have the same name, or the same priority.
    #[error("`{name}` has the name or the priority of another: give each its own")]
    NotDistinct {
        /// The second one's name.
        name: String,
    },
    /// A policy names no clients, too many, or what can be no client's id, fleet, role or label.
    #[error(
        "policy `{policy}` must name 1 to 4096 clients by their ids, or list fleets, roles or labels, 64 of each at most \
         and none with `*`, or be for every client"
    )]
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
    /// A rule names too many zones, one that can't be a zone's name, or one that it also excepts.
    #[error("rule `{rule}` may name up to 16 zones and except up to 16 others, each by its whole name")]
    InvalidZones {
        /// The rule.
        rule: String,
    },
    /// A rule has too many time windows, or one that is never open.
    #[error("rule `{rule}` may have up to 16 time windows, each with a day, and an end that is not its beginning")]
    InvalidTimes {
        /// The rule.
        rule: String,
    },
    /// A rule adds too many or too large claims, one that the authorization server itself makes, or one for everything.
    #[error(
        "rule `{rule}` may add up to 16 claims of up to 1024 bytes of JSON together, each named in 1 to 64 printable \
         characters, none with `*`, and none that a token has anyway"
    )]
    InvalidClaims {
        /// The rule.
        rule: String,
    },
    /// A rule gives every client tokens that live long, or many scopes.
    #[error("rule `{rule}` is for every client: it may let tokens live for 3600 seconds and give 16 scopes at most")]
    OverBroad {
        /// The rule.
        rule: String,
    },
}
