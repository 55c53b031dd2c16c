//! Over HTTP, on the embedded chain: a device gets a token that the SDK's verifier finds good, and nothing once it is out of use.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::Router;
use marque_devnet::{Config, Devnet};
use marque_gateway::{
    ChainDirectory, Clients, Gateway, GrantType, MasterKey, Parts, Policy, Rule, SqliteStore, Store,
    keys::ChainAuthority,
    log::{Actor, Caller},
    operate::By,
    settings::ServerDocument,
};
use marque_sdk::{
    Access, Account, At, Chain, Registry, Signer, Verifier, VerifierConfig,
    did::Did,
    primitives::{
        Controller, DeviceId, Operation,
        access::{AccessOperation, Grantee, IssuerId, Right, Sensitivity},
        token::{Requirement, VerifyError},
    },
    token::{Algorithm, read_jwt},
    verifier::{Clock, Moment, SystemClock},
};
use serde_json::Value;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::{
    assertion::{claims, encode, form, sign},
    http,
};

const URL: &str = "https://as.example/oauth2/default";
const TOKEN: &str = "/oauth2/default/v1/token";
const INTROSPECT: &str = "/oauth2/default/v1/introspect";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

struct World {
    alice: Account,
    registry: Registry,
    access: Access,
    issuer: IssuerId,
    device: Account,
    verifier: Verifier,
    clock: Arc<ClockAhead>,
    devnet: Devnet,
}

/// The machine's clock, and so many milliseconds ahead of it.
#[derive(Debug, Default)]
struct ClockAhead {
    machine: SystemClock,
    by_ms: AtomicU64,
}

impl Clock for ClockAhead {
    fn now(&self) -> Moment {
        let (now, by_ms) = (self.machine.now(), self.by_ms.load(Ordering::SeqCst));
        Moment { wall_ms: now.wall_ms + by_ms, uptime_ms: now.uptime_ms + by_ms }
    }
}

/// A gateway that serves a port until it is stopped.
struct Running {
    address: SocketAddr,
    store: Arc<SqliteStore>,
    gateway: Arc<Gateway>,
    task: JoinHandle<()>,
}

impl World {
    async fn begin() -> Self {
        let devnet = Devnet::start(Config::default()).await.unwrap();
        let chain = Chain::connect(&devnet.url()).await.unwrap();
        let alice = Account::from_uri("//Alice").unwrap();
        let registry = Registry::deploy(&chain, &alice).await.unwrap();
        let access = Access::deploy(&registry, &alice).await.unwrap();
        let (issuer, _) = access.register_issuer(&alice, URL, &[]).await.unwrap();
        for name in ["meters:read", "meters:write"] {
            let scope =
                AccessOperation::DefineScope { name: name.into(), description: [0; 32], sensitivity: Sensitivity::Low };
            access.execute(&alice, issuer, scope).await.unwrap();
        }
        let clock = Arc::new(ClockAhead::default());
        let mut config = VerifierConfig::default();
        config.clock = clock.clone();
        let verifier = Verifier::start(&access, config).await.unwrap();
        Self { alice, registry, access, issuer, device: Account::generate(), verifier, clock, devnet }
    }

    fn id(&self) -> DeviceId {
        self.device.device_id().unwrap()
    }

    fn did(&self) -> Did {
        self.registry.did(self.id())
    }

    async fn register(&self) {
        let controller = Controller::Account(self.alice.account());
        let register = Operation::Register { controller, metadata: None, keys: vec![], services: vec![] };
        let signed = self.registry.prepare(self.id(), register).sign(&self.device).await.unwrap();
        self.registry.submit(&self.alice, signed).await.unwrap();
    }

    async fn grant(&self) {
        let until_ms = self.access.chain().time_ms(At::Best).await.unwrap() + DAY_MS;
        let grantee = Grantee::Device(self.id());
        let right = Right::Scope("meters:read".into());
        let grant = AccessOperation::Grant { grantee, right, until_ms };
        self.access.execute(&self.alice, self.issuer, grant).await.unwrap();
    }

