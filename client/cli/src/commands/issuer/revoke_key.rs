//! `marque issuer revoke-key`

use marque_sdk::primitives::access::{AccessOperation, IssuerKeyId};

use crate::{
    access::{args::Subject, stage::Stage},
    context::Context,
    failure::Outcome,
    render::parse_key_id,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer revoke-key 0 key-0 --as //Alice          none of its tokens counts from now on";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The key, as `marque issuer show` lists it
    #[arg(value_name = "KEY", value_parser = parse_key_id)]
    key: IssuerKeyId,
}

/// Revokes a signing key, and all its tokens with it.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let Subject { issuer, acting } = &args.subject;
    Stage::open(context, *issuer, acting).await?.perform(AccessOperation::RevokeKey { id: args.key }).await
}
