//! A gateway on a made-up chain, with a clock that moves only when told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use futures::future::BoxFuture;
use marque_gateway::{
    Clients, Directory, Gateway, GrantType, MasterKey, Parts, Policy, Rights, Rule, SqliteStore, Store, Unavailable,
    keys::{AuthorityError, KeyAuthority},
    limit::Limits,
    log::{Actor, Caller},
    operate::{By, NewApp, NewDevice},
    policy::Zone,
    settings::{App, Authentication, ServerDocument},
    store::LogRange,
};
use marque_sdk::{
    Account, BlockRef, Seed, Signer,
    did::Did,
    primitives::{
        Controller, Device, DeviceId, Key, PublicKey, RegistryId, Relationships, Signature, Status, TimestampMs,
        access::{
            Entitlement, Entitlements, Issuer, IssuerId, IssuerKey, IssuerKeyId, IssuerStatus, NewIssuerKey,
            Sensitivity,
        },
        bounds,
        token::{Requirement, SignedToken},
        verify_ed25519,
    },
    token::Algorithm,
    verifier::{Clock, Moment},
};
use serde_json::Value;
use tower::ServiceExt;
use zeroize::Zeroizing;

use crate::assertion::{claims, encode, form, sign};

pub const ISSUER: IssuerId = 3;
pub const URL: &str = "https://as.example/oauth2/default";
/// Another authorization server on the chain.
pub const NEIGHBOUR: IssuerId = 4;
pub const NEIGHBOUR_URL: &str = "https://as.example/oauth2/second";
pub const TOKEN: &str = "/oauth2/default/v1/token";
/// Friday, the 15th of January 2027, 8:00 UTC.
pub const NOW_S: u64 = 1_800_000_000;
const REGISTRY: RegistryId = RegistryId(*b"foobarfoob");

#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        let now_ms = self.0.load(Ordering::SeqCst);
        Moment { wall_ms: now_ms, uptime_ms: now_ms }
    }
}

/// A chain that says what it is told to.
pub struct FakeChain {
    pub device: Mutex<Option<Device>>,
    /// The devices beside it.
    pub others: Mutex<BTreeMap<DeviceId, Device>>,
    pub issuer: Mutex<Issuer>,
    neighbour: Mutex<Issuer>,
    /// For what tokens of the one authorization server are trusted by the other.
    pub trusted: Mutex<BTreeSet<String>>,
    pub roles: Mutex<BTreeSet<String>>,
    /// What each device is granted.
    pub grants: Mutex<Vec<Entitlement>>,
    pub is_fresh: AtomicBool,
    /// Whether it takes changes of keys.
    pub is_writable: AtomicBool,
    clock: Arc<ManualClock>,
}

impl FakeChain {
    /// Grants scopes for a year.
    pub fn grant(&self, scopes: &[&str]) {
        self.grants.lock().unwrap().extend(scopes.iter().map(|scope| entitlement(scope)));
    }

    /// Lets all grants end so long after the beginning.
    pub fn grants_end_after(&self, seconds: u64) {
        let until_ms = (NOW_S + seconds) * 1000;
        self.grants.lock().unwrap().iter_mut().for_each(|grant| grant.until_ms = until_ms);
    }
}

fn entitlement(scope: &str) -> Entitlement {
    Entitlement { scope: scope.into(), sensitivity: Sensitivity::Low, until_ms: (NOW_S + 366 * 86_400) * 1000 }
}

impl Directory for FakeChain {
    fn registry(&self) -> RegistryId {
        REGISTRY
    }

    fn ensure_fresh(&self) -> Result<(), Unavailable> {
        let is_fresh = self.is_fresh.load(Ordering::SeqCst);
        if is_fresh { Ok(()) } else { Err(Unavailable { reason: "the view is too old".into() }) }
    }