    async fn change(&self, operation: Operation) {
        self.registry.execute(&self.alice, self.id(), operation).await.unwrap();
    }

    async fn serve(&self, folder: &Path) -> Running {
        let store = Arc::new(SqliteStore::open(&folder.join("gateway.db")).await.unwrap());
        let directory = Arc::new(ChainDirectory::new(self.access.clone(), self.verifier.clone()));
        let authority = Arc::new(ChainAuthority::new(self.access.clone(), Arc::new(self.alice.clone())));
        let parts = Parts { authority, ..Parts::new(directory, store.clone(), master_key()) };
        let gateway = Arc::new(Gateway::start(parts).await.unwrap());
        let by = By { actor: Actor::System, caller: &Caller::default() };
        gateway.put_server(by, &server(self.issuer)).await.unwrap();
        gateway.put_policy(by, "default", &policy()).await.unwrap();
        let router: Router = gateway.clone().router();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Running { address, store, gateway, task }
    }

    /// An assertion of the device, for the token endpoint.
    fn assertion(&self, id: &str) -> String {
        let now_ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        sign(&self.device, &claims(self.did(), &format!("{URL}/v1/token"), now_ms.as_secs(), id))
    }

    async fn verify(&self, token: &str) -> Result<(), Option<VerifyError>> {
        let head = self.access.chain().finalized().await.unwrap();
        self.verifier.wait_for(head.number).await.unwrap();
        let requirement =
            Requirement { issuer: self.issuer, audience: "api://default".into(), scopes: vec!["meters:read".into()] };
        let token = read_jwt(token).unwrap();
        let verified = self.verifier.verify(&token, &requirement, Some(&self.device.account())).await;
        verified.map(|_| ()).map_err(|error| error.refusal())
    }
}

fn master_key() -> MasterKey {
    MasterKey::new(Zeroizing::new([9; 32]))
}

/// Every device may read and write meters, where the chain grants it, for ten minutes.
fn policy() -> Policy {
    let rule = Rule {
        name: "meters".into(),
        priority: 1,
        is_active: true,
        grant_types: BTreeSet::from([GrantType::ClientCredentials]),
        scopes: BTreeSet::from(["meters:read".into(), "meters:write".into()]),
        lifetime_s: 600,
        audience: BTreeSet::from(["api://default".into()]),
        ..Rule::default()
    };
    Policy { name: "devices".into(), priority: 1, is_active: true, clients: Clients::Every, rules: vec![rule] }
}

fn server(issuer: IssuerId) -> ServerDocument {
    ServerDocument {
        name: "default".into(),
        issuer,
        url: URL.into(),
        default_scopes: vec![],
        requires_dpop: false,
        algorithm: Algorithm::EdDsa,
    }
}

impl Running {
    async fn ask(&self, assertion: &str) -> (u16, Value) {
        http::post(self.address, TOKEN, &encode(&form(assertion, "meters:read meters:write"))).await
    }

    async fn refuse(&self, assertion: &str, status: u16, error: &str, why: &str) {
        let (found, body) = self.ask(assertion).await;
        assert_eq!((found, body["error"].as_str()), (status, Some(error)), "{body}");
        assert!(body["error_description"].as_str().unwrap().contains(why), "{body}");
    }

    async fn introspect(&self, assertion: &str, token: &str) -> Value {
        let mut form = form(assertion, "");
        form.push(("token", token.to_owned()));
        let (status, body) = http::post(self.address, INTROSPECT, &encode(&form)).await;
        assert_eq!(status, 200, "{body}");
        body["active"].clone()
    }

