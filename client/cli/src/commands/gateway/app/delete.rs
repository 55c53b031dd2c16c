//! `marque gateway app delete`

use serde_json::json;

use super::args::OfApp;
use crate::{context::Context, failure::Outcome, gateway::args::Connection};

const EXAMPLES: &str = "\
Examples:
  marque gateway app deactivate 0oa…
  marque gateway app delete 0oa…             asks before it does it
  marque gateway app delete 0oa… --yes       for scripts

There is no way back: its client id and its secrets are gone.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    of: OfApp,
    /// Does not ask
    #[arg(long, short)]
    yes: bool,
}

/// Deletes an application.
///
/// # Errors
/// When it is not confirmed, there is no such application, it is active, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, args: Args) -> Outcome {
    let client = connection.client(context)?;
    if !args.yes {
        context.output.confirm("The application will be deleted; there is no way back.")?;
    }
    client.delete(&["apps", &args.of.app]).await?;
    context.output.result(&json!({ "deleted": args.of.app }), || "the application is deleted".into())
}
