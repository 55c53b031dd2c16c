//! `marque device accept`

use marque_sdk::primitives::Operation;

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device accept meter-1 --as //Bob
  marque device accept did:marque:…:z6Mk… --as operations";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
}

/// Takes over the control that is on offer.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::AcceptTransfer).await
}
