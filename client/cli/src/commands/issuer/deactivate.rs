//! `marque issuer deactivate`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{args::Subject, stage::Stage},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer deactivate 0 --as //Alice            until: marque issuer reactivate 0 --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
}

/// Makes none of an authorization server's tokens count.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let Subject { issuer, acting } = &args.subject;
    Stage::open(context, *issuer, acting).await?.perform(AccessOperation::Deactivate).await
}
