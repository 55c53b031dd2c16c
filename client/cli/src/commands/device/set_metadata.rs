//! `marque device set-metadata`

use marque_sdk::primitives::Operation;

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
    spec,
};

const EXAMPLES: &str = "\
Examples:
  marque device set-metadata meter-1 --hash $(sha256sum meter-1.json | cut -d' ' -f1)
  marque device set-metadata meter-1 --clear";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Hash of what you keep about the device elsewhere
    #[arg(long, value_name = "HEX", value_parser = spec::hash, required_unless_present = "clear")]
    hash: Option<[u8; 32]>,
    /// Takes the hash away
    #[arg(long, conflicts_with = "hash")]
    clear: bool,
}

/// Sets or clears the metadata hash.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::SetMetadata { hash: args.hash }).await
}
