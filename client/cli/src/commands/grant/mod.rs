//! `marque grant`: a module for each verb.

mod add;
mod list;
mod remove;
mod show;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome};

/// What to do with grants.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Grants a scope or a role to a device for a while
    Add(add::Args),
    /// Withdraws a scope or a role from a device
    Remove(remove::Args),
    /// Lists what is granted to a device
    List(list::Args),
    /// Shows what a device may get now: the scopes of all that is granted to it
    Show(show::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Add(args) => add::run(context, args).await,
        Command::Remove(args) => remove::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::Show(args) => show::run(context, args).await,
    }
}
