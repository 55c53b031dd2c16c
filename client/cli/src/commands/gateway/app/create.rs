//! `marque gateway app create`

use std::path::PathBuf;

use serde_json::Value;

use super::{args, text};
use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, render},
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque gateway app create 'Billing in Graz' --device did:marque:…:z6Mk… --fleet grid --label site=graz
  marque gateway app create 'Billing in Graz' --device billing --zone office --json > app.json
  marque gateway app create 'Billing in Graz' --device billing --with keys.json       signs, and has no secret:
    {\"authentication\": \"private_key_jwt\", \"jwks\": {\"keys\": […]}}

Its secret is shown this once: `marque gateway secret rotate` makes another.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What people call it
    #[arg(value_name = "LABEL")]
    name: String,
    /// The device that it acts for: its DID, or its name or id where one registry is remembered. What that may have is the ceiling
    #[arg(long, value_name = "DID")]
    device: String,
    /// The fleet that it belongs to
    #[arg(long, value_name = "FLEET")]
    fleet: Option<String>,
    /// What else it is; repeatable
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = args::label)]
    labels: Vec<String>,
    /// A network zone that it may ask from; repeatable. Without any, it may ask from anywhere
    #[arg(long = "zone", value_name = "ZONE")]
    zones: Vec<String>,
    /// A file with more of it in JSON, or - for stdin: authentication, jwks, certificate, grant_types, requires_dpop
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
}

/// Makes an application.
///
/// # Errors
/// When the text names no device, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, args: Args) -> Outcome {
    let client = connection.client(context)?;
    let device = args::did(context, &args.device)?;
    let mut new = args::more(args.with.as_deref())?;
    new.insert("label".into(), args.name.into());
    new.insert("device".into(), device.into());
    new.extend(args.fleet.map(|fleet| ("fleet".into(), fleet.into())));
    for (member, items) in [("labels", args.labels), ("zones", args.zones)] {
        if !items.is_empty() {
            new.insert(member.into(), items.into());
        }
    }
    let made = client.post(&["apps"], Some(&Value::Object(new))).await?;
    context.output.result(&made, || {
        let secret = render::text(&made, "client_secret");
        if secret.is_empty() {
            return text(&made);
        }
        let secret = output::fields(&[("client secret", output::styled(output::BOLD, secret))]);
        let careful = output::styled(output::CAREFUL, "it is shown this once: keep it where the application finds it");
        format!("{}\n\n{secret}\n{careful}", text(&made))
    })
}
