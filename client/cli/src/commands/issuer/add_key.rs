//! `marque issuer add-key`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{
        args::{KeyArgs, Subject},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer add-key 0 --key as-2027 --as //Alice
  marque issuer add-key 0 --key as-2027 --from 2026-12-01T00:00:00Z --until 180d --as //Alice
  marque issuer add-key 0 --public-key z6QN… --as operations       a key that an HSM keeps";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    key: KeyArgs,
}

/// Adds a signing key.
///
/// # Errors
/// When there is no such key, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.subject.issuer, &args.subject.acting).await?;
    let key = args.key.required_key(&stage.session).await?;
    stage.perform(AccessOperation::AddKey { key }).await
}
