//! `marque token`: a module for each verb.

mod inspect;
mod issue;
mod present;
mod reclaim;
mod revoke;
mod verify;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome};

/// What to do with access tokens.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Issues a token to a device, for what is granted to it
    Issue(issue::Args),
    /// Shows what a token says, without believing it
    Inspect(inspect::Args),
    /// Verifies a token off chain, against the chain's finalized state
    Verify(verify::Args),
    /// Shows a token to the access contract as the device would: what a guarded contract answers
    Present(present::Args),
    /// Revokes one token, or all that a device got before some time
    Revoke(revoke::Args),
    /// Takes away the entry of a revoked token that has expired
    Reclaim(reclaim::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Issue(args) => issue::run(context, args).await,
        Command::Inspect(args) => inspect::run(context, &args),
        Command::Verify(args) => verify::run(context, args).await,
        Command::Present(args) => present::run(context, args).await,
        Command::Revoke(args) => revoke::run(context, args).await,
        Command::Reclaim(args) => reclaim::run(context, args).await,
    }
}
