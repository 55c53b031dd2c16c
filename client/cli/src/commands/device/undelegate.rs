//! `marque device undelegate`

use marque_sdk::primitives::Operation;

use super::delegate::RoleName;
use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device undelegate meter-1 --account //Bob --role operator --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The delegate: an address, or the name of a key in the keystore
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// From which role
    #[arg(long, value_enum)]
    role: RoleName,
}

/// Removes a delegate.
///
/// # Errors
/// When the account makes no sense, or the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, &args.subject).await?;
    let account = stage.session.account(&args.account)?;
    stage.perform(Operation::RemoveDelegate { account, role: args.role.into() }).await
}