    fn block(&self) -> BoxFuture<'_, Result<BlockRef, Unavailable>> {
        Box::pin(async { self.ensure_fresh().map(|()| BlockRef { number: 1, hash: [1; 32] }) })
    }

    fn issuer(&self, issuer: IssuerId, _: BlockRef) -> BoxFuture<'_, Result<Option<Issuer>, Unavailable>> {
        let record = [ISSUER, NEIGHBOUR].contains(&issuer).then(|| self.record(issuer).lock().unwrap().clone());
        Box::pin(async { Ok(record) })
    }

    fn device(&self, device: DeviceId, _: BlockRef) -> BoxFuture<'_, Result<Option<Device>, Unavailable>> {
        let record = self.find(device);
        Box::pin(async { Ok(record) })
    }

    fn rights<'a>(
        &'a self,
        issuer: IssuerId,
        device: DeviceId,
        scopes: &'a [String],
        _: BlockRef,
    ) -> BoxFuture<'a, Result<Rights, Unavailable>> {
        let device = self.find(device);
        let entitlements = Entitlements {
            is_active: device.as_ref().is_some_and(|device| device.status == Status::Active),
            epoch: device.map(|device| device.epoch),
            tokens_before_ms: 0,
            scopes: self.grants.lock().unwrap().clone(),
        };
        let undefined = scopes.iter().filter(|scope| !scope.starts_with("meters:")).cloned().collect();
        let issuer = Some(self.record(issuer).lock().unwrap().clone());
        Box::pin(async { Ok(Rights { issuer, entitlements: Some(entitlements), undefined }) })
    }

    fn roles(
        &self,
        _: IssuerId,
        _: DeviceId,
        _: BlockRef,
        _: TimestampMs,
    ) -> BoxFuture<'_, Result<BTreeSet<String>, Unavailable>> {
        let roles = self.roles.lock().unwrap().clone();
        Box::pin(async { Ok(roles) })
    }

    fn is_good<'a>(
        &'a self,
        token: &'a SignedToken,
        requirement: &'a Requirement,
    ) -> BoxFuture<'a, Result<bool, Unavailable>> {
        let Signature::Ed25519(signature) = token.signature else { panic!("an Ed25519 key signs") };
        let issuer = self.record(token.signed_by.issuer).lock().unwrap().clone();
        let key = issuer.key(token.signed_by.key).filter(|key| key.is_good_for(token.claims.issued_ms()));
        let is_signed = key.is_some_and(|key| {
            let PublicKey::Ed25519(public) = key.public_key else { panic!("an Ed25519 key signs") };
            verify_ed25519(&public, &token.signed_bytes, &signature)
        });
        let device = self.find(token.claims.subject.device).unwrap();
        let is_over = token.claims.expires_ms() + bounds::CLOCK_SKEW_MAX_MS <= self.clock.now().wall_ms;
        let trusted = self.trusted.lock().unwrap();
        let is_trusted =
            token.signed_by.issuer == requirement.issuer || requirement.scopes.iter().all(|it| trusted.contains(it));
        let is_good = is_signed
            && is_trusted
            && requirement.scopes.iter().all(|scope| token.claims.scopes.contains(scope))
            && token.claims.audience.contains(&requirement.audience)
            && !is_over
            && device.status == Status::Active
            && device.epoch == token.claims.epoch;
        Box::pin(async move { self.ensure_fresh().map(|()| is_good) })
    }
}

impl KeyAuthority for FakeChain {
    fn publish(&self, issuer: IssuerId, new: NewIssuerKey) -> BoxFuture<'_, Result<IssuerKeyId, AuthorityError>> {
        Box::pin(async move {
            self.ensure_writable()?;
            let mut issuer = self.record(issuer).lock().unwrap();
            if let Some(known) = issuer.keys.iter().find(|key| key.public_key == new.public_key) {
                return Ok(known.id);
            }
            let NewIssuerKey { public_key, not_before_ms, not_after_ms } = new;
            let key = IssuerKey { id: issuer.next_key_id, public_key, not_before_ms, not_after_ms, revoked_ms: None };
            issuer.next_key_id += 1;
            issuer.keys.push(key);
            Ok(key.id)
        })
    }

    fn revoke(&self, issuer: IssuerId, key: IssuerKeyId) -> BoxFuture<'_, Result<(), AuthorityError>> {
        Box::pin(async move {
            self.ensure_writable()?;
            self.revoke_key_of(issuer, key);
            Ok(())
        })
    }
}

