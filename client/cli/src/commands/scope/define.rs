//! `marque scope define`

use marque_sdk::primitives::{
    Hash,
    access::{AccessOperation, Sensitivity},
    blake2b_256,
};

use crate::{
    access::{
        args::{self, By},
        stage::Stage,
    },
    context::Context,
    failure::Outcome,
    spec,
};

const EXAMPLES: &str = "\
Examples:
  marque scope define meter:read --issuer 0 --description 'Reads a meter.' --as //Alice
  marque scope define charge:start --issuer 0 --description-hash 0x… --sensitivity high

A scope never gets another meaning: it is defined once, and retired for ever. The chain keeps the hash of its \
description (BLAKE2b-256); publish the text.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its name, resource:action
    #[arg(value_name = "SCOPE", value_parser = args::scope_name)]
    scope: String,
    #[command(flatten)]
    by: By,
    /// What it lets do, in a text whose hash is kept
    #[arg(long, value_name = "TEXT", required_unless_present = "description_hash")]
    description: Option<String>,
    /// The hash of a description that is kept elsewhere
    #[arg(long, value_name = "HEX", value_parser = spec::hash, conflicts_with = "description")]
    description_hash: Option<Hash>,
    /// How much harm the wrong hands could do with it
    #[arg(long, value_parser = args::sensitivity(), default_value = "medium")]
    sensitivity: Sensitivity,
}

/// Defines a scope.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let hashed = args.description.as_deref().unwrap_or_default();
    let description = args.description_hash.unwrap_or_else(|| blake2b_256(hashed.as_bytes()));
    let stage = Stage::open(context, args.by.of.issuer, &args.by.acting).await?;
    let define = AccessOperation::DefineScope { name: args.scope, description, sensitivity: args.sensitivity };
    stage.perform(define).await
}
