//! What the commands over a gateway take.

use std::path::PathBuf;

use clap::Subcommand;

/// Which gateway, and who asks. A flag goes before the environment, and that before what is remembered.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Gateway options")]
pub struct Connection {
    /// The gateway's URL, such as https://gateway.example [default: what `marque gateway login` remembered]
    #[arg(long, global = true, env = "MARQUE_GATEWAY", hide_env_values = true, value_name = "URL")]
    pub gateway: Option<String>,
    /// The file with the operator's token; else MARQUE_GATEWAY_TOKEN, else the one that is remembered
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The file with the certificates, in PEM, of the only authority to trust [default: that remembered, else the system's]
    #[arg(long, global = true, env = "MARQUE_GATEWAY_CA", hide_env_values = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// What is done at a gateway.
#[derive(clap::Args, Debug)]
pub struct AtGateway<V: Subcommand> {
    #[command(flatten)]
    pub connection: Connection,
    #[command(subcommand)]
    pub verb: V,
}

/// The authorization server of a gateway that something is of.
#[derive(clap::Args, Clone, Debug)]
pub struct OfServer {
    /// The authorization server's name at the gateway
    #[arg(long, env = "MARQUE_GATEWAY_SERVER", hide_env_values = true, value_name = "NAME", default_value = "default")]
    pub server: String,
}

impl OfServer {
    /// The path of something of it.
    pub fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        [&["authorizationServers", self.server.as_str()], rest].concat()
    }
}
