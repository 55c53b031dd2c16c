//! `marque issuer accept`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{args::Subject, stage::Stage},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer accept 0 --as //Bob";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
}

/// Takes over the authorization server that is on offer. Its delegates are removed.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let Subject { issuer, acting } = &args.subject;
    Stage::open(context, *issuer, acting).await?.perform(AccessOperation::AcceptTransfer).await
}
