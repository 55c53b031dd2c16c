//! `marque device add-key`

use marque_sdk::primitives::{Operation, PublicKey, Relationships};

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
    render,
};

const EXAMPLES: &str = "\
Examples:
  marque device add-key meter-1                                     a new Ed25519 key, sealed in the keystore
  marque device add-key meter-1 --public-key z6LSbysY2x…            an X25519 key, for key agreement
  marque device add-key meter-1 --public-key zDnaerx9Ct… --for authentication --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// A key that is kept elsewhere, in multibase form (z…), which tells its type
    #[arg(long, value_name = "KEY", value_parser = render::parse_public_key)]
    public_key: Option<PublicKey>,
    /// What it is for, several times or with commas [default: authentication,assertionMethod; keyAgreement for X25519]
    #[arg(long = "for", value_name = "RELATIONSHIP", value_delimiter = ',', value_parser = render::parse_relationship)]
    relationships: Vec<Relationships>,
}

/// Adds a key.
///
/// # Errors
/// When the keystore can't be used, or the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, &args.subject).await?;
    let public_key = match args.public_key {
        Some(public_key) => public_key,
        None => stage.later_key()?,
    };
    let key = render::new_key(public_key, &args.relationships);
    stage.perform(Operation::AddKey { key }).await
}
