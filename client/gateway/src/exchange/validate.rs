//! Which federations are refused.

use std::collections::BTreeSet;

use marque_sdk::{
    did::Did,
    primitives::{RegistryId, access, bounds},
    token::JwkSet,
};
use serde_json::Value;

use super::{
    ClaimMapping, Condition, Federation, IssuerKeys, Source, SubjectMapping,
    address::{self, Place},
};

const NAME_BYTES_MAX: usize = 64;
const AUDIENCES_MAX: usize = 8;
const DEVICES_MAX: usize = 1024;
const CLAIMS_MAX: usize = 8;
const CLAIM_NAME_BYTES_MAX: usize = 128;
const CONDITIONS_MAX: usize = 16;
const CONDITION_VALUES_MAX: usize = 32;
const SCOPE_MAPPINGS_MAX: usize = 64;
/// The longest text of a claim that stands for something, in bytes.
const VALUE_BYTES_MAX: usize = 256;

/// Claims that have a meaning in this server's tokens, or in what it says about them.
const RESERVED: [&str; 19] = [
    "act",
    "active",
    "aud",
    "authorization_details",
    "cid",
    "client_id",
    "cnf",
    "epoch",
    "exp",
    "iat",
    "iss",
    "jti",
    "may_act",
    "nbf",
    "scope",
    "scp",
    "sub",
    "token_type",
    "ver",
];

/// Why a federation is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("federation {name:?}: {fault}")]
pub struct FederationError {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub fault: FederationFault,
}

/// What is wrong with a federation.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FederationFault {
    /// Its name is empty, too long, or has characters that can't be printed.
    #[error("it is named in 1 to 64 printable characters")]
    InvalidName,
    /// Another one has its name, or is with the same issuer at the same authorization server.
    #[error("another has its name, or is with the same issuer: give each its own")]
    NotDistinct,
    /// The issuer's URL is none.
    #[error("the issuer must be an https URL without query, fragment, credentials or `*`, exactly as in its tokens")]
    InvalidIssuer,
    /// The keys are none, or are published where they could be changed on the way.
    #[error(
        "give the keys as an https URL, or as a JWK set: each key public, for EdDSA, ES256 or RS256, with a kid of its own"
    )]
    InvalidKeys,
    /// Its tokens would be for nobody, for too many, or for anybody.
    #[error("name 1 to 8 audiences, one of which its tokens must have, each as a URI or a name without `*`")]
    InvalidAudiences,
    /// Its tokens may be signed with nothing.
    #[error("name at least one algorithm: EdDSA, ES256 or RS256")]
    NoAlgorithm,
    /// The device can't be found by it, or is in another registry.
    #[error("the subject must be a claim, or stand for devices of this registry by their DIDs: 1 to 1024, without `*`")]
    InvalidSubject,
    /// A token of the chain says itself which device it is for.
    #[error("tokens of the chain are for the device in their claim `sub`: take did_claim, with the claim sub")]
    SubjectOfChain,
    /// Too many claims are copied, one of them twice, or from or to what is none.
    #[error("copy at most 8 claims, each to a name of its own, without `*`")]
    InvalidClaims,
    /// A claim would take the place of one that has a meaning.
    #[error("the claim `{claim}` has a meaning already: copy to another name")]
    ReservedClaim {
        /// The claim.
        claim: String,
    },
    /// There are too many conditions, or one that nothing or anything fulfils.
    #[error(
        "give at most 16 conditions, each with a claim and 1 to 32 texts that are compared as a whole, without `*`"
    )]
    InvalidConditions,
    /// No scope, or something that is none, would come of it.
    #[error("map scopes to scopes named `resource:action`, 1 to 16 by each of 1 to 64 mappings, and none from `*`")]
    InvalidScopes,
    /// Scopes would come of every token.
    #[error("a mapping without `from` gives scopes to every token: name the scope, or give a condition")]
    OverBroad,
}

impl Federation {
    /// Checks it by itself.
    ///
    /// # Errors
    /// [`FederationFault`], but for [`FederationFault::NotDistinct`], in the order of the document.
    pub fn validate(&self, registry: RegistryId) -> Result<(), FederationFault> {
        ensure(is_text(&self.name, NAME_BYTES_MAX), FederationFault::InvalidName)?;
        self.ensure_source()?;
        self.ensure_subject(registry)?;
        ensure_claims(&self.claims)?;
        let are_conditions = self.conditions.len() <= CONDITIONS_MAX && self.conditions.iter().all(is_condition);
        ensure(are_conditions, FederationFault::InvalidConditions)?;
        self.ensure_scopes()
    }