impl FakeChain {
    fn ensure_writable(&self) -> Result<(), AuthorityError> {
        let is_writable = self.is_writable.load(Ordering::SeqCst);
        if is_writable { Ok(()) } else { Err(AuthorityError::Unavailable { reason: "the account can't pay".into() }) }
    }

    fn record(&self, issuer: IssuerId) -> &Mutex<Issuer> {
        if issuer == NEIGHBOUR { &self.neighbour } else { &self.issuer }
    }

    fn find(&self, device: DeviceId) -> Option<Device> {
        let first = self.device.lock().unwrap().clone().filter(|_| device == device_id());
        first.or_else(|| self.others.lock().unwrap().get(&device).cloned())
    }

    /// A device beside the first.
    pub fn register(&self, did: Did, epoch: u32) {
        self.others.lock().unwrap().insert(did.device, Device { epoch, ..device() });
    }

    /// As its owner does it.
    pub fn revoke_key(&self, id: IssuerKeyId) {
        self.revoke_key_of(ISSUER, id);
    }

    fn revoke_key_of(&self, issuer: IssuerId, id: IssuerKeyId) {
        let mut issuer = self.record(issuer).lock().unwrap();
        let key = issuer.keys.iter_mut().find(|key| key.id == id).unwrap();
        key.revoked_ms.get_or_insert(NOW_S * 1000);
    }

    /// Which of its keys are not revoked.
    pub fn good_keys(&self) -> Vec<IssuerKeyId> {
        let issuer = self.issuer.lock().unwrap();
        issuer.keys.iter().filter(|key| key.revoked_ms.is_none()).map(|key| key.id).collect()
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub struct Scene<S = SqliteStore> {
    pub chain: Arc<FakeChain>,
    pub store: Arc<S>,
    pub gateway: Arc<Gateway>,
    pub router: Router,
    clock: Arc<ManualClock>,
    ids: Arc<AtomicU64>,
    _folder: Option<tempfile::TempDir>,
}

impl Scene {
    pub async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap());
        let scene = Self::limited(folder, store.clone(), store, limits).await;
        scene.set_up(&server()).await;
        scene
    }

    /// With keys of an algorithm.
    pub async fn signing_by(algorithm: Algorithm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("gateway.db")).await.unwrap());
        let scene = Self::without_server(folder, store.clone(), store).await;
        scene.set_up(&ServerDocument { algorithm, ..server() }).await;
        scene
    }
}

