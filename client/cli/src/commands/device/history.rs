//! `marque device history`

use marque_sdk::{AccountId, did};
use serde_json::json;

use crate::{act, context::Context, failure::Outcome, output, render};

const EXAMPLES: &str = "\
Examples:
  marque device history meter-1
  marque device history did:marque:…:z6Mk… --json";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(value_name = "DEVICE")]
    device: String,
}

/// Shows all changes of a device, the first one first.
///
/// # Errors
/// When the registry cannot be reached, or the device is not registered.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let session = context.session().await?;
    let target = session.target(&args.device)?;
    let history = session.registry.history(target.device).await?;
    if history.is_empty() {
        return Err(act::not_registered(&target));
    }
    let id = did::format_device_id(&target.device);
    let changes: Vec<_> = history.iter().map(|past| render::entry_json(&id, past.block, &past.entry)).collect();
    let result = json!({"device": id, "did": session.did(&target), "changes": changes});
    context.output.result(&result, || {
        let label = |account: &AccountId| session.label(account);
        let row = |past: &marque_sdk::Past| {
            let entry = &past.entry;
            let time = did::format_time(entry.at_ms);
            [time, past.block.to_string(), entry.version.to_string(), label(&entry.actor), render::change(&entry.change, &label)]
        };
        output::table(["time", "block", "version", "by", "what"], &history.iter().map(row).collect::<Vec<_>>())
    })
}
