//! The gateway that `marque up` brings: an authorization server on the chain, and an application that gets tokens by its secret.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use marque_gateway::{
    Clients, Gateway, GrantType, MasterKey, Policy, Rule, Service, ServiceConfig, SqliteStore,
    limit::{Limits, MemoryCounters},
    log::{Actor, Caller},
    operate::{By, NewApp},
    serve::{ServeConfig, development_certificate},
    settings::{Authentication, Role, ServerDocument},
};
use marque_sdk::{
    Access, Account, At, Signer,
    primitives::{
        Controller, Operation,
        access::{AccessOperation, Grantee, IssuerId, Right, Sensitivity},
    },
    token::Algorithm,
    verifier::{Clock, SystemClock},
};
use zeroize::Zeroizing;

use super::alice;
use crate::{
    config::KnownGateway,
    context::Context,
    failure::{Failure, Kind, Outcome},
    files,
    gateway::{
        assemble::{Assembly, assemble},
        master_key,
    },
};

/// The authorization server's name.
pub const SERVER: &str = "default";
/// What the application may ask for.
pub const SCOPE: &str = "meter:read";
const APP: &str = "Meter service of marque up";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const DATABASE: &str = "gateway.db";
const MASTER_KEY: &str = "master-key";
const PORT: &str = "port";

/// A gateway at work, and what is said of it.
pub struct Brought {
    service: Service,
    /// Its URL.
    pub url: String,
    /// The issuer URL of its authorization server.
    pub issuer_url: String,
    /// The authorization server's number on the chain.
    pub issuer: IssuerId,
    /// The certificate authority that clients must trust.
    pub authority: PathBuf,
    /// The application's client id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Zeroizing<String>,
}

impl Brought {
    /// Ends it, once what is under way is answered.
    pub async fn stop(self) {
        self.service.shutdown().await;
    }
}

/// Brings a gateway that keeps its state in a folder, and has the next commands know it.
///
/// # Errors
/// When the port is taken, the folder can't be used, or the chain refuses.
pub async fn bring(context: &Context, access: &Access, folder: &Path, port: u16) -> Outcome<Brought> {
    fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
    let port = free_port(port)?;
    let url = format!("https://localhost:{port}");
    let issuer_url = format!("{url}/oauth2/{SERVER}");
    let owner: Arc<dyn Signer> = Arc::new(alice()?);
    let issuer = issuer(access, &*owner, &issuer_url).await?;

    let gateway = start(access, folder, owner.clone()).await?;
    let caller = Caller::default();
    let by = By { actor: Actor::System, caller: &caller };
    set_up(&gateway, by, issuer, &issuer_url).await?;
    let kept = folder.join(PORT);
    files::replace(&kept, port.to_string().as_bytes()).map_err(|error| Failure::file("write", &kept, &error))?;
    let (client_id, client_secret) = app(&gateway, by, access, issuer, &owner).await?;

    let now_ms = SystemClock::default().now().wall_ms;
    let certificate = development_certificate(folder, now_ms).map_err(failed)?;
    let mut serve = ServeConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    serve.tls = Some(certificate.tls);
    let service = Service::start(gateway.clone(), ServiceConfig { serve, metrics: None }).await.map_err(failed)?;

    let operator =
        gateway.create_operator(by, "marque up", Role::SecurityOfficer, 30 * DAY_MS).await.map_err(failed)?;
    let known = KnownGateway { url: url.clone(), ca: Some(certificate.authority.clone()) };
    context.remember_gateway(known, &operator.token)?;
    Ok(Brought { service, url, issuer_url, issuer, authority: certificate.authority, client_id, client_secret })
}

/// The port of the gateway that keeps its state in a folder: its tokens name it.
pub fn kept_port(folder: &Path) -> Option<u16> {
    fs::read_to_string(folder.join(PORT)).ok()?.trim().parse().ok()
}

/// The port, or a free one for 0. The authorization server's URL on the chain has it, so it must be known before anything listens there.
fn free_port(port: u16) -> Outcome<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| {
        Failure::local(format!("the gateway cannot listen on port {port}: {error}"))
            .hint("choose another with --gateway-port (0 takes a free one), or do without it: --no-gateway")
    })
}

/// The authorization server of this URL on the chain, which is registered if it is not there.
async fn issuer(access: &Access, owner: &dyn Signer, url: &str) -> Outcome<IssuerId> {
    for number in 0..access.info().await?.next_issuer {
        let record = access.issuer(number).await?;
        if record.is_some_and(|record| record.url == url && record.owner == owner.account()) {
            return Ok(number);
        }
    }
    let (issuer, _) = access.register_issuer(owner, url, &[]).await?;
    let scope =
        AccessOperation::DefineScope { name: SCOPE.into(), description: [0; 32], sensitivity: Sensitivity::Low };
    access.execute(owner, issuer, scope).await?;
    Ok(issuer)
}

