//! A charging station, and two vehicles whose tokens allow charging there.

use marque_contract_tests::{
    Access, Actor, Station, TokenKey, samples,
    station::{Balance, Event, Guard, SessionEnded, SessionId, Terms},
};
use marque_primitives::{
    Controller, DeviceId, Operation,
    access::{AccessOperation, IssuerId, NewIssuerKey},
    token::{Claims, IssuerKeyRef},
};

pub const SECOND_MS: u64 = 1000;
pub const MINUTE_MS: u64 = 60 * SECOND_MS;
pub const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

pub const URL: &str = "https://as.example/default";
pub const ISSUER: IssuerId = 0;
pub const AUDIENCE: &str = "station-1";
pub const SCOPE: &str = "charge:start";

/// What a Wh costs.
pub const PRICE: Balance = 10;
/// What the vehicles pay in: for 10,000 Wh.
pub const DEPOSIT: Balance = 100_000;
/// 22 kW.
pub const POWER_MAX_W: u32 = 22_000;
/// Longer than a typical token's life.
pub const SESSION_MAX_MS: u64 = 8 * HOUR_MS;

pub struct Scene {
    pub station: Station,
    pub operator: Actor,
    pub meter: Actor,
    /// Two vehicles, by their devices' initial keys.
    pub vehicle: Actor,
    pub other: Actor,
    /// Controls the vehicles' devices.
    pub controller: Actor,
    /// Owns the authorization server.
    pub owner: Actor,
    /// The authorization server's key: Sr25519, which costs the tests' machine less.
    pub key: TokenKey,
    pub stranger: Actor,
}

/// The terms of the tests' stations.
pub fn terms() -> Terms {
    Terms {
        operator: Actor::new("station operator").account(),
        meter: Actor::new("meter").account(),
        connectors: 2,
        price_per_wh: PRICE,
        power_max_w: POWER_MAX_W,
        session_max_ms: SESSION_MAX_MS,
    }
}

/// The contracts that a station asks, with an authorization server.
pub fn access() -> Access {
    let (mut access, key) = (Access::default(), TokenKey::sr25519("issuer key"));
    let not_before_ms = access.now_ms();
    let not_after_ms = not_before_ms + 30 * DAY_MS;
    let key = NewIssuerKey { public_key: key.public_key(), not_before_ms, not_after_ms };
    access.register_issuer(&Actor::new("owner"), URL, vec![key]).accepted();
    access
}

/// What the tests' stations demand.
pub fn guard(access: &Access) -> Guard {
    Guard { access_control: access.contract, issuer: ISSUER, audience: AUDIENCE.into() }
}

impl Scene {
    pub fn new() -> Self {
        let access = access();
        let guard = guard(&access);
        let station = Station::deploy(access, &guard, &terms(), &Actor::new("deployer")).unwrap();
        let mut scene = Self {
            station,
            operator: Actor::new("station operator"),
            meter: Actor::new("meter"),
            vehicle: Actor::new("vehicle"),
            other: Actor::new("other vehicle"),
            controller: Actor::new("controller"),
            owner: Actor::new("owner"),
            key: TokenKey::sr25519("issuer key"),
            stranger: Actor::new("stranger"),
        };
        for vehicle in [scene.vehicle.clone(), scene.other.clone()] {
            let registration = samples::registration(Controller::Account(scene.controller.account()));
            scene.station.access.registry.execute(&vehicle, vehicle.device(), registration).accepted();
        }
        scene
    }

    /// A scene with a session of the vehicle.
    pub fn charging() -> (Self, SessionId) {
        let mut scene = Self::new();
        let vehicle = scene.vehicle.clone();
        let id = scene.start(&vehicle, 1);
        (scene, id)
    }

    /// What a token of a vehicle says that is issued now, for a day.
    pub fn claims(&self, vehicle: &Actor) -> Claims {
        let now_ms = self.station.access.now_ms();
        let did = self.station.access.did(vehicle.device());
        let claims = samples::claims(URL, did, AUDIENCE, SCOPE, now_ms);
        Claims { expires_s: claims.issued_s + DAY_MS / 1000, token_id: vehicle.name.replace(' ', "-"), ..claims }
    }

    /// The token with these claims.
    pub fn issue(&self, claims: &Claims) -> Vec<u8> {
        self.key.issue(claims, IssuerKeyRef { issuer: ISSUER, key: 0 })
    }

    /// A good token of a vehicle.
    pub fn token(&self, vehicle: &Actor) -> Vec<u8> {
        self.issue(&self.claims(vehicle))
    }

    /// Starts a session with a good token.
    pub fn start(&mut self, vehicle: &Actor, connector: u8) -> SessionId {
        let token = self.token(vehicle);
        self.station.start(vehicle, connector, PRICE, &token, DEPOSIT).accepted()
    }

    /// The operation on the authorization server, by its owner.
    pub fn on_issuer(&mut self, operation: AccessOperation) {
        let owner = self.owner.clone();
        self.station.access.execute(&owner, ISSUER, operation).accepted();
    }

    /// The operation on a device, by its controller.
    pub fn on_device(&mut self, device: DeviceId, operation: Operation) {
        let controller = self.controller.clone();
        self.station.access.registry.execute(&controller, device, operation).accepted();
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        let now_ms = self.station.access.now_ms() + ms;
        self.station.chain().set_time(now_ms);
    }

    /// What an actor can spend.
    pub fn balance(&mut self, actor: &Actor) -> Balance {
        self.station.chain().fund(actor.account());
        self.station.chain().free_balance(actor.account())
    }
}

/// The end of the one session that an event is about.
pub fn ended(event: &Event) -> &SessionEnded {
    match event {
        Event::Ended(ended) => ended,
        event => panic!("no end of a session: {event:?}"),
    }
}
