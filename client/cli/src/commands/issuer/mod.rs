//! `marque issuer`: a module for each verb.

mod accept;
mod add_key;
mod deactivate;
mod delegate;
mod list;
mod new_key;
mod reactivate;
mod register;
mod revoke_key;
mod rotate_key;
mod show;
mod transfer;
mod trust;
mod trusts;
mod undelegate;
mod untrust;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome};

/// What to do with authorization servers.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Makes a signing key, sealed in the keystore
    NewKey(new_key::Args),
    /// Registers an authorization server
    Register(register::Args),
    /// Shows what the access contract keeps of an authorization server
    Show(show::Args),
    /// Lists all authorization servers
    List(list::Args),
    /// Adds a signing key
    AddKey(add_key::Args),
    /// Has another signing key follow one
    RotateKey(rotate_key::Args),
    /// Revokes a signing key, and all its tokens with it
    RevokeKey(revoke_key::Args),
    /// Makes none of its tokens count
    Deactivate(deactivate::Args),
    /// Makes its tokens count again
    Reactivate(reactivate::Args),
    /// Names a delegate for a while
    Delegate(delegate::Args),
    /// Removes a delegate
    Undelegate(undelegate::Args),
    /// Lets another one's tokens count as its own, for some scopes and for a while
    Trust(trust::Args),
    /// Ends a trust
    Untrust(untrust::Args),
    /// Lists whom it trusts
    Trusts(trusts::Args),
    /// Offers it to another owner
    Transfer(transfer::Args),
    /// Takes over what is on offer
    Accept(accept::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::NewKey(args) => new_key::run(context, args).await,
        Command::Register(args) => register::run(context, args).await,
        Command::Show(args) => show::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::AddKey(args) => add_key::run(context, args).await,
        Command::RotateKey(args) => rotate_key::run(context, args).await,
        Command::RevokeKey(args) => revoke_key::run(context, args).await,
        Command::Deactivate(args) => deactivate::run(context, args).await,
        Command::Reactivate(args) => reactivate::run(context, args).await,
        Command::Delegate(args) => delegate::run(context, args).await,
        Command::Undelegate(args) => undelegate::run(context, args).await,
        Command::Trust(args) => trust::run(context, args).await,
        Command::Untrust(args) => untrust::run(context, args).await,
        Command::Trusts(args) => trusts::run(context, args).await,
        Command::Transfer(args) => transfer::run(context, args).await,
        Command::Accept(args) => accept::run(context, args).await,
    }
}
