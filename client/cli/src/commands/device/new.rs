//! `marque device new`

use marque_sdk::{
    account, did,
    primitives::{DeviceId, PublicKey},
};
use serde_json::json;

use crate::{
    context::Context,
    failure::{Failure, Outcome},
    output, shown, target,
};

const EXAMPLES: &str = "\
Examples:
  marque device new meter-1
  MARQUE_PASSPHRASE=… marque device new meter-2 --json

The passphrase is asked for on the terminal, or taken from MARQUE_PASSPHRASE or --passphrase-file.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device's name: how you will call it here; the chain never sees it
    #[arg(value_name = "NAME")]
    name: String,
}

/// Makes a device's key.
///
/// # Errors
/// When the name is taken or can't be one, or the keystore can't be written.
pub async fn run(context: &Context, args: Args) -> Outcome {
    if !target::is_device_name(&args.name) {
        return Err(Failure::usage(format!("`{}` is how a later key of a device is named", shown::value(&args.name)))
            .hint("choose another name"));
    }
    let info = context.keys().make(&args.name)?;
    let PublicKey::Ed25519(bytes) = info.public_key else {
        return Err(Failure::local("the keystore made a key of another type than it was asked for"));
    };
    let device = DeviceId(bytes);
    let did = context.remembered_did(device).map(|did| did.to_string());
    let id = did::format_device_id(&device);
    let address = account::format(&device.account());
    let result = json!({"name": args.name, "device": id, "did": did, "account": address});
    context.output.result(&result, || {
        let mut fields = vec![("device id", output::styled(output::BOLD, &id))];
        fields.extend(did.clone().map(|did| ("DID", did)));
        fields.push(("account", address.clone()));
        fields.push(("sealed in", context.keys().folder().display().to_string()));
        let next = format!("next: marque device register {} --sponsor <who pays>", args.name);
        format!("{}\n{}", output::fields(&fields), output::styled(output::DIM, next))
    })
}
