//! `marque scope`: a module for each verb.

mod define;
mod list;
mod retire;
mod show;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome};

/// What to do with scopes.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Defines a scope
    Define(define::Args),
    /// Retires a scope, for ever
    Retire(retire::Args),
    /// Shows a scope
    Show(show::Args),
    /// Lists the scopes of an authorization server
    List(list::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Define(args) => define::run(context, args).await,
        Command::Retire(args) => retire::run(context, args).await,
        Command::Show(args) => show::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
    }
}
