//! What a guarded contract pays for its guard: the charging station's calls.

use marque_contract_tests::{
    Actor, Station, TokenKey,
    chain::Means,
    station::{EndReason, Error, Guard, Session, SessionId, Terms},
};

use super::{
    AccessCosts, Cost, HOUR_MS,
    access::{AUDIENCE, Bench, ISSUER},
};

const PRICE: u128 = 10;
const DEPOSIT: u128 = 100_000;

/// A call of the station.
pub struct GuardedCost {
    /// What it is.
    pub name: &'static str,
    /// The whole call.
    pub whole: Cost,
    /// Of it, what `access_control` takes when it is asked the same alone: picoseconds. `None` where nobody is asked.
    pub asked_ps: Option<u64>,
}

/// All that is measured.
pub struct StationCosts {
    /// Calls.
    pub calls: Vec<GuardedCost>,
    /// What calling `access_control` takes beside what that takes itself: picoseconds.
    pub call_ps: u64,
}

/// Measures the station, which asks what was measured alone.
pub fn measure(access: &AccessCosts) -> StationCosts {
    let (ed25519, ed25519_asked) = start(TokenKey::ed25519("issuer key"));
    let (sr25519, sr25519_asked) = start(TokenKey::sr25519("issuer key"));
    let (mut station, id) = charging();
    let check_ps = access.check.ref_time_ps;
    let recheck = Cost::from(&station.read::<Result<Option<EndReason>, Error>>("recheck", id));
    let session = Cost::from(&station.read::<Option<Session>>("session", id.connector));
    let meter = station.trial(|station| Cost::from(&station.meter(&Actor::new("meter"), id, 100).receipt));
    let stop = station.trial(|station| Cost::from(&station.stop(&Actor::new("device"), id).receipt));
    let (contract, caller) = (station.contract, Actor::new("meter").account());
    let floor = station.chain().call(contract, vec![0; 4], caller, Means::default()).expect("the contract answers");
    let call = |name, whole, asked_ps| GuardedCost { name, whole, asked_ps };
    StationCosts {
        // Reading the session is all that a recheck does beside asking, when nothing comes of it.
        call_ps: recheck.ref_time_ps.saturating_sub(session.ref_time_ps + check_ps),
        calls: vec![
            call("start, token of an Ed25519 key", ed25519, Some(ed25519_asked.ref_time_ps)),
            call("start, token of an Sr25519 key", sr25519, Some(sr25519_asked.ref_time_ps)),
            call("meter, the session goes on", meter, Some(check_ps)),
            call("recheck, the session goes on", recheck, Some(check_ps)),
            call("stop", stop, None),
            call("session", session, None),
            call("unknown message", Cost::from(&floor), None),
        ],
    }
}

/// A station, and a device with a typical token for it.
fn station(bench: Bench) -> Station {
    let access = bench.access;
    let guard = Guard { access_control: access.contract, issuer: ISSUER, audience: AUDIENCE.into() };
    let terms = Terms {
        operator: Actor::new("station operator").account(),
        meter: Actor::new("meter").account(),
        connectors: 2,
        price_per_wh: PRICE,
        power_max_w: 22_000,
        session_max_ms: 8 * HOUR_MS,
    };
    Station::deploy(access, &guard, &terms, &Actor::new("deployer")).expect("the terms are good")
}

/// A start, and verifying its token alone.
fn start(key: TokenKey) -> (Cost, Cost) {
    let mut bench = Bench::new(key);
    let claims = bench.claims();
    let (device, token, verify) = (bench.device.clone(), bench.token(&claims), bench.verify(&claims));
    let written = station(bench).start(&device, 1, PRICE, &token, DEPOSIT);
    assert!(written.receipt.result.is_ok());
    (Cost::from(&written.receipt), verify)
}

/// A session that has lasted for an hour.
fn charging() -> (Station, SessionId) {
    let bench = Bench::new(TokenKey::sr25519("issuer key"));
    let claims =
        marque_primitives::token::Claims { expires_s: bench.claims().issued_s + 2 * 60 * 60, ..bench.claims() };
    let (device, token) = (bench.device.clone(), bench.token(&claims));
    let mut station = station(bench);
    let id = station.start(&device, 1, PRICE, &token, DEPOSIT).accepted();
    let later_ms = station.access.now_ms() + HOUR_MS;
    station.chain().set_time(later_ms);
    (station, id)
}
