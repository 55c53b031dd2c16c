//! `marque gateway app show`

use super::{args::OfApp, text};
use crate::{context::Context, failure::Outcome, gateway::args::Connection};

const EXAMPLES: &str = "\
Examples:
  marque gateway app show 0oa…
  marque gateway app show 0oa… --json | jq .device";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    of: OfApp,
}

/// Shows an application.
///
/// # Errors
/// When there is no such application, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, args: Args) -> Outcome {
    let app = connection.client(context)?.get(&["apps", &args.of.app]).await?;
    context.output.result(&app, || text(&app))
}
