//! Whom an authorization server federates with, as an operator writes it down.

use std::collections::{BTreeMap, BTreeSet};

use marque_sdk::token::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// An issuer whose tokens are exchanged, and what becomes of them. Nothing in it stands for everything: `*` is refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Federation {
    /// Its name: 1 to 64 printable characters, unlike that of any other.
    pub name: String,
    /// The authorization server that exchanges these tokens, by its name.
    pub server: String,
    /// Whose tokens are exchanged. An authorization server has one federation with each issuer.
    pub source: Source,
    /// Whether tokens are exchanged by it.
    pub is_active: bool,
    /// Whether each token is exchanged once. It then needs a `jti`. RFC 8693 lets a token be exchanged as often as it likes.
    #[serde(default)]
    pub single_use: bool,
    /// Which device of the registry a token is for. What that device may have is the ceiling.
    pub subject: SubjectMapping,
    /// Further claims that the new token gets: up to 8.
    #[serde(default)]
    pub claims: Vec<ClaimMapping>,
    /// What a token must say, all of it: up to 16 conditions.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Which scopes may come of it: 1 to 64 mappings. A scope that none leads to is never given.
    pub scopes: Vec<ScopeMapping>,
}

/// Whose tokens are exchanged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An issuer beyond the chain, of OAuth 2.0 or OpenID Connect.
    External(ExternalIssuer),
    /// Another authorization server on the chain, which this one trusts there, for the scopes that the trust names.
    Marque(MarqueIssuer),
}

/// An issuer that is known by its keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalIssuer {
    /// Its URL, exactly as its tokens have it in `iss`.
    pub issuer: String,
    /// Its keys.
    pub keys: IssuerKeys,
    /// Whom its tokens must be for: 1 to 8, of which `aud` must have one. An audience that is this gateway's alone is best: tokens that
    /// are for another service can be shown here by that service.
    pub audiences: BTreeSet<String>,
    /// What its tokens may be signed with: at least one.
    pub algorithms: BTreeSet<SigningAlgorithm>,
}

/// The keys of an issuer beyond the chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuerKeys {
    /// They are published here: `https`, or `http` on the loopback host, which is asked in development alone.
    JwksUri(String),
    /// They are these (RFC 7517, section 5): each with a `kid` of its own, and no private one.
    Jwks(Value),
}

/// An authorization server on the chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarqueIssuer {
    /// Its number on the chain.
    pub issuer: u32,
    /// Whom its tokens must be for: 1 to 8, of which `aud` must have one.
    pub audiences: BTreeSet<String>,
}

/// What a token may be signed with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
pub enum SigningAlgorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

impl From<Algorithm> for SigningAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDsa => Self::EdDsa,
            Algorithm::Es256 => Self::Es256,
            Algorithm::Rs256 => Self::Rs256,
        }
    }
}

/// How a token names a device of the registry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SubjectMapping {
    /// A claim is the device's DID. The issuer may so name any device of the registry. Tokens of the chain have theirs in `sub`, and it is
    /// the only mapping for them.
    DidClaim {
        /// The claim.
        claim: String,
    },
    /// What a claim says stands for a device.
    Table {
        /// The claim.
        claim: String,
        /// The device's DID for each text of the claim: 1 to 1024.
        devices: BTreeMap<String, String>,
    },
    /// Each token is for the same device, whatever it says.
    Fixed {
        /// The device's DID.
        device: String,
    },
}

/// A claim that the new token gets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimMapping {
    /// The claim of the token that is shown. Where it has none, neither has the new one.
    pub from: String,
    /// The new token's claim, which may be none that has a meaning already.
    pub to: String,
}

/// What a token must say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The claim. It must be a text, or `true` or `false`, which are compared as texts.
    pub claim: String,
    /// What it may be: 1 to 32 texts, compared as a whole.
    pub one_of: BTreeSet<String>,
}

/// Which scopes may come of a scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeMapping {
    /// The scope that the token must have. Left out, these scopes may come of each token that fulfils the conditions, of which there must
    /// then be one: tokens for workloads and ID tokens have no scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The scopes of this authorization server: 1 to 16.
    pub to: BTreeSet<String>,
}
