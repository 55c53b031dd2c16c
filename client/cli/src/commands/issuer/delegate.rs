//! `marque issuer delegate`

use marque_sdk::primitives::{access::AccessOperation, bounds};

use crate::{
    access::{
        args::{RoleName, Subject},
        stage::Stage,
    },
    context::Context,
    duration::{self, When},
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer delegate 0 --account //Bob --role operator --until 30d --as //Alice
  marque issuer delegate 0 --account gateway --role key-manager --until 2027-01-01T00:00:00Z --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The delegate: an address, or the name of a key in the keystore
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// What it may do
    #[arg(long, value_enum)]
    role: RoleName,
    /// For how long, or until when; at most 366d
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when)]
    until: When,
}

/// Names a delegate, or gives one a new expiry.
///
/// # Errors
/// When the account makes no sense, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.subject.issuer, &args.subject.acting).await?;
    let account = stage.session.account(&args.account)?;
    let expires_ms = stage.time(args.until, bounds::DELEGATION_MAX_MS).await?;
    stage.perform(AccessOperation::SetDelegate { account, role: args.role.into(), expires_ms }).await
}
