//! `marque device history`

use marque_sdk::{HistoryEntry, did, primitives::AccountId};
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
    let history = match session.registry.history(target.device).await {
        Err(error) if error.is_not_found() => return Err(act::not_registered(&target)),
        other => other?,
    };
    let id = did::format_device_id(&target.device);
    let changes: Vec<_> =
        history.iter().map(|past| render::entry_json(&id, past.event.block.number, &past.event.entry)).collect();
    let result = json!({"device": id, "did": session.did(&target), "changes": changes});
    context.output.result(&result, || {
        let label = |account: &AccountId| session.label(account);
        let row = |past: &HistoryEntry| {
            let entry = &past.event.entry;
            let time = did::format_time(entry.at_ms);
            [
                time,
                past.event.block.number.to_string(),
                entry.version.to_string(),
                label(&entry.actor),
                render::change(&entry.change, &label),
            ]
        };
        output::table(["time", "block", "version", "by", "what"], &history.iter().map(row).collect::<Vec<_>>())
    })
}
