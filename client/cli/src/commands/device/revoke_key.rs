//! `marque device revoke-key`

use marque_sdk::primitives::{KeyId, Operation};

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
    render,
};

const EXAMPLES: &str = "\
Examples:
  marque device revoke-key meter-1 key-1
  marque device revoke-key meter-1 key-0 --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The key, as `marque device show` lists it
    #[arg(value_name = "KEY", value_parser = render::parse_key_id)]
    key: KeyId,
}

/// Revokes a key.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::RevokeKey { id: args.key }).await
}