    async fn stop(self) {
        self.task.abort();
        self.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gets_tokens_as_long_as_it_is_in_use() {
    let world = World::begin().await;
    let folder = tempfile::tempdir().unwrap();
    let gateway = world.serve(folder.path()).await;

    gateway.refuse(&world.assertion("1"), 401, "invalid_client", "not registered").await;
    world.register().await;
    gateway.refuse(&world.assertion("2"), 400, "access_denied", "granted").await;
    world.grant().await;

    let used = world.assertion("3");
    let (status, body) = gateway.ask(&used).await;
    assert_eq!((status, body["scope"].as_str()), (200, Some("meters:read")), "{body}");
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(world.verify(token).await, Ok(()));

    gateway.refuse(&used, 401, "invalid_client", "used before").await;
    gateway.stop().await;
    let gateway = world.serve(folder.path()).await;
    gateway.refuse(&used, 401, "invalid_client", "used before").await;

    world.change(Operation::Suspend).await;
    gateway.refuse(&world.assertion("4"), 401, "invalid_client", "suspended").await;
    assert_eq!(world.verify(token).await, Err(Some(VerifyError::DeviceSuspended)));
    world.change(Operation::Resume).await;
    let (status, body) = gateway.ask(&world.assertion("5")).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(world.verify(body["access_token"].as_str().unwrap()).await, Ok(()));
    assert_eq!(world.verify(token).await, Err(Some(VerifyError::StaleEpoch)), "tokens from before stay dead");
    assert_eq!(gateway.introspect(&world.assertion("i1"), token).await, false);
    assert_eq!(gateway.introspect(&world.assertion("i2"), body["access_token"].as_str().unwrap()).await, true);

    world.change(Operation::Revoke).await;
    gateway.refuse(&world.assertion("6"), 401, "invalid_client", "revoked").await;
    let (settings, first_keys) = (2 * 2, 5);
    let setting_up = settings + first_keys;
    assert_eq!(gateway.store.check_log().await.unwrap(), setting_up + 10, "each request is written down");
    gateway.stop().await;
    drop(world.verifier);
    world.devnet.stop().await.unwrap();
}

/// The chain, and whoever verifies by it, hears of keys before they sign, and of those that are compromised.
#[tokio::test(flavor = "multi_thread")]
async fn keys_on_the_chain_follow_those_of_the_gateway() {
    let world = World::begin().await;
    world.register().await;
    world.grant().await;
    let folder = tempfile::tempdir().unwrap();
    let running = world.serve(folder.path()).await;
    let revoked = async || {
        let keys = world.access.issuer(world.issuer).await.unwrap().unwrap().keys;
        keys.iter().map(|key| key.revoked_ms.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(revoked().await, [false, false]);
    let (_, first) = running.ask(&world.assertion("1")).await;
    let first = first["access_token"].as_str().unwrap();
    assert_eq!(world.verify(first).await, Ok(()));

    let by = By { actor: Actor::System, caller: &Caller::default() };
    running.gateway.rotate(by, "default", true).await.unwrap();
    assert_eq!(revoked().await, [true, false, false]);
    assert_eq!(world.verify(first).await, Err(Some(VerifyError::IssuerKeyNotValid)));
    let (status, second) = running.ask(&world.assertion("2")).await;
    assert_eq!(status, 200, "{second}");
    assert_eq!(world.verify(second["access_token"].as_str().unwrap()).await, Ok(()));
    running.stop().await;
    drop(world.verifier);
    world.devnet.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_chain_it_gives_out_nothing() {
    let world = World::begin().await;
    world.register().await;
    world.grant().await;
    let folder = tempfile::tempdir().unwrap();
    let gateway = world.serve(folder.path()).await;
    assert_eq!(http::get(gateway.address, "/ready").await, 200);
    assert_eq!(gateway.ask(&world.assertion("1")).await.0, 200);

    let assertion = world.assertion("2");
    world.devnet.stop().await.unwrap();
    world.clock.by_ms.store(61_000, Ordering::SeqCst);
    gateway.refuse(&assertion, 503, "temporarily_unavailable", "chain").await;
    assert_eq!(http::get(gateway.address, "/ready").await, 503);
    assert_eq!(http::get(gateway.address, "/health").await, 200);
    gateway.stop().await;
}
