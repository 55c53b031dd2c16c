//! `marque device delegate`

use marque_sdk::primitives::{Operation, Role, bounds};

use crate::{
    act::{Stage, Subject},
    context::Context,
    duration,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device delegate meter-1 --account //Bob --role operator --for 30d --as //Alice
  marque device delegate meter-1 --account 5FHneW46… --role rotator --for 2h --as operations";

/// What a delegate may do.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum RoleName {
    /// Suspends and resumes
    Operator,
    /// Adds, rotates and revokes keys
    Rotator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Operator => Self::Operator,
            RoleName::Rotator => Self::Rotator,
        }
    }
}

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
    /// For how long, such as 30d; at most 366d
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse_ms)]
    for_ms: u64,
}

/// Names a delegate, or gives one a new expiry.
///
/// # Errors
/// When the account makes no sense, or the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, &args.subject).await?;
    let account = stage.session.account(&args.account)?;
    let expires_ms = stage.time_after(args.for_ms, bounds::DELEGATION_MAX_MS).await?;
    stage.perform(Operation::SetDelegate { account, role: args.role.into(), expires_ms }).await
}
