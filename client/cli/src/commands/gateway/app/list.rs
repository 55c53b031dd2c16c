//! `marque gateway app list`

use serde_json::json;

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, render},
};

const EXAMPLES: &str = "\
Examples:
  marque gateway app list
  marque gateway app list --json | jq -r '.apps[] | select(.status == \"INACTIVE\") | .client_id'";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Lists the applications.
///
/// # Errors
/// When the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, _args: Args) -> Outcome {
    let apps = connection.client(context)?.list(&["apps"]).await?;
    context.output.result(&json!({ "apps": apps }), || {
        render::table(["client id", "label", "status", "device", "fleet"], &apps, "no applications", |app| {
            let text = |member| render::text(app, member);
            [text("client_id"), text("label"), render::status(app), text("device"), text("fleet")]
        })
    })
}
