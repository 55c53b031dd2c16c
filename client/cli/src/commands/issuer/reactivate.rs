//! `marque issuer reactivate`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{args::Subject, stage::Stage},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer reactivate 0 --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
}

/// Makes an authorization server's tokens count again.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let Subject { issuer, acting } = &args.subject;
    Stage::open(context, *issuer, acting).await?.perform(AccessOperation::Reactivate).await
}
