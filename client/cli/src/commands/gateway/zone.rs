//! `marque gateway zone`: network zones.

use clap::Subcommand;
use serde_json::json;

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, render},
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway zone list";

const PUT_EXAMPLES: &str = "\
Examples:
  marque gateway zone put office --cidr 10.1.0.0/16 --cidr 2001:db8::/32
  marque gateway zone put office --cidr 10.1.0.0/16 --inactive

The networks that are given take the place of all that were there. Nobody is in a zone that is not active.";

const DELETE_EXAMPLES: &str = "\
Examples:
  marque gateway zone delete office";

/// What to do with network zones.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the network zones
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Puts in a network zone, or changes the one of this name
    #[command(after_help = PUT_EXAMPLES)]
    Put(Put),
    /// Takes out a network zone
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(Named),
}

/// A network zone.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// The zone's name
    #[arg(value_name = "NAME")]
    name: String,
}

/// A network zone to put in.
#[derive(clap::Args, Debug)]
pub struct Put {
    /// The zone's name
    #[arg(value_name = "NAME")]
    name: String,
    /// A network of it, IPv4 or IPv6; repeatable
    #[arg(long = "cidr", value_name = "NETWORK", required = true)]
    networks: Vec<String>,
    /// It is not looked at
    #[arg(long)]
    inactive: bool,
}

/// Runs the verb.
///
/// # Errors
/// When there is no such zone, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    let client = connection.client(context)?;
    match command {
        Command::List => {
            let zones = client.list(&["zones"]).await?;
            context.output.result(&json!({ "zones": zones }), || {
                render::table(["name", "status", "networks"], &zones, "no zones", |zone| {
                    [render::text(zone, "name"), render::status(zone), render::text(zone, "gateways")]
                })
            })
        }
        Command::Put(put) => {
            let zone = json!({ "name": put.name, "is_active": !put.inactive, "gateways": put.networks });
            let kept = client.put(&["zones", &put.name], &zone).await?;
            context.output.result(&kept, || "the zone is in place".into())
        }
        Command::Delete(Named { name }) => {
            client.delete(&["zones", &name]).await?;
            context.output.result(&json!({ "deleted": name }), || "the zone is taken out".into())
        }
    }
}
