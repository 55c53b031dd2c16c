//! The commands: a module for each, as on the command line.

pub mod completions;
pub mod demo;
pub mod deploy;
pub mod device;
pub mod events;
pub mod gateway;
pub mod grant;
pub mod issuer;
pub mod resolve;
pub mod role;
pub mod scope;
pub mod token;
#[cfg(feature = "devnet")]
pub mod up;

use crate::{
    cli::{Cli, Command},
    context::Context,
    failure::Outcome,
    output::Output,
};

/// Runs the command.
///
/// # Errors
/// What it failed with.
pub async fn run(cli: Cli, output: Output) -> Outcome {
    if let Command::Completions(args) = &cli.command {
        return completions::run(args);
    }
    // The demo leaves the user's files alone, broken ones too.
    if let Command::Demo(args) = &cli.command {
        return demo::run(&cli.global, output, args).await;
    }
    let context = Context::load(cli.global, output)?;
    match cli.command {
        #[cfg(feature = "devnet")]
        Command::Up(args) => up::run(&context, args).await,
        Command::Deploy(args) => deploy::run(&context, args).await,
        Command::Device(command) => device::run(&context, command).await,
        Command::Resolve(args) => resolve::run(&context, args).await,
        Command::Issuer(command) => issuer::run(&context, command).await,
        Command::Scope(command) => scope::run(&context, command).await,
        Command::Role(command) => role::run(&context, command).await,
        Command::Grant(command) => grant::run(&context, command).await,
        Command::Token(command) => token::run(&context, command).await,
        Command::Gateway(command) => gateway::run(&context, command).await,
        Command::Events(args) => events::run(&context, args).await,
        Command::Completions(_) | Command::Demo(_) => Ok(()),
    }
}
