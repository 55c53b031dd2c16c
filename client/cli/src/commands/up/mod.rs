//! `marque up`

mod gateway;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use marque_devnet::{Config as DevnetConfig, Devnet, Seal, StartError};
use marque_sdk::{
    Access, Account, Chain, Registry, Signer, account, did,
    primitives::{AccountId, access::IssuerId},
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use self::gateway::Brought;
use crate::{
    context::Context,
    duration,
    failure::{Failure, Kind, Outcome},
    files, output,
    session::DEV_NAMES,
    shown,
    spec::hex0x,
    stop::Signals,
};

/// The files in the data directory with the addresses of its registry and its access contract.
const REGISTRY_FILE: &str = "registry";
const ACCESS_FILE: &str = "access";
/// The folder in the data directory with the gateway's state.
const GATEWAY_FOLDER: &str = "gateway";
const GATEWAY_PORT: u16 = 8443;

const EXAMPLES: &str = "\
Examples:
  marque up                                 in memory: all is gone when it stops
  marque up --data-dir ./chain              kept: the next time the same devices are there
  marque up --port 0 --json                 on a free port, for scripts
  marque up --block-time 6s                 a block every 6 seconds, as on a public chain
  marque up --no-gateway                    the chain and its contracts alone

It is for development and tests: everybody has the keys of its accounts. Keep nothing of value on it.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Keeps the chain in this folder
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 9944)]
    port: u16,
    /// The gateway's port on 127.0.0.1; 0 takes a free one, which is the default where --port is 0. A data directory keeps it
    #[arg(long, value_name = "PORT", conflicts_with = "no_gateway")]
    gateway_port: Option<u16>,
    /// Brings no gateway
    #[arg(long)]
    no_gateway: bool,
    /// Makes a block at this interval; without it, as soon as there is a transaction, and after a minute without one
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_ms)]
    block_time: Option<u64>,
}

/// Runs a development chain with a registry, an access contract and a gateway, until it is stopped.
///
/// # Errors
/// When the port is taken, or the data directory can't be used.
pub async fn run(context: &Context, args: Args) -> Outcome {
    if let Some(folder) = &args.data_dir {
        shown::ensure_path("--data-dir", folder)?;
    }
    // Before anything is said to be ready: who reads that may stop it at once.
    let mut signals = Signals::listen()?;
    // Nothing is read again here: whatever it is told ends it.
    let stop = async move {
        signals.next().await;
    };
    let config = DevnetConfig {
        data_dir: args.data_dir.clone(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)),
        seal: args.block_time.map_or(Seal::Instant, |ms| Seal::Interval(Duration::from_millis(ms))),
        ..DevnetConfig::default()
    };
    let devnet = Devnet::start(config).await.map_err(|error| not_started(error, args.port))?;
    let served = serve(context, &devnet, &args, stop).await;
    let stopped = devnet.stop().await.map_err(|error| Failure::new(Kind::Failed, error.to_string()));
    served.and(stopped)?;
    context.output.result(&json!({"stopped": true}), || "stopped".into())
}

async fn serve(context: &Context, devnet: &Devnet, args: &Args, stop: impl Future<Output = ()>) -> Outcome {
    let (url, data_dir) = (devnet.url(), args.data_dir.as_deref());
    let place = Place::of(args)?;
    let prepare = async {
        let chain = Chain::connect(&url).await?;
        let registry = registry(context, &chain, data_dir).await?;
        let access = access(context, &registry, data_dir).await?;
        let needs_url = remember(context, &access, &url)?;
        let brought = match &place {
            Some(place) => Some(gateway::bring(context, &access, place.folder(), place.port).await?),
            None => None,
        };
        let next_issuer = access.info().await?.next_issuer;
        announce(context, &access, brought.as_ref(), next_issuer, needs_url)?;
        Ok::<_, Failure>(brought)
    };
    tokio::pin!(stop);
    let brought = tokio::select! {
        prepared = prepare => prepared?,
        () = &mut stop => return Ok(()),
    };
    stop.await;
    if let Some(brought) = brought {
        brought.stop().await;
    }
    Ok(())
}