async fn start(access: &Access, folder: &Path, owner: Arc<dyn Signer>) -> Outcome<Arc<Gateway>> {
    let store = SqliteStore::open(&folder.join(DATABASE)).await.map_err(failed)?;
    let assembly = Assembly {
        access: access.clone(),
        store: Arc::new(store),
        master_key: keep_master_key(&folder.join(MASTER_KEY))?,
        owner: Some(owner),
        counters: Arc::new(MemoryCounters::default()),
        limits: Limits::default(),
    };
    assemble(assembly).await
}

/// The master key in a file, which is made if it is not there.
fn keep_master_key(path: &Path) -> Outcome<MasterKey> {
    if !path.exists() {
        files::replace(path, master_key::make()?.as_bytes()).map_err(|error| Failure::file("write", path, &error))?;
    }
    master_key::from_file(path)
}

async fn set_up(gateway: &Gateway, by: By<'_>, issuer: IssuerId, url: &str) -> Outcome {
    let known = gateway.servers().into_iter().find(|server| server.name == SERVER);
    if known.as_ref().is_some_and(|known| known.url != url) {
        return Err(Failure::local("the gateway of this folder has another port, which its tokens name")
            .hint("give the same --gateway-port as the first time, or another --data-dir"));
    }
    if known.is_none() {
        let server = ServerDocument {
            name: SERVER.into(),
            issuer,
            url: url.into(),
            default_scopes: vec![SCOPE.into()],
            requires_dpop: false,
            algorithm: Algorithm::EdDsa,
        };
        gateway.put_server(by, &server).await.map_err(failed)?;
        gateway.put_policy(by, SERVER, &policy()).await.map_err(failed)?;
    }
    Ok(())
}

/// Every client may read meters for an hour, where the chain grants it.
fn policy() -> Policy {
    let rule = Rule {
        name: "meters".into(),
        priority: 1,
        is_active: true,
        grant_types: [GrantType::ClientCredentials].into(),
        scopes: [SCOPE.into()].into(),
        lifetime_s: 3600,
        audience: ["api://default".into()].into(),
        ..Rule::default()
    };
    Policy { name: "everyone".into(), priority: 1, is_active: true, clients: Clients::Every, rules: vec![rule] }
}

/// The application with a new secret: those from before are shown no more, and end.
async fn app(
    gateway: &Gateway,
    by: By<'_>,
    access: &Access,
    issuer: IssuerId,
    owner: &Arc<dyn Signer>,
) -> Outcome<(String, Zeroizing<String>)> {
    let known = gateway.apps().into_iter().find(|app| app.label == APP);
    let id = match known {
        Some(app) => {
            for secret in &app.secrets {
                gateway.set_secret_active(by, &app.id, &secret.id, false).await.map_err(failed)?;
                gateway.delete_secret(by, &app.id, &secret.id).await.map_err(failed)?;
            }
            app.id.clone()
        }
        None => gateway.create_app(by, &new_app(&device(access, issuer, owner).await?)).await.map_err(failed)?.id,
    };
    let secret = gateway.create_secret(by, &id).await.map_err(failed)?;
    Ok((id, secret.secret))
}

fn new_app(device: &str) -> NewApp {
    NewApp {
        label: APP.into(),
        device: device.into(),
        authentication: Authentication::ClientSecret,
        grant_types: [GrantType::ClientCredentials].into(),
        fleet: None,
        labels: [].into(),
        scopes: None,
        zones: [].into(),
        jwks: None,
        certificate: None,
        requires_dpop: false,
    }
}

/// A device that the application acts for: it never signs anything more, so its key is not kept.
async fn device(access: &Access, issuer: IssuerId, owner: &Arc<dyn Signer>) -> Outcome<String> {
    let (registry, key) = (access.registry(), Account::generate());
    let id = key.device_id().ok_or_else(|| Failure::new(Kind::Failed, "the key is none of a device"))?;
    let controller = Controller::Account(owner.account());
    let register = Operation::Register { controller, metadata: None, keys: vec![], services: vec![] };
    let signed = registry.prepare(id, register).sign(&key).await?;
    registry.submit(&**owner, signed).await?;
    let until_ms = access.chain().time_ms(At::Best).await?.saturating_add(365 * DAY_MS);
    let grant = AccessOperation::Grant { grantee: Grantee::Device(id), right: Right::Scope(SCOPE.into()), until_ms };
    access.execute(&**owner, issuer, grant).await?;
    Ok(registry.did(id).to_string())
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Failed, format!("the gateway: {error}"))
}
