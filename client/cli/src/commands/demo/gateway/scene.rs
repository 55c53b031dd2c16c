//! The gateway of the story: put together of its parts, and served on this machine while the story is told.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use marque_gateway::{
    ChainDirectory, Gateway, Parts, Service, ServiceConfig, SqliteStore,
    keys::ChainAuthority,
    log::{Actor, Caller},
    operate::By,
    serve::{ServeConfig, development_certificate},
    settings::Role,
};
use marque_sdk::{
    At, Signer,
    did::Did,
    primitives::{
        DeviceId,
        access::{AccessOperation, Grantee, IssuerId, Right},
        bounds,
        token::{Requirement, VerifyError},
    },
    token::read_jwt,
    verifier::{Clock, Moment, SystemClock},
};
use tempfile::TempDir;

use super::{AUDIENCE, signed};
use crate::{
    commands::demo::{cast::Cast, grid::Grid, teller::Teller},
    failure::{Failure, Kind, Outcome},
    gateway::{Address, Client, authority, master_key},
};

/// The authorization server's name at the gateway.
pub const SERVER: &str = "default";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How long ago the gateway believes that it is while it is set up: a next key must be published for ten minutes before it signs.
const BEHIND_MS: u64 = 11 * 60 * 1000;
const REQUEST_TIME_MAX: Duration = Duration::from_secs(40);

/// The gateway, and who uses it.
pub struct Scene<'a> {
    /// All who were in the story before.
    pub cast: &'a Cast,
    /// The operator's side.
    pub grid: &'a Grid,
    /// The authorization server's number on the chain.
    pub issuer: IssuerId,
    /// Its issuer URL.
    pub url: String,
    /// What keeps the gateway's state.
    pub store: Arc<SqliteStore>,
    /// Who operates the gateway.
    pub operators: Client,
    /// How clients ask.
    pub http: reqwest::Client,
    clock: Arc<ClockBehind>,
    service: Service,
    _folder: TempDir,
}

/// The machine's clock, and so many milliseconds behind it.
#[derive(Debug, Default)]
struct ClockBehind {
    machine: SystemClock,
    by_ms: AtomicU64,
}

impl Clock for ClockBehind {
    fn now(&self) -> Moment {
        let now = self.machine.now();
        Moment { wall_ms: now.wall_ms.saturating_sub(self.by_ms.load(Ordering::SeqCst)), ..now }
    }
}

impl<'a> Scene<'a> {
    /// A gateway without an authorization server, whose clock is behind.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open(teller: &Teller, cast: &'a Cast, grid: &'a Grid) -> Outcome<Self> {
        let folder = tempfile::tempdir().map_err(|error| Failure::local(format!("no temporary folder: {error}")))?;
        let store = Arc::new(SqliteStore::open(&folder.path().join("gateway.db")).await.map_err(failed)?);
        let clock = Arc::new(ClockBehind { by_ms: BEHIND_MS.into(), ..ClockBehind::default() });
        let gateway = start(grid, store.clone(), clock.clone()).await?;
        let by = By { actor: Actor::System, caller: &Caller::default() };
        let operator = gateway.create_operator(by, "demo", Role::SecurityOfficer, DAY_MS).await.map_err(failed)?;

