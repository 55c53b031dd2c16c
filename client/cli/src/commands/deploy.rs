//! `marque deploy`

use marque_sdk::{Access, Chain, Receipt, Registry, Signer, account, did, registry::deploy_ed25519};
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
  marque deploy --as operations --registry 5DGC…     an access contract alone, for this registry

It deploys what the config does not have for this chain: a registry, the contract that checks Ed25519 signatures for it, \
and the access contract. They have no owner: who deploys them pays for it and has no say in them. The addresses go to the \
config file, under the chain's genesis hash, so that the next commands find them.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Who deploys and pays: the name of a key in the keystore, or //Alice on a development chain
    #[arg(long = "as", env = "MARQUE_ACCOUNT", hide_env_values = true, value_name = "ACCOUNT")]
    actor: String,
    /// Deploys others though the config has them for this chain, and remembers the new ones
    #[arg(long)]
    again: bool,
}

/// A registry, and what it cost if it was not there: with the contract that checks its signatures.
struct Found {
    registry: Registry,
    receipts: Option<[Receipt; 2]>,
}

/// Deploys a registry and its access contract, as far as they are not there, and remembers their addresses.
///
/// # Errors
/// When both are there already, the node can't be reached, or the account can't pay.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let chain = context.chain().await?;
    let known = known_registry(context, &chain, args.again).await?;
    if let Some(registry) = &known
        && !args.again
        && let Some(access) = context.remembered_access_of(registry).await?
    {
        return Err(both_there(registry, &access));
    }
    let signer = Accounts::of(&chain, context.keys()).await?.signer(&args.actor, context.keys())?;
    let found = match known {
        Some(registry) => Found { registry, receipts: None },
        None => {
            let found = deploy_registry(&chain, &*signer).await?;
            // Where the account can't pay for the rest, the next attempt goes on from here.
            context.remember_registry(&found.registry)?;
            found
        }
    };
    let (access, receipt) = Access::deploy_with_receipt(&found.registry, &*signer).await?;
    context.remember(&access, None)?;
    report(context, &found, &access, &receipt).await
}

/// The registry that is given; else the one that is remembered, unless another one is wanted.
async fn known_registry(context: &Context, chain: &Chain, again: bool) -> Outcome<Option<Registry>> {
    if let Some(given) = context.given_registry()? {
        return Ok(Some(Registry::attach(chain, given).await?));
    }
    match context.remembered(&chain.genesis_hash())? {
        Some(remembered) if !again => match Registry::attach(chain, remembered).await {
            Ok(registry) => Ok(Some(registry)),
            Err(error) if error.is_wrong_registry() => Ok(None),
            Err(error) => Err(error.into()),
        },
        _ => Ok(None),
    }
}

fn both_there(registry: &Registry, access: &Access) -> Failure {
    Failure::usage(format!(
        "the config has a registry for this chain already, {}, and its access contract, {}",
        account::format(&registry.contract()),
        account::format(&access.contract())
    ))
    .hint("nothing needs to be done to use them; --again deploys others")
}

async fn deploy_registry(chain: &Chain, signer: &dyn Signer) -> Outcome<Found> {
    let ed25519 = deploy_ed25519(chain, signer).await?;
    let (registry, receipt) = Registry::deploy_with_receipt(chain, signer, ed25519.contract).await?;
    Ok(Found { registry, receipts: Some([receipt, ed25519.receipt]) })
}

async fn report(context: &Context, found: &Found, access: &Access, receipt: &Receipt) -> Outcome {
    let Found { registry, receipts } = found;
    let ed25519 = account::format(&registry.info().await?.ed25519);
    let genesis = hex0x(&registry.chain().genesis_hash());
    let id = did::format_registry_id(&registry.id());
    let (address, access_address) = (account::format(&registry.contract()), account::format(&access.contract()));
    let url = shown::url(registry.chain().url());
    let result = json!({
        "registry": address,
        "registry_id": id,
        "ed25519": ed25519,
        "access": access_address,
        "genesis_hash": genesis,
        "url": url,
        "receipt": receipts.as_ref().map(|[registry, _]| act::receipt_json(registry)),
        "ed25519_receipt": receipts.as_ref().map(|[_, ed25519]| act::receipt_json(ed25519)),
        "access_receipt": act::receipt_json(receipt),
    });
    context.output.result(&result, || {
        let costs: Vec<_> = receipts.iter().flatten().chain([receipt]).map(act::cost).collect();
        let fields = [
            ("registry", output::styled(output::BOLD, &address)),
            ("registry id", id.clone()),
            ("access", output::styled(output::BOLD, &access_address)),
            ("signatures", ed25519.clone()),
            ("on", format!("{url} (genesis {genesis})")),
            ("cost", costs.join("; ")),
            ("remembered in", context.config_path().display().to_string()),
        ];
        output::fields(&fields)
    })
}
