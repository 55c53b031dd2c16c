//! `marque issuer untrust`

use marque_sdk::primitives::access::{AccessOperation, IssuerId};

use crate::{
    access::{args::Subject, stage::Stage},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer untrust 0 1 --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The number of the authorization server that was trusted
    #[arg(value_name = "OTHER")]
    other: IssuerId,
}

/// Ends a trust.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let Subject { issuer, acting } = &args.subject;
    Stage::open(context, *issuer, acting).await?.perform(AccessOperation::RemoveTrust { issuer: args.other }).await
}
