//! `marque grant add`

use marque_sdk::primitives::{
    access::{AccessOperation, Grantee},
    bounds,
};

use crate::{
    access::{
        args::{By, RightArgs},
        stage::Stage,
    },
    context::Context,
    duration::{self, When},
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque grant add meter-1 --scope meter:read --issuer 0 --until 30d --as //Alice
  marque grant add did:marque:…:z6Mk… --role reader --issuer 0 --until 2030-01-01T00:00:00Z

The same again gives it another end.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(value_name = "DEVICE")]
    device: String,
    #[command(flatten)]
    right: RightArgs,
    #[command(flatten)]
    by: By,
    /// For how long, or until when; at most 3660d
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when)]
    until: When,
}

/// Grants a scope or a role to a device.
///
/// # Errors
/// When the text names no device, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.by.of.issuer, &args.by.acting).await?;
    let grantee = Grantee::Device(stage.session.target(&args.device)?.device);
    let until_ms = stage.time(args.until, bounds::GRANT_MAX_MS).await?;
    stage.perform(AccessOperation::Grant { grantee, right: args.right.right()?, until_ms }).await
}
