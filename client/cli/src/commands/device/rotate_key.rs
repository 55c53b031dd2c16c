//! `marque device rotate-key`

use marque_sdk::primitives::{Device, KeyId, Operation, PublicKey};

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::{Failure, Outcome},
    render,
};

const EXAMPLES: &str = "\
Examples:
  marque device rotate-key meter-1                     its key in the keystore gives way to a new one there
  marque device rotate-key meter-1 --key key-2
  marque device rotate-key did:marque:… --key key-0 --public-key z6Mk… --as //Alice

The new key is sealed in the keystore before the chain hears of it. The old one stays there, and is worth nothing.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Which key [default: the device's key in the keystore]
    #[arg(long, value_name = "KEY", value_parser = render::parse_key_id)]
    key: Option<KeyId>,
    /// A new key that is kept elsewhere, in multibase form (z…)
    #[arg(long, value_name = "KEY", value_parser = render::parse_public_key)]
    public_key: Option<PublicKey>,
}

/// Puts a new key in the place of one.
///
/// # Errors
/// When the keystore can't be used, it is not clear which key is meant, or the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, &args.subject).await?;
    let id = match args.key {
        Some(id) => id,
        None => only_local_key(&stage, stage.registered()?)?,
    };
    let public_key = match args.public_key {
        Some(public_key) => public_key,
        None => stage.later_key()?,
    };
    stage.perform(Operation::RotateKey { id, public_key }).await
}

fn only_local_key(stage: &Stage<'_>, record: &Device) -> Outcome<KeyId> {
    let local = stage.session.keys.list()?;
    let is_local = |account| local.iter().any(|info| info.account() == account);
    let mut current =
        record.keys.iter().filter(|key| key.is_current() && key.public_key.account().is_some_and(is_local));
    match (current.next(), current.next()) {
        (Some(key), None) => Ok(key.id),
        (None, _) => Err(Failure::usage("none of the device's current keys is in the keystore")
            .hint("say which key is to be replaced with --key; `marque device show` lists them")),
        (Some(_), Some(_)) => Err(Failure::usage("several of the device's current keys are in the keystore")
            .hint("say which one is to be replaced with --key; `marque device show` lists them")),
    }
}
