//! `marque issuer transfer`

use marque_sdk::primitives::{access::AccessOperation, bounds};

use crate::{
    access::{args::Subject, stage::Stage},
    context::Context,
    duration::{self, When},
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer transfer 0 --to //Bob --as //Alice        then: marque issuer accept 0 --as //Bob
  marque issuer transfer 0 --to 5FHneW46… --expires 2h --as //Alice
  marque issuer transfer 0 --cancel --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Who may take it over: an address, or the name of a key in the keystore
    #[arg(long, value_name = "ACCOUNT", required_unless_present = "cancel")]
    to: Option<String>,
    /// For how long the offer stands, or until when; at most 30d
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when, default_value = "7d")]
    expires: When,
    /// Withdraws the offer
    #[arg(long, conflicts_with_all = ["to", "expires"])]
    cancel: bool,
}

/// Offers the authorization server to another owner, or withdraws the offer.
///
/// # Errors
/// When the account makes no sense, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, args.subject.issuer, &args.subject.acting).await?;
    let Some(to) = args.to else { return stage.perform(AccessOperation::CancelTransfer).await };
    let to = stage.session.account(&to)?;
    let expires_ms = stage.time(args.expires, bounds::OFFER_MAX_MS).await?;
    stage.perform(AccessOperation::OfferTransfer { to, expires_ms }).await
}