impl<S: Store + 'static> Scene<S> {
    /// With another store for the gateway than the one that tests look into.
    pub async fn with_store(folder: impl Into<Option<tempfile::TempDir>>, store: Arc<S>, used: Arc<dyn Store>) -> Self {
        let scene = Self::without_server(folder, store, used).await;
        scene.set_up(&server()).await;
        scene
    }

    async fn set_up(&self, server: &ServerDocument) {
        let caller = Caller::default();
        self.gateway.put_server(by(&caller), server).await.unwrap();
        self.gateway.put_policy(by(&caller), "default", &policy()).await.unwrap();
    }

    /// A gateway that has no authorization server yet.
    pub async fn without_server(
        folder: impl Into<Option<tempfile::TempDir>>,
        store: Arc<S>,
        used: Arc<dyn Store>,
    ) -> Self {
        Self::limited(folder, store, used, Limits::default()).await
    }

    async fn limited(
        folder: impl Into<Option<tempfile::TempDir>>,
        store: Arc<S>,
        used: Arc<dyn Store>,
        limits: Limits,
    ) -> Self {
        let clock = Arc::new(ManualClock(AtomicU64::new(NOW_S * 1000)));
        let chain = Arc::new(FakeChain {
            device: Mutex::new(Some(device())),
            others: Mutex::default(),
            issuer: Mutex::new(issuer(URL)),
            neighbour: Mutex::new(issuer(NEIGHBOUR_URL)),
            trusted: Mutex::default(),
            roles: Mutex::default(),
            grants: Mutex::new(vec![entitlement("meters:read")]),
            is_fresh: AtomicBool::new(true),
            is_writable: AtomicBool::new(true),
            clock: clock.clone(),
        });
        let parts = Parts::new(chain.clone(), used, master_key());
        let parts = Parts { clock: clock.clone(), authority: chain.clone(), limits, ..parts };
        let gateway = Arc::new(Gateway::start(parts).await.unwrap());
        let router = gateway.clone().router();
        Self { chain, store, gateway, router, clock, ids: Arc::default(), _folder: folder.into() }
    }

    /// Another gateway with the same chain, clock and devices.
    pub async fn beside(&self, store: Arc<S>, parts: Parts) -> Self {
        let gateway = Arc::new(Gateway::start(parts).await.unwrap());
        let (router, ids) = (gateway.clone().router(), self.ids.clone());
        Self { chain: self.chain.clone(), store, gateway, router, clock: self.clock.clone(), ids, _folder: None }
    }

    /// What another gateway on the same store and chain is made of.
    pub fn gateway_parts(&self) -> Parts {
        let parts = Parts::new(self.chain.clone(), self.store.clone(), master_key());
        Parts { clock: self.clock.clone(), authority: self.chain.clone(), ..parts }
    }

    pub fn now_ms(&self) -> TimestampMs {
        self.clock.now().wall_ms
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub fn now_s(&self) -> u64 {
        self.clock.now().wall_ms / 1000
    }

    /// An id that no assertion and no proof had before.
    pub fn new_id(&self) -> String {
        self.ids.fetch_add(1, Ordering::SeqCst).to_string()
    }

    /// A good assertion that was not used.
    pub fn assertion(&self) -> String {
        self.assertion_for(URL)
    }

    /// One for the authorization server of this URL.
    pub fn assertion_for(&self, url: &str) -> String {
        sign(&device_key(), &claims(did(), url, self.now_s(), &self.new_id()))
    }

    /// Lets these rules be all that the authorization server has, for every client.
    pub async fn set_rules(&self, rules: Vec<Rule>) {
        self.put_policy(&Policy { rules, ..policy() }).await;
    }

    pub async fn put_policy(&self, policy: &Policy) {
        self.gateway.put_policy(by(&Caller::default()), "default", policy).await.unwrap();
    }

    pub async fn put_app(&self, new: &NewApp) -> App {
        self.gateway.create_app(by(&Caller::default()), new).await.unwrap()
    }

    pub async fn put_device(&self, new: &NewDevice) {
        self.gateway.put_device(by(&Caller::default()), &did().to_string(), new).await.unwrap();
    }

    pub async fn put_zone(&self, name: &str, network: &str) {
        let zone = Zone { name: name.into(), is_active: true, gateways: vec![network.parse().unwrap()] };
        self.gateway.put_zone(by(&Caller::default()), &zone).await.unwrap();
    }

    pub fn form(&self, scope: &str) -> Vec<(&'static str, String)> {
        form(&self.assertion(), scope)
    }

    pub async fn ask(&self, scope: &str) -> Answer {
        self.post(TOKEN, &encode(&self.form(scope))).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body.to_owned().into()).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    /// An application that acts for the device.
    pub async fn app(&self) -> App {
        self.put_app(&new_app()).await
    }

    /// A new secret of an application, and its id.
    pub async fn secret(&self, app: &str) -> (String, String) {
        let new = self.gateway.create_secret(by(&Caller::default()), app).await.unwrap();
        (new.id, new.secret.to_string())
    }

    /// All that is kept: settings and log.
    pub async fn store_text(&self) -> String {
        let (_, documents) = self.store.documents().await.unwrap();
        let entries = self.store.entries(LogRange::past(0, 1000)).await.unwrap();
        documents.iter().map(|it| it.body.as_str()).chain(entries.iter().map(|it| it.body.as_str())).collect()
    }

    /// The events of the log, but for those of setting up, having checked that its entries follow each other.
    pub async fn events(&self) -> Vec<Value> {
        self.store.check_log().await.unwrap();
        let entries = self.store.entries(LogRange::past(0, 1000)).await.unwrap();
        let events = entries.iter().map(|entry| serde_json::from_str::<Value>(&entry.body).unwrap());
        events.filter(|event| event["actor"]["type"] != "SystemPrincipal").collect()
    }
}

