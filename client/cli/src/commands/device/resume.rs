//! `marque device resume`

use marque_sdk::primitives::Operation;

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device resume meter-1 --as //Alice          by its controller
  marque device resume meter-1 --as //Bob            by an operator, see `marque device delegate`";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
}

/// Makes the device active again.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::Resume).await
}
