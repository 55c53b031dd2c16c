//! `marque device remove-service`

use marque_sdk::primitives::Operation;

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device remove-service meter-1 api";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The service's id, as `marque device show` lists it
    #[arg(value_name = "ID")]
    id: String,
}

/// Removes a service.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::RemoveService { id: args.id }).await
}
