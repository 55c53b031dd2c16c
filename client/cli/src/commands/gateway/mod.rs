//! `marque gateway`: a module for each noun.

mod app;
mod device;
mod federation;
mod init;
mod key;
mod log;
mod login;
mod policy;
mod secret;
mod serve;
mod server;
mod token;
mod zone;

use clap::Subcommand;

use crate::{context::Context, failure::Outcome, gateway::args::AtGateway};

/// What to do with a gateway.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Makes a master key for a gateway, and says what to do next
    Init(init::Args),
    /// Runs a gateway, until it is stopped
    Serve(serve::Args),
    /// Remembers a gateway, a token and an authority for the commands to come
    Login(login::Args),
    /// Applications: services that act for a device
    App(AtGateway<app::Command>),
    /// Secrets of applications
    Secret(AtGateway<secret::Command>),
    /// Policies: who may have which scopes, and for how long
    Policy(AtGateway<policy::Command>),
    /// Network zones, which applications and policies name
    Zone(AtGateway<zone::Command>),
    /// What is known of devices beside what the chain says
    Device(AtGateway<device::Command>),
    /// Signing keys of an authorization server
    Key(AtGateway<key::Command>),
    /// Issuers whose tokens an authorization server exchanges for its own
    Federation(AtGateway<federation::Command>),
    /// The system log
    Log(AtGateway<log::Command>),
    /// Operators' access tokens
    Token(AtGateway<token::Command>),
    /// Authorization servers of the gateway
    Server(AtGateway<server::Command>),
}

/// Runs the command.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Init(args) => init::run(context, &args),
        Command::Serve(args) => serve::run(context, args).await,
        Command::Login(args) => login::run(context, &args).await,
        Command::App(at) => app::run(context, &at.connection, at.verb).await,
        Command::Secret(at) => secret::run(context, &at.connection, at.verb).await,
        Command::Policy(at) => policy::run(context, &at.connection, at.verb).await,
        Command::Zone(at) => zone::run(context, &at.connection, at.verb).await,
        Command::Device(at) => device::run(context, &at.connection, at.verb).await,
        Command::Key(at) => key::run(context, &at.connection, at.verb).await,
        Command::Federation(at) => federation::run(context, &at.connection, at.verb).await,
        Command::Log(at) => log::run(context, &at.connection, at.verb).await,
        Command::Token(at) => token::run(context, &at.connection, at.verb).await,
        Command::Server(at) => server::run(context, &at.connection, at.verb).await,
    }
}
