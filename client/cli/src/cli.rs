//! The command line as a whole.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[cfg(feature = "devnet")]
use crate::commands::up;
use crate::{
    commands::{completions, demo, deploy, device, events, gateway, grant, issuer, resolve, role, scope, token},
    failure,
};

const EXAMPLES: &str = "\
Begin with:
  marque demo                              watch devices get an identity, on a chain inside this process
  marque up                                a development chain with a registry, until you stop it
  marque device new meter-1                a key for a device, sealed in your keystore
  marque device register meter-1 --sponsor //Alice
  marque device show meter-1
  marque issuer --help                     who grants access to devices, and signs their tokens
  marque gateway --help                    where devices and services get their tokens over HTTP";

/// Identities for devices, on chain, and short-lived access for them: registered, resolved, granted, verified, revoked.
#[derive(Parser, Debug)]
#[command(name = "marque", version, after_help = format!("{EXAMPLES}\n\n{}", failure::EXIT_CODES))]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    /// What all commands take.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What all commands take. A flag goes before the environment, and that before the config file.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The node's endpoint [default: what the config says, else ws://127.0.0.1:9944]
    #[arg(
        long,
        global = true,
        env = "MARQUE_URL",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Global options"
    )]
    pub url: Option<String>,
    /// The registry's contract address, SS58 or 0x… [default: what the config remembers for this chain]
    #[arg(
        long,
        global = true,
        env = "MARQUE_REGISTRY",
        hide_env_values = true,
        value_name = "ADDRESS",
        help_heading = "Global options"
    )]
    pub registry: Option<String>,
    /// The access contract's address, SS58 or 0x… [default: what the config remembers for this chain]
    #[arg(
        long,
        global = true,
        env = "MARQUE_ACCESS",
        hide_env_values = true,
        value_name = "ADDRESS",
        help_heading = "Global options"
    )]
    pub access: Option<String>,
    /// The folder of the config and the keys [default: $XDG_CONFIG_HOME/marque or ~/.config/marque]
    #[arg(
        long,
        global = true,
        env = "MARQUE_HOME",
        hide_env_values = true,
        value_name = "FOLDER",
        help_heading = "Global options"
    )]
    pub home: Option<PathBuf>,
    /// The file with the keystore's passphrase; else MARQUE_PASSPHRASE, else it is asked for
    #[arg(
        long,
        global = true,
        env = "MARQUE_PASSPHRASE_FILE",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub passphrase_file: Option<PathBuf>,
    /// Results, and errors on stderr, as JSON: one object, or one a line for streams
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Runs a development chain with a registry and an access contract, until it is stopped
    #[cfg(feature = "devnet")]
    Up(up::Args),
    /// Tells the whole story of device identities, and checks each step
    Demo(demo::Args),
    /// Deploys a registry and its access contract, and remembers their addresses
    Deploy(deploy::Args),
    /// Devices: make, register, look at, change
    #[command(subcommand)]
    Device(device::Command),
    /// Resolves a DID to its document
    Resolve(resolve::Args),
    /// Authorization servers: register, look at, change
    #[command(subcommand)]
    Issuer(issuer::Command),
    /// Scopes of an authorization server
    #[command(subcommand)]
    Scope(scope::Command),
    /// Roles of an authorization server: bundles of scopes
    #[command(subcommand)]
    Role(role::Command),
    /// What an authorization server grants to devices
    #[command(subcommand)]
    Grant(grant::Command),
    /// Access tokens: issue, look at, verify, present, revoke
    #[command(subcommand)]
    Token(token::Command),
    /// The identity gateway: run one, and operate it
    #[command(subcommand)]
    Gateway(gateway::Command),
    /// What has happened in the registry and in the access contract, and what happens
    Events(events::Args),
    /// Prints the completions of a shell
    Completions(completions::Args),
}

impl Command {
    /// Whether the command sets up its own log.
    pub const fn logs_by_itself(&self) -> bool {
        matches!(self, Self::Gateway(gateway::Command::Serve(_)))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn each_command_has_help_with_examples() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} says nothing of itself", command.get_name());
            if command.get_subcommands().next().is_none() {
                let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(after.contains("marque "), "{} has no examples", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        Cli::command().get_subcommands().for_each(check);
    }
}
