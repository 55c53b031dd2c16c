//! `marque issuer undelegate`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{
        args::{RoleName, Subject},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer undelegate 0 --account //Bob --role operator --as //Alice";

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
/// When the account makes no sense, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.subject.issuer, &args.subject.acting).await?;
    let account = stage.session.account(&args.account)?;
    stage.perform(AccessOperation::RemoveDelegate { account, role: args.role.into() }).await
}