    fn ensure_source(&self) -> Result<(), FederationFault> {
        let audiences = match &self.source {
            Source::External(external) => {
                let is_issuer = address::place(&external.issuer).is_some() && !external.issuer.contains('?');
                ensure(is_issuer, FederationFault::InvalidIssuer)?;
                ensure(are_keys(&external.keys), FederationFault::InvalidKeys)?;
                ensure(!external.algorithms.is_empty(), FederationFault::NoAlgorithm)?;
                &external.audiences
            }
            Source::Marque(chain) => &chain.audiences,
        };
        let is_audience = |audience: &String| access::is_audience(audience) && !audience.contains('*');
        let are_good = (1..=AUDIENCES_MAX).contains(&audiences.len()) && audiences.iter().all(is_audience);
        ensure(are_good, FederationFault::InvalidAudiences)
    }

    fn ensure_subject(&self, registry: RegistryId) -> Result<(), FederationFault> {
        let is_device = |did: &String| did.parse().is_ok_and(|did: Did| did.registry == registry);
        let is_good = match (&self.source, &self.subject) {
            (Source::Marque(_), SubjectMapping::DidClaim { claim }) if claim == "sub" => true,
            (Source::Marque(_), _) => return Err(FederationFault::SubjectOfChain),
            (Source::External(_), SubjectMapping::DidClaim { claim }) => is_claim_name(claim),
            (Source::External(_), SubjectMapping::Table { claim, devices }) => {
                is_claim_name(claim)
                    && (1..=DEVICES_MAX).contains(&devices.len())
                    && devices.iter().all(|(value, did)| is_value(value) && is_device(did))
            }
            (Source::External(_), SubjectMapping::Fixed { device }) => is_device(device),
        };
        ensure(is_good, FederationFault::InvalidSubject)
    }

    fn ensure_scopes(&self) -> Result<(), FederationFault> {
        let is_from = |from: &String| is_value(from) && !from.contains(' ');
        let is_mapping = |mapping: &super::ScopeMapping| {
            mapping.from.as_ref().is_none_or(is_from)
                && (1..=bounds::SCOPES_MAX).contains(&mapping.to.len())
                && mapping.to.iter().all(|scope| access::is_scope_name(scope))
        };
        let are_good = (1..=SCOPE_MAPPINGS_MAX).contains(&self.scopes.len()) && self.scopes.iter().all(is_mapping);
        ensure(are_good, FederationFault::InvalidScopes)?;
        // What is trusted on the chain is trusted for scopes by their names.
        let may_be_left_out = !self.conditions.is_empty() && matches!(self.source, Source::External(_));
        let is_narrow = may_be_left_out || self.scopes.iter().all(|mapping| mapping.from.is_some());
        ensure(is_narrow, FederationFault::OverBroad)
    }
}

fn ensure(is_good: bool, fault: FederationFault) -> Result<(), FederationFault> {
    if is_good { Ok(()) } else { Err(fault) }
}

fn are_keys(keys: &IssuerKeys) -> bool {
    match keys {
        IssuerKeys::JwksUri(uri) => matches!(address::place(uri), Some(Place::Https | Place::Loopback)),
        IssuerKeys::Jwks(set) => {
            let count = set.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
            // One that is left out when it is read would not be noticed before its tokens are refused.
            count > 0 && JwkSet::from_json(&set.to_string()).is_ok_and(|read| read.keys.len() == count)
        }
    }
}

fn ensure_claims(claims: &[ClaimMapping]) -> Result<(), FederationFault> {
    let mut names = BTreeSet::new();
    let mut is_good =
        |claim: &ClaimMapping| is_claim_name(&claim.from) && is_claim_name(&claim.to) && names.insert(claim.to.clone());
    ensure(claims.len() <= CLAIMS_MAX && claims.iter().all(&mut is_good), FederationFault::InvalidClaims)?;
    match claims.iter().find(|claim| RESERVED.contains(&claim.to.as_str())) {
        Some(reserved) => Err(FederationFault::ReservedClaim { claim: reserved.to.clone() }),
        None => Ok(()),
    }
}

fn is_condition(condition: &Condition) -> bool {
    is_claim_name(&condition.claim)
        && (1..=CONDITION_VALUES_MAX).contains(&condition.one_of.len())
        && condition.one_of.iter().all(|value| is_value(value))
}

fn is_claim_name(text: &str) -> bool {
    is_text(text, CLAIM_NAME_BYTES_MAX) && !text.contains(['*', ' '])
}

/// Whether this can be compared as a whole with what a claim says: a `*` would look as if it stood for something.
fn is_value(text: &str) -> bool {
    is_text(text, VALUE_BYTES_MAX) && !text.contains('*')
}

fn is_text(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len()) && !text.chars().any(char::is_control)
}
