//! `marque role define`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{
        args::{self, By},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque role define reader --issuer 0 --scope meter:read,meter:status --as //Alice

A role of this name gets these scopes instead of those that it had, for all who are granted it. At most 16.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its name
    #[arg(value_name = "ROLE", value_parser = args::role_name)]
    role: String,
    #[command(flatten)]
    by: By,
    /// Its scopes, several times or with commas
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_delimiter = ',', value_parser = args::scope_name)]
    scopes: Vec<String>,
}

/// Defines a role, or gives one other scopes.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.by.of.issuer, &args.by.acting).await?;
    stage.perform(AccessOperation::SetRole { name: args.role, scopes: args.scopes }).await
}