/// The one who sets up what the tests need.
pub fn by(caller: &Caller) -> By<'_> {
    By { actor: Actor::System, caller }
}

pub fn new_app() -> NewApp {
    NewApp {
        label: "Meter service".into(),
        device: did().to_string(),
        authentication: Authentication::ClientSecret,
        grant_types: BTreeSet::from([GrantType::ClientCredentials]),
        fleet: None,
        labels: BTreeSet::new(),
        zones: BTreeSet::new(),
        jwks: None,
        certificate: None,
        requires_dpop: false,
        scopes: None,
    }
}

pub fn master_key() -> MasterKey {
    MasterKey::new(Zeroizing::new([9; 32]))
}

pub fn device_key() -> Account {
    Account::ed25519(&Seed::from_bytes(&[1; 32].into()))
}

pub fn did() -> Did {
    Did::new(REGISTRY, device_id())
}

pub fn other_did() -> Did {
    Did::new(REGISTRY, DeviceId([2; 32]))
}

pub fn device_id() -> DeviceId {
    DeviceId(device_key().account().0)
}

fn device() -> Device {
    let key = Key {
        id: 0,
        public_key: device_key().public_key(),
        relationships: Relationships::INITIAL,
        added_ms: 0,
        revoked_ms: None,
    };
    Device {
        status: Status::Active,
        epoch: 2,
        version: 1,
        changed_block: 1,
        created_ms: 0,
        updated_ms: 0,
        controller: Controller::Device,
        offer: None,
        metadata: None,
        lanes: vec![],
        next_key_id: 1,
        keys: vec![key],
        services: vec![],
        delegates: vec![],
    }
}

fn issuer(url: &str) -> Issuer {
    Issuer {
        owner: marque_sdk::primitives::AccountId([1; 32]),
        url: url.into(),
        status: IssuerStatus::Active,
        offer: None,
        next_key_id: 0,
        keys: vec![],
        delegates: vec![],
        created_ms: 0,
    }
}

pub fn server() -> ServerDocument {
    ServerDocument {
        name: "default".into(),
        issuer: ISSUER,
        url: URL.into(),
        default_scopes: vec![],
        requires_dpop: false,
        algorithm: Algorithm::EdDsa,
    }
}

/// Every device may read meters, and write them where the chain grants it, for ten minutes.
pub fn policy() -> Policy {
    let rules = vec![rule("meters", 1)];
    Policy { name: "devices".into(), priority: 1, is_active: true, clients: Clients::Every, rules }
}

pub fn rule(name: &str, priority: u32) -> Rule {
    Rule {
        name: name.into(),
        priority,
        is_active: true,
        grant_types: BTreeSet::from([GrantType::ClientCredentials]),
        scopes: set(&["meters:read", "meters:write"]),
        lifetime_s: 600,
        audience: set(&["api://default"]),
        ..Rule::default()
    }
}

pub fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
