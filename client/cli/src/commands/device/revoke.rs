//! `marque device revoke`

use marque_sdk::primitives::Operation;

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device revoke meter-1 --as //Alice          asks before it does it
  marque device revoke meter-1 --as //Alice --yes    for scripts

There is no way back: the identity can never be used again, and its DID resolves as deactivated.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Does not ask
    #[arg(long, short)]
    yes: bool,
}

/// Revokes the device, for ever.
///
/// # Errors
/// When it is not confirmed, or the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, &args.subject).await?;
    if !args.yes {
        let question = format!("{} will be revoked, for ever; there is no way back.", stage.did());
        context.output.confirm(&question)?;
    }
    stage.perform(Operation::Revoke).await
}
