//! `marque device list`

use futures::TryStreamExt;
use marque_sdk::{
    account, did,
    primitives::{DeviceId, DeviceStatus, PublicKey, bounds},
};
use serde_json::{Value, json};

use crate::{context::Context, failure::Outcome, output, render, session::Session, target};

const EXAMPLES: &str = "\
Examples:
  marque device list                the devices of your keystore, and what the registry says of each
  marque device list --local        without asking the registry
  marque device list --all          all devices of the registry, the last registered first
  marque device list --all --json | jq .did";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// All devices of the registry: a line for each
    #[arg(long, conflicts_with = "local")]
    all: bool,
    /// The keystore alone, without a connection
    #[arg(long)]
    local: bool,
}

/// A device of the keystore.
struct Local {
    name: String,
    device: DeviceId,
}

/// Lists devices.
///
/// # Errors
/// When the keystore can't be read, or the registry cannot be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    if args.all {
        return all(context, &context.session().await?).await;
    }
    let locals = locals(context)?;
    if args.local || locals.is_empty() {
        return print(context, &locals, None);
    }
    let session = context.session().await?;
    let mut statuses = Vec::with_capacity(locals.len());
    for page in locals.chunks(bounds::PAGE_MAX) {
        let devices: Vec<_> = page.iter().map(|local| local.device).collect();
        statuses.extend(session.registry.statuses(&devices).await?);
    }
    print(context, &locals, Some(&statuses))
}

fn locals(context: &Context) -> Outcome<Vec<Local>> {
    let local = |info: marque_sdk::keystore::KeyInfo| match info.public_key {
        PublicKey::Ed25519(bytes) if target::is_device_name(info.name.as_str()) => {
            Some(Local { name: info.name.to_string(), device: DeviceId(bytes) })
        }
        _ => None,
    };
    Ok(context.keys().list()?.into_iter().filter_map(local).collect())
}

fn print(context: &Context, locals: &[Local], statuses: Option<&[Option<DeviceStatus>]>) -> Outcome {
    let status = |index: usize| statuses.and_then(|statuses| statuses.get(index).copied().flatten());
    let word = |index: usize| match (statuses, status(index)) {
        (None, _) => "",
        (Some(_), None) => "not registered",
        (Some(_), Some(status)) => render::status(status.status),
    };
    let entry = |(index, local): (usize, &Local)| {
        let known = status(index);
        json!({
            "name": local.name,
            "device": did::format_device_id(&local.device),
            "account": account::format(&local.device.account()),
            "status": statuses.map(|_| word(index)),
            "epoch": known.map(|status| status.epoch),
            "version": known.map(|status| status.version),
        })
    };
    let result = json!({"devices": locals.iter().enumerate().map(entry).collect::<Vec<Value>>()});
    context.output.result(&result, || {
        if locals.is_empty() {
            return format!(
                "no keys in {} yet; `marque device new <name>` makes one",
                context.keys().folder().display()
            );
        }
        let row = |(index, local): (usize, &Local)| {
            let epoch = status(index).map(|status| status.epoch.to_string()).unwrap_or_default();
            [local.name.clone(), word(index).to_owned(), epoch, did::format_device_id(&local.device)]
        };
        output::table(["name", "status", "epoch", "device"], &locals.iter().enumerate().map(row).collect::<Vec<_>>())
    })
}

/// A line for each device of the registry, as they are found.
async fn all(context: &Context, session: &Session) -> Outcome {
    let mut devices = std::pin::pin!(session.registry.devices().try_chunks(bounds::PAGE_MAX));
    while let Some(page) = devices.try_next().await.map_err(|error| error.1)? {
        let ids: Vec<_> = page.clone();
        let statuses = session.registry.statuses(&ids).await?;
        for (device, status) in ids.iter().zip(statuses) {
            let did = did::Did::new(session.registry_id(), *device);
            let word = status.map(|status| render::status(status.status));
            let line = json!({"did": did, "device": did::format_device_id(device), "status": word});
            context.output.result(&line, || format!("{did}  {}", word.unwrap_or_default()))?;
        }
    }
    Ok(())
}
