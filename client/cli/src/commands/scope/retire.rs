//! `marque scope retire`

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
  marque scope retire meter:read --issuer 0 --as //Alice          asks before it does it
  marque scope retire meter:read --issuer 0 --as //Alice --yes    for scripts

There is no way back: it is no longer granted or issued, and its name is never free again.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its name
    #[arg(value_name = "SCOPE", value_parser = args::scope_name)]
    scope: String,
    #[command(flatten)]
    by: By,
    /// Does not ask
    #[arg(long, short)]
    yes: bool,
}

/// Retires a scope, for ever.
///
/// # Errors
/// When it is not confirmed, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.by.of.issuer, &args.by.acting).await?;
    if !args.yes {
        let (scope, issuer) = (&args.scope, stage.issuer);
        let question = format!("The scope {scope} of authorization server {issuer} will be retired, for ever.");
        context.output.confirm(&question)?;
    }
    stage.perform(AccessOperation::RetireScope { name: args.scope }).await
}
