//! `marque role`: a module for each verb.

mod define;
mod list;
mod remove;
mod show;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome};

/// What to do with roles.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Defines a role, or gives one other scopes
    Define(define::Args),
    /// Removes a role
    Remove(remove::Args),
    /// Shows a role
    Show(show::Args),
    /// Lists the roles of an authorization server
    List(list::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Define(args) => define::run(context, args).await,
        Command::Remove(args) => remove::run(context, args).await,
        Command::Show(args) => show::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
    }
}