/// Where the gateway keeps its state, and its port.
struct Place {
    folder: PathBuf,
    /// Deleted in the end, where nothing is to be kept.
    temporary: Option<TempDir>,
    port: u16,
}

impl Place {
    fn of(args: &Args) -> Outcome<Option<Self>> {
        if args.no_gateway {
            return Ok(None);
        }
        let usual = if args.port == 0 { 0 } else { GATEWAY_PORT };
        if let Some(folder) = &args.data_dir {
            let folder = folder.join(GATEWAY_FOLDER);
            let port = args.gateway_port.or_else(|| gateway::kept_port(&folder)).unwrap_or(usual);
            return Ok(Some(Self { folder, temporary: None, port }));
        }
        let port = args.gateway_port.unwrap_or(usual);
        let temporary = tempfile::tempdir().map_err(|error| Failure::local(format!("no temporary folder: {error}")))?;
        Ok(Some(Self { folder: temporary.path().to_owned(), temporary: Some(temporary), port }))
    }

    fn folder(&self) -> &Path {
        self.temporary.as_ref().map_or(&self.folder, TempDir::path)
    }
}

/// The registry that is there already, or a new one.
async fn registry(context: &Context, chain: &Chain, data_dir: Option<&Path>) -> Outcome<Registry> {
    let file = data_dir.map(|folder| folder.join(REGISTRY_FILE));
    // One that a broken config hides is none: the config is about to be told of the right one.
    let remembered = context.remembered(&chain.genesis_hash()).ok().flatten();
    for candidate in [kept(file.as_deref()), remembered].into_iter().flatten() {
        match Registry::attach(chain, candidate).await {
            Ok(registry) => return Ok(registry),
            Err(error) if error.is_wrong_registry() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let registry = Registry::deploy(chain, &alice()?).await?;
    keep(file.as_deref(), &registry.contract())?;
    Ok(registry)
}

/// The registry's access contract that is there already, or a new one.
async fn access(context: &Context, registry: &Registry, data_dir: Option<&Path>) -> Outcome<Access> {
    let file = data_dir.map(|folder| folder.join(ACCESS_FILE));
    let remembered = context.remembered_access(&registry.chain().genesis_hash()).ok().flatten();
    for candidate in [kept(file.as_deref()), remembered].into_iter().flatten() {
        match Access::attach(registry, candidate).await {
            Ok(access) => return Ok(access),
            Err(error) if error.is_wrong_contract() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let access = Access::deploy(registry, &alice()?).await?;
    keep(file.as_deref(), &access.contract())?;
    Ok(access)
}

fn alice() -> Outcome<Account> {
    Account::from_uri(DEV_NAMES[0]).map_err(|error| Failure::new(Kind::Failed, error.to_string()))
}

/// The address in a file, if there is one.
fn kept(file: Option<&Path>) -> Option<AccountId> {
    account::parse(std::fs::read_to_string(file?).ok()?.trim()).ok()
}

fn keep(file: Option<&Path>, contract: &AccountId) -> Outcome {
    let Some(file) = file else { return Ok(()) };
    files::replace(file, account::format(contract).as_bytes()).map_err(|error| Failure::file("write", file, &error))
}

/// Writes the config, so that the next commands find the contracts. Whether they need to be told the endpoint: the config's own,
/// if it is another machine's, stays.
fn remember(context: &Context, access: &Access, url: &str) -> Outcome<bool> {
    let is_known = context.url() == url;
    let is_free = context.configured_url().is_none_or(is_loopback);
    let keep = (!is_known && is_free).then_some(url);
    context.remember(access, keep)?;
    Ok(!is_known && !is_free)
}

fn is_loopback(url: &str) -> bool {
    ["ws://127.0.0.1", "ws://localhost", "ws://[::1]"]
        .iter()
        .any(|start| url.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
}

fn announce(
    context: &Context,
    access: &Access,
    brought: Option<&Brought>,
    next_issuer: IssuerId,
    needs_url: bool,
) -> Outcome {
    let (chain, registry) = (access.chain(), access.registry());
    let genesis = hex0x(&chain.genesis_hash());
    let address = account::format(&registry.contract());
    let access_address = account::format(&access.contract());
    let id = did::format_registry_id(&registry.id());
    let accounts: Vec<(&str, AccountId)> =
        DEV_NAMES.iter().filter_map(|name| Some((*name, Account::from_uri(name).ok()?.account()))).collect();
    let named = accounts.iter().map(|(name, account)| ((*name).to_owned(), json!(account::format(account))));
    let ready = json!({
        "ready": true,
        "url": chain.url(),
        "genesis_hash": genesis,
        "registry": address,
        "registry_id": id,
        "access": access_address,
        "accounts": named.collect::<Map<_, _>>(),
        "gateway": brought.map(gateway_json),
    });
    context.output.result(&ready, || {
        let mut fields = vec![
            ("endpoint", output::styled(output::BOLD, chain.url())),
            ("genesis", genesis.clone()),
            ("registry", address.clone()),
            ("registry id", id.clone()),
            ("access", access_address.clone()),
        ];
        fields.extend(accounts.iter().map(|(name, account)| (*name, account::format(account))));
        fields.extend(brought.iter().flat_map(|brought| gateway_fields(brought)));
        let prefix = if needs_url { format!("  export MARQUE_URL={}\n", chain.url()) } else { String::new() };
        let (token, next) = (brought.map(curl).unwrap_or_default(), next(next_issuer));
        format!(
            "{}\n\n{}\n{prefix}{next}{token}Stop with Ctrl-C.",
            output::fields(&fields),
            output::styled(output::BOLD, "Try, in another terminal:")
        )
    })
}

fn gateway_json(brought: &Brought) -> Value {
    json!({
        "url": brought.url,
        "issuer": brought.issuer,
        "issuer_url": brought.issuer_url,
        "ca": brought.authority,
        "client_id": brought.client_id,
        "client_secret": *brought.client_secret,
        "scope": gateway::SCOPE,
    })
}

fn gateway_fields(brought: &Brought) -> Vec<(&'static str, String)> {
    vec![
        ("gateway", output::styled(output::BOLD, &brought.url)),
        ("issuer", format!("{} (authorization server {})", brought.issuer_url, brought.issuer)),
        ("client id", brought.client_id.clone()),
        ("secret", brought.client_secret.to_string()),
    ]
}

/// How a token is asked for, and what operators can do.
fn curl(brought: &Brought) -> String {
    let Brought { issuer_url, client_id, client_secret, authority, .. } = brought;
    let (authority, scope) = (authority.display(), gateway::SCOPE);
    let secret = client_secret.as_str();
    format!(
        "A token, as any service gets one:\n  \
         curl --cacert '{authority}' -u {client_id}:{secret} {issuer_url}/v1/token -d grant_type=client_credentials -d scope={scope}\n\
         What operators see of it:\n  \
         marque gateway app list\n  \
         marque gateway log query\n"
    )
}

/// What to try, where the next authorization server that is registered gets this number.
fn next(issuer: IssuerId) -> String {
    format!(
        "  marque device new meter-1
  marque device register meter-1 --controller //Alice --sponsor //Alice
  marque device show meter-1
And who grants it what, with tokens for that:
  marque issuer new-key grid-key
  marque issuer register https://grid.example --key grid-key --as //Alice
  marque scope define meter:read --issuer {issuer} --description 'Reads a meter.' --as //Alice
  marque grant add meter-1 --scope meter:read --issuer {issuer} --until 30d --as //Alice
  marque token issue meter-1 --issuer {issuer} --audience https://reader.example --cwt > token.cwt
  marque token verify token.cwt --issuer {issuer} --audience https://reader.example --scope meter:read
  marque token present token.cwt --issuer {issuer} --audience https://reader.example
  marque token revoke token.cwt --as //Alice
  marque events --follow
"
    )
}

fn not_started(error: StartError, port: u16) -> Failure {
    match &error {
        StartError::Listen { source, .. } => Failure::local(format!("cannot listen on port {port}: {source}"))
            .hint("stop what uses it (another `marque up`, or a node), or choose another: --port 0 takes a free one"),
        StartError::Internal(_) => Failure::new(Kind::Failed, error.to_string()),
        _ => Failure::local(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [crate::context::DEFAULT_URL, "ws://localhost", "ws://[::1]:9944/"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["ws://127.0.0.1.example:9944", "wss://node.example", "ws://localhost.example", ""] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
