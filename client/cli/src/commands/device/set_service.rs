//! `marque device set-service`

use marque_sdk::primitives::{Operation, Service};

use crate::{
    act::{Stage, Subject},
    context::Context,
    failure::Outcome,
    spec,
};

const EXAMPLES: &str = "\
Examples:
  marque device set-service meter-1 api,HttpApi,https://meter-1.example/
  marque device set-service meter-1 log,EventLog,https://logs.example/ --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The service; one of the same id is replaced
    #[arg(value_name = "ID,TYPE,ENDPOINT", value_parser = spec::service)]
    service: Service,
}

/// Adds a service, or replaces the one of the same id.
///
/// # Errors
/// When the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    Stage::open(context, &args.subject).await?.perform(Operation::SetService { service: args.service }).await
}
