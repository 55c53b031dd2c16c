//! `marque gateway serve`

mod announce;
mod first_token;
mod limits;
mod master_key;
mod servers;
mod storage;
mod telemetry;
mod tls;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use marque_gateway::{
    Gateway, Service, ServiceConfig,
    log::{Actor, Caller},
    operate::By,
    serve::ServeConfig,
};
use marque_sdk::{Access, Signer};
use serde_json::json;

use self::{
    limits::LimitsArgs,
    master_key::MasterKeyArgs,
    servers::NamedIssuer,
    storage::{Storage, StorageArgs},
    tls::TlsArgs,
};
use crate::{
    context::Context,
    failure::{Failure, Outcome},
    gateway::assemble::{Assembly, assemble},
    session::Session,
    shown,
    stop::{Signals, Told},
};

const EXAMPLES: &str = "\
Examples:
  marque gateway init ./secret
  marque issuer register https://gateway.example/oauth2/default --as operations
  marque issuer delegate 0 --account gateway --role key-manager --until 365d --as operations
  marque gateway serve --listen 0.0.0.0:8443 --data ./data --master-key-file ./secret/master.key --server default=0 \\
    --key gateway --tls-cert cert.pem --tls-key key.pem --first-token ./first-token --metrics 127.0.0.1:9464
  marque gateway serve --data ./data --master-key-keyring grid --key gateway       on this machine alone, in the clear

What is set up stays: --server and --first-token are for the first time. Ctrl-C and SIGTERM stop it once what is under way is answered; \
SIGHUP has it read its certificate again. It logs to stderr what RUST_LOG asks for [default: info].";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The address for clients and operators; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    #[command(flatten)]
    storage: StorageArgs,
    #[command(flatten)]
    master_key: MasterKeyArgs,
    /// An authorization server: its name at this gateway, and its number on the chain; repeatable
    #[arg(long = "server", value_name = "NAME=ISSUER", value_parser = servers::parse)]
    servers: Vec<NamedIssuer>,
    /// Who puts signing keys on the chain and pays for that: the name of a key in the keystore. Best a delegate as key manager
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    limits: LimitsArgs,
    /// The address for metrics (OpenMetrics, in the clear): for the operators' network alone
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// The collector of OpenTelemetry that gets traces, over HTTP
    #[arg(long, value_name = "URL", value_parser = telemetry::parse_url)]
    otlp: Option<String>,
    /// Where a first operator's token is written, of a security officer and for a day, if there is none yet
    #[arg(long, value_name = "FILE")]
    first_token: Option<PathBuf>,
}

/// Runs a gateway, until it is stopped.
///
/// # Errors
/// When an argument makes no sense, the chain can't be reached, or the gateway can't be started.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let config = args.config()?;
    if let Some(path) = &args.first_token {
        shown::ensure_path("--first-token", path)?;
    }
    let master_key = args.master_key.read()?;
    // Before anything is said to be ready: who reads that may stop it at once.
    let signals = Signals::listen()?;
    let telemetry = telemetry::start(context.output.is_json(), args.otlp.clone())?;
    let storage = args.storage.open().await?;
    let served = serve(context, &args, config, &storage, master_key, signals).await;
    storage.close().await;
    telemetry.shutdown().await;
    served?;
    context.output.result(&json!({ "stopped": true }), || "stopped".into())
}

async fn serve(
    context: &Context,
    args: &Args,
    config: ServiceConfig,
    storage: &Storage,
    master_key: marque_gateway::MasterKey,
    mut signals: Signals,
) -> Outcome {
    let prepare = async {
        let (session, access) = context.session_with_access().await?;
        let owner = args.key.as_deref().map(|name| owner(&session, name)).transpose()?;
        let (store, counters) = storage.parts();
        let limits = args.limits.limits()?;
        let assembly = Assembly { access: access.clone(), store, counters, master_key, owner, limits };
        let gateway = assemble(assembly).await?;
        set_up(&gateway, &access, args).await?;
        let service = Service::start(gateway.clone(), config).await;
        Ok::<_, Failure>((gateway, service.map_err(|error| Failure::local(error.to_string()))?))
    };
    let (gateway, service) = tokio::select! {
        prepared = prepare => prepared?,
        () = stopped(&mut signals) => return Ok(()),
    };
    let announced = announce::ready(context, &gateway, &service, args);
    if announced.is_ok() {
        attend(&service, &mut signals).await;
    }
    service.shutdown().await;
    announced
}

fn owner(session: &Session, name: &str) -> Outcome<Arc<dyn Signer>> {
    Ok(Arc::from(session.signer(name)?))
}

async fn set_up(gateway: &Gateway, access: &Access, args: &Args) -> Outcome {
    let caller = Caller::default();
    let by = By { actor: Actor::System, caller: &caller };
    for server in &args.servers {
        servers::set_up(gateway, by, access, server).await?;
    }
    match &args.first_token {
        Some(path) => first_token::write(gateway, by, path).await,
        None => Ok(()),
    }
}

/// Waits until it is to stop, and reads the certificate again when it is told to.
async fn attend(service: &Service, signals: &mut Signals) {
    while signals.next().await == Told::Reload {
        match service.reload_tls() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate can't be read: the one from before stays"),
        }
    }
}

/// Waits until it is to stop. There is nothing to read again yet.
async fn stopped(signals: &mut Signals) {
    while signals.next().await != Told::Stop {}
}

impl Args {
    fn config(&self) -> Outcome<ServiceConfig> {
        let mut serve = ServeConfig::new(self.listen);
        serve.tls = self.tls.config(self.listen)?;
        if self.metrics == Some(self.listen) && self.listen.port() != 0 {
            return Err(Failure::usage("metrics need an address of their own: give another one with --metrics"));
        }
        Ok(ServiceConfig { serve, metrics: self.metrics })
    }
}
