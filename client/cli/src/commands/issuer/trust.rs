//! `marque issuer trust`

use marque_sdk::primitives::{
    access::{AccessOperation, IssuerId},
    bounds,
};

use crate::{
    access::{
        args::{self, Subject},
        stage::Stage,
    },
    context::Context,
    duration::{self, When},
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer trust 0 1 --scope charge:start --until 30d --as //Alice
  marque issuer trust 0 1 --scope charge:start,meter:read --until 2027-01-01T00:00:00Z

Who asks for tokens of 0 then takes those of 1 too, where these scopes are all that is required. 0 defines the scopes.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The number of the authorization server that is trusted
    #[arg(value_name = "OTHER")]
    other: IssuerId,
    /// For which scopes, several times or with commas
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_delimiter = ',', value_parser = args::scope_name)]
    scopes: Vec<String>,
    /// For how long, or until when; at most 366d
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when)]
    until: When,
}

/// Lets another authorization server's tokens count as its own.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.subject.issuer, &args.subject.acting).await?;
    let until_ms = stage.time(args.until, bounds::TRUST_MAX_MS).await?;
    stage.perform(AccessOperation::SetTrust { issuer: args.other, scopes: args.scopes, until_ms }).await
}
