//! Verifying a token: what is required of it, and against what.

use marque_sdk::{
    Access, Verifier, VerifierConfig,
    primitives::{
        access::IssuerId,
        token::{Requirement, SignedToken, Verified},
    },
    verifier::{VerifierError, ViewStatus},
};

use crate::{access::args, failure::Outcome};

/// What is required of a token.
#[derive(clap::Args, Clone, Debug)]
pub struct RequirementArgs {
    /// The number of the authorization server that is trusted, with those that it trusts
    #[arg(long, env = "MARQUE_ISSUER", hide_env_values = true, value_name = "NUMBER")]
    issuer: IssuerId,
    /// Whom the token must be for
    #[arg(long, value_name = "AUDIENCE", value_parser = args::audience)]
    audience: String,
    /// A scope that it must have; several times or with commas
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', value_parser = args::scope_name)]
    scopes: Vec<String>,
}

impl RequirementArgs {
    /// The requirement.
    pub fn requirement(self) -> Requirement {
        Requirement { issuer: self.issuer, audience: self.audience, scopes: self.scopes }
    }
}

/// Verifies a token against the chain's finalized state, and says by which view. Who presents it is not looked at.
///
/// # Errors
/// Inside, why the token is not good, or why nothing can be said of it. Outside, when the chain can't be followed.
pub async fn off_chain(
    access: &Access,
    token: &SignedToken,
    requirement: &Requirement,
) -> Outcome<Result<(Verified, ViewStatus), VerifierError>> {
    let mut config = VerifierConfig::default();
    // One token takes a few reads; the blocks before the head would take many.
    config.replay_blocks = 0;
    let verifier = Verifier::start(access, config).await?;
    match verifier.verify(token, requirement, None).await {
        Ok(verified) => Ok(Ok((verified.into_owned(), verifier.view()?))),
        Err(error) => Ok(Err(error)),
    }
}