        let certificate = development_certificate(folder.path(), clock.machine.now().wall_ms).map_err(failed)?;
        let mut serve = ServeConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        serve.tls = Some(certificate.tls);
        let service = Service::start(gateway, ServiceConfig { serve, metrics: None }).await.map_err(failed)?;
        let address = format!("https://localhost:{}", service.address().port());
        let authorities = authority(&certificate.authority)?;
        let http = client(authorities.clone())?;
        let operators = Client::new(Address::parse(&address)?, &operator.token, Some(authorities), teller.output())?;
        let url = format!("{address}/oauth2/{SERVER}");
        // What is registered next has the next number.
        let issuer = grid.access.info().await?.next_issuer;
        Ok(Self { cast, grid, issuer, url, store, operators, http, clock, service, _folder: folder })
    }

    /// Sets the gateway's clock right.
    pub fn set_clock(&self) {
        self.clock.by_ms.store(0, Ordering::SeqCst);
    }

    /// Ends the gateway.
    pub async fn stop(self) {
        self.service.shutdown().await;
        self.store.close().await;
    }

    /// Where tokens are asked for.
    pub fn token_endpoint(&self) -> String {
        format!("{}/v1/token", self.url)
    }

    /// The meter's DID.
    pub fn meter(&self) -> Did {
        self.cast.registry.did(self.cast.meter.id)
    }

    /// A new assertion of the meter.
    ///
    /// # Errors
    /// When its key does not sign.
    pub fn assertion(&self) -> Outcome<String> {
        signed::assertion(&self.meter(), &self.cast.meter_key, &self.token_endpoint())
    }

    /// The operator grants a scope to a device for 30 days.
    ///
    /// # Errors
    /// When a step does not go as it should.
    pub async fn grant(&self, teller: &mut Teller, what: &str, device: DeviceId, scope: &str) -> Outcome {
        let until_ms = self.cast.chain().time_ahead_ms(30 * DAY_MS, bounds::GRANT_MAX_MS).await?;
        let grantee = Grantee::Device(device);
        let grant = AccessOperation::Grant { grantee, right: Right::Scope(scope.into()), until_ms };
        self.change(teller, what, grant).await
    }

    /// The operator changes the authorization server on the chain.
    ///
    /// # Errors
    /// When a step does not go as it should.
    pub async fn change(&self, teller: &mut Teller, what: &str, operation: AccessOperation) -> Outcome {
        let Grid { access, operator, .. } = self.grid;
        teller.accepted(what, operator.account(), access.execute(operator, self.issuer, operation)).await.map(drop)
    }

    /// What a service that follows the chain says of a token that the meter presents.
    ///
    /// # Errors
    /// When the chain can't be read, or the text is no token.
    pub async fn verify(&self, teller: &Teller, token: &str, scope: &str) -> Outcome<Result<(), Option<VerifyError>>> {
        let verifier = &self.grid.verifier;
        verifier.wait_for(self.cast.chain().finalized().await?.number).await?;
        let token = read_jwt(token).map_err(|error| teller.differs("the JWT is read", &error.to_string()))?;
        let requirement =
            Requirement { issuer: self.issuer, audience: AUDIENCE.into(), scopes: vec![scope.to_owned()] };
        let verified = verifier.verify(&token, &requirement, Some(&self.cast.meter_key.account())).await;
        Ok(verified.map(drop).map_err(|error| error.refusal()))
    }

    /// The numbers of the authorization server's keys on the chain, and whether they are revoked.
    ///
    /// # Errors
    /// When the chain can't be read.
    pub async fn keys(&self) -> Outcome<Vec<(u32, bool)>> {
        let record = self.grid.access.issuer_at(self.issuer, At::Finalized).await?;
        let keys = record.map(|record| record.keys).unwrap_or_default();
        Ok(keys.iter().map(|key| (key.id, key.revoked_ms.is_some())).collect())
    }
}

/// A gateway over the verifier that follows the chain already, which keeps keys on the chain with the operator's account.
async fn start(grid: &Grid, store: Arc<SqliteStore>, clock: Arc<ClockBehind>) -> Outcome<Arc<Gateway>> {
    let directory = Arc::new(ChainDirectory::new(grid.access.clone(), grid.verifier.clone()));
    let authority = Arc::new(ChainAuthority::new(grid.access.clone(), Arc::new(grid.operator.clone())));
    let master_key = master_key::parse(&master_key::make()?)?;
    let parts = Parts { authority, clock, ..Parts::new(directory, store, master_key) };
    Ok(Arc::new(Gateway::start(parts).await.map_err(failed)?))
}

/// A client that trusts the gateway's own authority alone.
fn client(authorities: Vec<reqwest::Certificate>) -> Outcome<reqwest::Client> {
    let builder = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIME_MAX).tls_built_in_root_certs(false);
    authorities.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate).build().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Failed, format!("the gateway: {error}"))
}
