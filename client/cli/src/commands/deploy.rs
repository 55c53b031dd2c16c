//! `marque deploy`

use marque_sdk::{Registry, account, did, registry::deploy_ed25519};
use serde_json::json;

use crate::{
    act,
    context::Context,
    failure::{Failure, Outcome},
    output,
    session::Accounts,
    shown,
    spec::hex0x,
};

const EXAMPLES: &str = "\
Examples:
  marque deploy --as //Alice                         on a development chain
  marque deploy --as operations --url wss://node.example

The registry has no owner: who deploys it pays for it and has no say in it. Its address goes to the \
config file, under the chain's genesis hash, so that the next commands find it.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Who deploys and pays: the name of a key in the keystore, or //Alice on a development chain
    #[arg(long = "as", env = "MARQUE_ACCOUNT", hide_env_values = true, value_name = "ACCOUNT")]
    actor: String,
    /// Deploys another one though the config has a registry for this chain, and remembers the new one
    #[arg(long)]
    again: bool,
}

/// Deploys a registry and remembers its address.
///
/// # Errors
/// When there is one already, the node can't be reached, or the account can't pay.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let chain = context.chain().await?;
    let genesis = chain.genesis_hash();
    if let Some(known) = context.remembered(&genesis)?
        && !args.again
        && Registry::attach(&chain, known).await.is_ok()
    {
        return Err(Failure::usage(format!(
            "the config has a registry for this chain already: {}",
            account::format(&known)
        ))
        .hint("nothing needs to be done to use it; --again deploys another one"));
    }
    let signer = Accounts::of(&chain, context.keys()).await?.signer(&args.actor, context.keys())?;
    let ed25519 = deploy_ed25519(&chain, &*signer).await?;
    let (registry, receipt) = Registry::deploy_with_receipt(&chain, &*signer, ed25519.contract).await?;
    let contract = registry.contract();
    context.remember(&genesis, &contract, None)?;
    let id = did::format_registry_id(&registry.id());
    let address = account::format(&contract);
    let url = shown::url(chain.url());
    let result = json!({
        "registry": address,
        "registry_id": id,
        "ed25519": account::format(&ed25519.contract),
        "genesis_hash": hex0x(&genesis),
        "url": url,
        "receipt": act::receipt_json(&receipt),
        "ed25519_receipt": act::receipt_json(&ed25519.receipt),
    });
    context.output.result(&result, || {
        let fields = [
            ("registry", output::styled(output::BOLD, &address)),
            ("registry id", id.clone()),
            ("signatures", account::format(&ed25519.contract)),
            ("on", format!("{url} (genesis {})", hex0x(&genesis))),
            ("cost", format!("{}; {}", act::cost(&receipt), act::cost(&ed25519.receipt))),
            ("remembered in", context.config_path().display().to_string()),
        ];
        output::fields(&fields)
    })
}
