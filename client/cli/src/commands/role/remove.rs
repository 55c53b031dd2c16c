//! `marque role remove`

use marque_sdk::primitives::access::AccessOperation;

use crate::{
    access::{
        args::{self, By},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque role remove reader --issuer 0 --as //Alice          grants of it give nothing from now on";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its name
    #[arg(value_name = "ROLE", value_parser = args::role_name)]
    role: String,
    #[command(flatten)]
    by: By,
}

/// Removes a role.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.by.of.issuer, &args.by.acting).await?;
    stage.perform(AccessOperation::RemoveRole { name: args.role }).await
}
