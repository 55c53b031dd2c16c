//! `marque device show`

use marque_sdk::{
    account, did,
    primitives::{AccountId, Device, Key},
};
use serde_json::{Value, json};

use crate::{act, context::Context, failure::Outcome, output, render, session::Session, spec::hex0x};

const EXAMPLES: &str = "\
Examples:
  marque device show meter-1
  marque device show did:marque:…:z6Mk… --json";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(value_name = "DEVICE")]
    device: String,
}

/// Shows what the registry keeps of a device.
///
/// # Errors
/// When the registry cannot be reached, or the device is not registered.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let session = context.session().await?;
    let target = session.target(&args.device)?;
    let record = session.registry.device(target.device).await?.ok_or_else(|| act::not_registered(&target))?;
    let did = session.did(&target);
    let mut json = record_json(&record);
    json["did"] = json!(did);
    json["device"] = json!(did::format_device_id(&target.device));
    json["name"] = json!(target.name);
    context.output.result(&json, || {
        let head = output::styled(output::BOLD, target.label());
        format!("{head}\n{}", text(&did.to_string(), &record, &session))
    })
}

fn record_json(record: &Device) -> Value {
    json!({
        "status": render::status(record.status),
        "epoch": record.epoch,
        "version": record.version,
        "created": did::format_time(record.created_ms),
        "updated": did::format_time(record.updated_ms),
        "changed_block": record.changed_block,
        "controller": render::controller_json(&record.controller),
        "offer": record.offer.map(|offer| json!({
            "to": render::controller_json(&offer.to),
            "expires": did::format_time(offer.expires_ms),
        })),
        "metadata": record.metadata.as_ref().map(|hash| hex0x(hash)),
        "keys": record.keys.iter().map(render::key_json).collect::<Vec<_>>(),
        "services": record.services.iter().map(render::service_json).collect::<Vec<_>>(),
        "delegates": record.delegates.iter().map(|delegate| json!({
            "account": account::format(&delegate.account),
            "role": render::role(delegate.role),
            "expires": did::format_time(delegate.expires_ms),
        })).collect::<Vec<_>>(),
    })
}

fn text(did: &str, record: &Device, session: &Session) -> String {
    let label = |account: &AccountId| session.label(account);
    let mut fields = vec![
        ("DID", did.to_owned()),
        ("status", render::styled_status(record.status)),
        ("controller", render::controller(&record.controller, &label)),
        ("epoch", record.epoch.to_string()),
        ("version", format!("{} (block {})", record.version, record.changed_block)),
        ("registered", did::format_time(record.created_ms)),
        ("updated", did::format_time(record.updated_ms)),
    ];
    fields.extend(record.metadata.map(|hash| ("metadata", hex0x(&hash))));
    fields.extend(record.offer.map(|offer| {
        let until = did::format_time(offer.expires_ms);
        ("on offer", format!("to {} until {until}", render::controller(&offer.to, &label)))
    }));
    let mut parts = vec![output::fields(&fields)];
    if !record.keys.is_empty() {
        let rows: Vec<_> = record.keys.iter().map(key_row).collect();
        parts.push(output::table(["key", "type", "public key", "for", ""], &rows));
    }
    if !record.services.is_empty() {
        let row = |service: &marque_sdk::primitives::Service| {
            [service.id.clone(), service.service_type.clone(), service.endpoint.clone()]
        };
        parts
            .push(output::table(["service", "type", "endpoint"], &record.services.iter().map(row).collect::<Vec<_>>()));
    }
    if !record.delegates.is_empty() {
        let row = |delegate: &marque_sdk::primitives::Delegate| {
            let until = did::format_time(delegate.expires_ms);
            [label(&delegate.account), render::role(delegate.role).to_owned(), until]
        };
        parts.push(output::table(["delegate", "role", "until"], &record.delegates.iter().map(row).collect::<Vec<_>>()));
    }
    parts.join("\n\n")
}

fn key_row(key: &Key) -> [String; 5] {
    let state = key.revoked_ms.map(|at_ms| format!("revoked {}", did::format_time(at_ms)));
    [
        render::key_name(key.id),
        render::key_type(key.public_key.key_type()).to_owned(),
        did::encode_multikey(&key.public_key),
        render::relationships(key.relationships).join(", "),
        state.unwrap_or_default(),
    ]
}
