//! `marque gateway device`: what is known of devices beside what the chain says.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::{
    app::{did, label},
    secret,
};
use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, document, render},
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway device list
  marque gateway device list --json | jq -r '.devices[] | select(.fleet == \"grid\") | .did'";

const SET_EXAMPLES: &str = "\
Examples:
  marque gateway device set did:marque:…:z6Mk… --fleet grid --label site=graz --label kind=meter
  marque gateway device set meter-1 --fleet grid

The fleet and the labels that are given take the place of those that were known here. A device needs none to get tokens.";

const SECRET_EXAMPLES: &str = "\
Examples:
  marque gateway device secret did:marque:…:z6Mk…
  marque gateway device secret meter-1 --json | jq -r .client_secret > secret

It is for rules that want a secret beside the device's key. It is shown this once, and takes the place of the one before.";

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
    /// Makes a secret for a device that something is known of, and shows it this once
    #[command(after_help = SECRET_EXAMPLES)]
    Secret(Named),
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
    /// A file with more of it in JSON, or - for stdin: certificate
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
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
            // Which certificates are its own is no matter of fleets and labels: that stays, unless it is said anew.
            let known = client.list(&["devices"]).await?.into_iter().find(|known| known["did"] == did.as_str());
            let certificate = known.map(|known| known["certificate"].clone());
            let mut profile = Map::from_iter(certificate.map(|certificate| ("certificate".to_owned(), certificate)));
            profile.extend(set.with.as_deref().map(document::read_object).transpose()?.unwrap_or_default());
            profile.insert("fleet".into(), set.fleet.into());
            profile.insert("labels".into(), set.labels.into());
            let kept = client.put(&["devices", &did], &Value::Object(profile)).await?;
            context.output.result(&kept, || "it is known now".into())
        }
        Command::Secret(Named { device }) => {
            let did = did(context, &device)?;
            let made = client.post(&["devices", &did, "credentials", "secrets"], None).await?;
            context.output.result(&made, || secret::text(&made))
        }
        Command::Forget(Named { device }) => {
            let did = did(context, &device)?;
            client.delete(&["devices", &did]).await?;
            context.output.result(&json!({ "forgotten": did }), || "it is forgotten".into())
        }
    }
}
