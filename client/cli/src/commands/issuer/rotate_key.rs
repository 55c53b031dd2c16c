//! `marque issuer rotate-key`

use marque_sdk::primitives::access::{AccessOperation, IssuerKeyId};

use crate::{
    access::{
        args::{KeyArgs, Subject},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
    render::parse_key_id,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer rotate-key 0 key-0 --key as-2027 --as //Alice              at once
  marque issuer rotate-key 0 key-0 --key as-2027 --from 7d --as //Alice    published a week before

Tokens of the old key stay good until they expire. Where they must not: marque issuer revoke-key.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The key whose time ends when the new one's begins, as `marque issuer show` lists it
    #[arg(value_name = "KEY", value_parser = parse_key_id)]
    ended: IssuerKeyId,
    #[command(flatten)]
    key: KeyArgs,
}

/// Has another signing key follow one.
///
/// # Errors
/// When there is no such key, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.subject.issuer, &args.subject.acting).await?;
    let key = args.key.required_key(&stage.session).await?;
    stage.perform(AccessOperation::RotateKey { id: args.ended, key }).await
}
