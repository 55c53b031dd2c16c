//! Token exchange (RFC 8693): who shows a token of an issuer that is federated with gets one of this authorization server.
//!
//! | module | what is in it |
//! |---|---|
//! | [`ExchangeRequest`] | what is asked for, read from a form |
//! | [`Federation`] | whom an authorization server federates with, and what it makes of their tokens: a document of the operator |
//! | [`SubjectToken`] | a token of an issuer beyond the chain, verified against the keys that it publishes |
//! | [`ChainToken`] | a token of another authorization server on the chain, verified against the trust that is written there |
//! | [`Subject`] | what either says: for which device, and which scopes may come of it |
//! | [`KeySource`] | where the keys of issuers beyond the chain come from |
//!
//! A federation can only narrow. What a token is exchanged for is always for a device of the registry, and has those scopes alone that
//! the federation maps, the client asks for, a policy gives and the chain grants to that device, for no longer than the token that was
//! shown would have been good.

mod address;
mod chain_token;
mod confirmation;
mod federation;
mod federations;
mod key_cache;
mod key_source;
mod mapping;
mod request;
mod subject;
mod subject_token;
mod validate;

pub use chain_token::ChainToken;
pub use confirmation::ProvenKeys;
pub use federation::{
    ClaimMapping, Condition, ExternalIssuer, Federation, IssuerKeys, MarqueIssuer, ScopeMapping, SigningAlgorithm,
    Source, SubjectMapping,
};
pub use federations::Federations;
pub use key_source::{HttpKeySource, KeySource, KeySourceConfig, KeySourceError};
pub use request::{ExchangeRequest, RequestedTokenType, SubjectTokenType};
pub use subject::{Expected, Subject};
pub use subject_token::{SubjectToken, SubjectTokenError};
pub use validate::{FederationError, FederationFault};

#[cfg(test)]
mod tests;
