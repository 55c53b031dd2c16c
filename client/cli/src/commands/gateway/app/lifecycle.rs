//! `marque gateway app activate` and `deactivate`

use super::{args::OfApp, text};
use crate::{context::Context, failure::Outcome, gateway::args::Connection};

const ACTIVATE_EXAMPLES: &str = "\
Examples:
  marque gateway app activate 0oa…";

const DEACTIVATE_EXAMPLES: &str = "\
Examples:
  marque gateway app deactivate 0oa…          until: marque gateway app activate 0oa…

Tokens that it has stay good until they expire.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = ACTIVATE_EXAMPLES)]
pub struct ActivateArgs {
    #[command(flatten)]
    pub app: OfApp,
}

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = DEACTIVATE_EXAMPLES)]
pub struct DeactivateArgs {
    #[command(flatten)]
    pub app: OfApp,
}

/// Lets an application act, or not.
///
/// # Errors
/// When there is no such application, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, of: &OfApp, change: &str) -> Outcome {
    let app = connection.client(context)?.post(&["apps", &of.app, "lifecycle", change], None).await?;
    context.output.result(&app, || text(&app))
}
