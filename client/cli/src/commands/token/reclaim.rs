//! `marque token reclaim`

use marque_sdk::primitives::{Hash, blake2b_256};

use crate::{
    access::{
        args::{self, By},
        stage::Stage,
    },
    context::Context,
    failure::{Failure, Outcome},
    spec,
};

const EXAMPLES: &str = "\
Examples:
  marque token reclaim --jti 5f3a… --issuer 0 --as //Bob
  marque token reclaim --hash 0x… --issuer 0 --as //Bob    as `marque events --issuer 0` shows it

Anybody may, half a minute after the token has expired. Who revoked it gets back what its entry took as deposit.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The token's id, as `marque token inspect` shows it
    #[arg(long, value_name = "ID", value_parser = args::token_id, required_unless_present = "hash")]
    jti: Option<String>,
    /// The BLAKE2b-256 hash of its id
    #[arg(long, value_name = "HEX", value_parser = spec::hash, conflicts_with = "jti")]
    hash: Option<Hash>,
    #[command(flatten)]
    by: By,
}

/// Takes away the entry of a revoked token that has expired.
///
/// # Errors
/// When the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let of_id = args.jti.as_deref().map(|id| blake2b_256(id.as_bytes()));
    let token = args.hash.or(of_id).ok_or_else(|| Failure::usage("which token? Say it with --jti or --hash"))?;
    Stage::open(context, args.by.of.issuer, &args.by.acting).await?.reclaim(token).await
}
