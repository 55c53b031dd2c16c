//! `marque device suspend`

use marque_sdk::primitives::Operation;

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device suspend meter-1                      by the device's own key
  marque device suspend meter-1 --as operations      by its controller or an operator";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
}

/// Suspends the device.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::Suspend).await
}
