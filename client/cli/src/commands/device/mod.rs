//! `marque device`: a module for each verb.

mod accept;
mod add_key;
mod bump_epoch;
mod delegate;
mod history;
mod list;
mod new;
mod register;
mod remove_service;
mod resume;
mod revoke;
mod revoke_key;
mod rotate_key;
mod set_metadata;
mod set_service;
mod show;
mod suspend;
mod transfer;
mod undelegate;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome};

/// What to do with devices.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Makes a device's key, sealed in the keystore
    New(new::Args),
    /// Registers a device, or all of a file
    Register(register::Args),
    /// Shows what the registry keeps of a device
    Show(show::Args),
    /// Lists the devices of the keystore, or of the registry
    List(list::Args),
    /// Shows all changes of a device
    History(history::Args),
    /// Puts a new key in the place of one
    RotateKey(rotate_key::Args),
    /// Adds a key
    AddKey(add_key::Args),
    /// Revokes a key
    RevokeKey(revoke_key::Args),
    /// Adds or replaces a service
    SetService(set_service::Args),
    /// Removes a service
    RemoveService(remove_service::Args),
    /// Sets or clears the metadata hash
    SetMetadata(set_metadata::Args),
    /// Names a delegate for a while
    Delegate(delegate::Args),
    /// Removes a delegate
    Undelegate(undelegate::Args),
    /// Suspends a device
    Suspend(suspend::Args),
    /// Makes a suspended device active again
    Resume(resume::Args),
    /// Makes all tokens of a device worthless
    BumpEpoch(bump_epoch::Args),
    /// Offers the control of a device to somebody
    Transfer(transfer::Args),
    /// Takes over the control that is on offer
    Accept(accept::Args),
    /// Revokes a device, for ever
    Revoke(revoke::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::New(args) => new::run(context, args).await,
        Command::Register(args) => register::run(context, args).await,
        Command::Show(args) => show::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::History(args) => history::run(context, args).await,
        Command::RotateKey(args) => rotate_key::run(context, args).await,
        Command::AddKey(args) => add_key::run(context, args).await,
        Command::RevokeKey(args) => revoke_key::run(context, args).await,
        Command::SetService(args) => set_service::run(context, args).await,
        Command::RemoveService(args) => remove_service::run(context, args).await,
        Command::SetMetadata(args) => set_metadata::run(context, args).await,
        Command::Delegate(args) => delegate::run(context, args).await,
        Command::Undelegate(args) => undelegate::run(context, args).await,
        Command::Suspend(args) => suspend::run(context, args).await,
        Command::Resume(args) => resume::run(context, args).await,
        Command::BumpEpoch(args) => bump_epoch::run(context, args).await,
        Command::Transfer(args) => transfer::run(context, args).await,
        Command::Accept(args) => accept::run(context, args).await,
        Command::Revoke(args) => revoke::run(context, args).await,
    }
}
