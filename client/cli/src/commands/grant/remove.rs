//! `marque grant remove`

use marque_sdk::primitives::access::{AccessOperation, Grantee};

use crate::{
    access::{
        args::{By, RightArgs},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque grant remove meter-1 --scope meter:read --issuer 0 --as //Alice
  marque grant remove meter-1 --role reader --issuer 0 --as operations

Tokens that were issued stay good until they expire: marque token revoke --device meter-1 --all-before now";

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
}

/// Withdraws a scope or a role from a device.
///
/// # Errors
/// When the text names no device, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.by.of.issuer, &args.by.acting).await?;
    let grantee = Grantee::Device(stage.session.target(&args.device)?.device);
    stage.perform(AccessOperation::Withdraw { grantee, right: args.right.right()? }).await
}
