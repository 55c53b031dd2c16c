//! `marque gateway device`: what is known of devices beside what the chain says.

use clap::Subcommand;
use serde_json::json;

use super::app::{did, label};
use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, render},
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway device list
  marque gateway device list --json | jq -r '.devices[] | select(.fleet == \"grid\") | .did'";

const SET_EXAMPLES: &str = "\
Examples:
  marque gateway device set did:marque:…:z6Mk… --fleet grid --label site=graz --label kind=meter
  marque gateway device set meter-1 --fleet grid

What is given takes the place of all that was known of the device here. It needs none of it to get tokens.";

const FORGET_EXAMPLES: &str = "\
Examples:
  marque gateway device forget did:marque:…:z6Mk…

On the chain it stays what it is: marque device suspend, marque device revoke";

/// What to do with what is known of devices.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists what is known of devices
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Says which fleet a device belongs to, and what else it is
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Forgets what is known of a device here
    #[command(after_help = FORGET_EXAMPLES)]
    Forget(Named),
}

/// A device.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// The device: its DID, or its name or id where one registry is remembered
    #[arg(value_name = "DID")]
    device: String,
}

/// What is said of a device.
#[derive(clap::Args, Debug)]
pub struct Set {
    #[command(flatten)]
    of: Named,
    /// The fleet that it belongs to
    #[arg(long, value_name = "FLEET")]
    fleet: Option<String>,
    /// What else it is; repeatable
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    labels: Vec<String>,
}

/// Runs the verb.
///
/// # Errors
/// When the text names no device, nothing is known of it, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    let client = connection.client(context)?;
    match command {
        Command::List => {
            let devices = client.list(&["devices"]).await?;
            context.output.result(&json!({ "devices": devices }), || {
                render::table(["device", "fleet", "labels"], &devices, "nothing is known of any device", |device| {
                    ["did", "fleet", "labels"].map(|member| render::text(device, member))
                })
            })
        }
        Command::Set(set) => {
            let did = did(context, &set.of.device)?;
            let profile = json!({ "did": did, "fleet": set.fleet, "labels": set.labels });
            let kept = client.put(&["devices", &did], &profile).await?;
            context.output.result(&kept, || "it is known now".into())
        }
        Command::Forget(Named { device }) => {
            let did = did(context, &device)?;
            client.delete(&["devices", &did]).await?;
            context.output.result(&json!({ "forgotten": did }), || "it is forgotten".into())
        }
    }
}
