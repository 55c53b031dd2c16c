//! `marque device transfer`

use marque_sdk::primitives::{Operation, bounds};

use crate::{
    act::{Stage, Subject},
    context::Context,
    duration,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque device transfer meter-1 --to //Bob --as //Alice        then: marque device accept meter-1 --as //Bob
  marque device transfer meter-1 --to self --expires 2h --as //Alice
  marque device transfer meter-1 --cancel --as //Alice";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Who may take it over: an address, the name of a key in the keystore, or `self` for the device itself
    #[arg(long, value_name = "ACCOUNT", required_unless_present = "cancel")]
    to: Option<String>,
    /// For how long the offer stands; at most 30d
    #[arg(long, value_name = "DURATION", value_parser = offer_ms, default_value = "7d")]
    expires: u64,
    /// Withdraws the offer
    #[arg(long, conflicts_with_all = ["to", "expires"])]
    cancel: bool,
}

fn offer_ms(text: &str) -> Result<u64, String> {
    let ms = duration::parse_ms(text)?;
    if ms <= bounds::OFFER_MAX_MS { Ok(ms) } else { Err("an offer stands for 30d at most".into()) }
}

/// Offers the control of the device, or withdraws the offer.
///
/// # Errors
/// When the account makes no sense, or the registry cannot be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let stage = Stage::open(context, &args.subject).await?;
    let Some(to) = args.to else { return stage.perform(Operation::CancelTransfer).await };
    let to = stage.session.controller(&to)?;
    let expires_ms = stage.time_after(args.expires, bounds::OFFER_MAX_MS).await?;
    stage.perform(Operation::OfferTransfer { to, expires_ms }).await
}
