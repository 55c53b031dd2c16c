//! `marque issuer new-key`

use marque_sdk::{account, did, primitives::Scheme};
use serde_json::json;

use crate::{context::Context, failure::Outcome, output, render};

const EXAMPLES: &str = "\
Examples:
  marque issuer new-key as-2026                      Ed25519: signs JWTs and CWTs
  marque issuer new-key as-onchain --type sr25519    signs CWTs alone, cheap to verify on chain

The key is sealed in the keystore, as a device's is. `marque issuer register` and `marque issuer add-key` put it on chain.";

/// The type of a signing key.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum KeyType {
    /// For JWTs and CWTs
    Ed25519,
    /// For CWTs, cheap to verify on chain
    Sr25519,
}

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The key's name in the keystore; the chain never sees it
    #[arg(value_name = "NAME")]
    name: String,
    /// Its type
    #[arg(long = "type", value_enum, default_value = "ed25519")]
    key_type: KeyType,
}

/// Makes a signing key.
///
/// # Errors
/// When the name is taken or can't be one, or the keystore can't be written.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let scheme = match args.key_type {
        KeyType::Ed25519 => Scheme::Ed25519,
        KeyType::Sr25519 => Scheme::Sr25519,
    };
    let info = context.keys().make_of(&args.name, scheme)?;
    let key_type = render::key_type(info.public_key.key_type());
    let (multibase, address) = (did::encode_multikey(&info.public_key), account::format(&info.account()));
    let result = json!({"name": args.name, "type": key_type, "public_key_multibase": multibase, "account": address});
    context.output.result(&result, || {
        let fields = [
            ("public key", output::styled(output::BOLD, &multibase)),
            ("type", key_type.to_owned()),
            ("sealed in", context.keys().folder().display().to_string()),
        ];
        let next = format!("next: marque issuer register <url> --key {} --as <owner>", args.name);
        format!("{}\n{}", output::fields(&fields), output::styled(output::DIM, next))
    })
}
