//! The view against a chain that is modelled whole.

pub(in crate::verifier) mod chain;
mod limits;
mod properties;
mod revocations;

use marque_primitives::{
    AccountId, DeviceId, PublicKey, RegistryId, TimestampMs,
    access::IssuerKey,
    bounds,
    token::{Requirement, SignedToken},
};

use super::{Check, Limits, Moment, Unverified, View};
use chain::{Act, Chain, Sample};

const REGISTRY: RegistryId = RegistryId([7; 10]);
/// The time of block 0.
pub(in crate::verifier) const START_MS: TimestampMs = 1_800_000_000_000;
const SKEW_MS: TimestampMs = bounds::CLOCK_SKEW_MAX_MS;

pub(in crate::verifier) const LIMITS: Limits =
    Limits { age_max_ms: u64::MAX, block_age_max_ms: None, skew_max_ms: SKEW_MS, devices_max: 100, tokens_max: 100 };

/// A machine whose two clocks agree.
pub(in crate::verifier) const fn at(wall_ms: TimestampMs) -> Moment {
    Moment { wall_ms, uptime_ms: wall_ms }
}

/// The secret key of an authorization server, of this number.
fn secret(issuer: u32, key: u32) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[(1 + issuer * 10 + key) as u8; 32])
}

fn issuer_key(issuer: u32, key: u32) -> IssuerKey {
    IssuerKey {
        id: key,
        public_key: PublicKey::Ed25519(secret(issuer, key).verifying_key().to_bytes()),
        not_before_ms: 0,
        not_after_ms: u64::MAX,
        revoked_ms: None,
    }
}

fn url(issuer: u32) -> String {
    format!("https://issuer-{issuer}.example")
}

pub(in crate::verifier) fn device_id(device: u8) -> DeviceId {
    DeviceId([device; 32])
}

/// The account of a device's key; that of key 0 is the initial one's.
fn account(device: u8, key: u32) -> AccountId {
    AccountId(if key == 0 { [device; 32] } else { [device + 100 + key as u8; 32] })
}

pub(in crate::verifier) fn requirement() -> Requirement {
    Requirement { issuer: 0, audience: "api://meters".into(), scopes: vec!["meters:read".into()] }
}

pub(in crate::verifier) const SAMPLE: Sample =
    Sample { device: 1, issuer: 0, key: 0, epoch: 0, issued_s: 0, lives_s: 86_400, is_signed: true };

/// A chain with an authorization server and a device in block 1, and a view from its beginning.
pub(in crate::verifier) fn begin(limits: Limits) -> (Chain, View) {
    let mut chain = Chain::new(vec![SAMPLE.token(0)]);
    let origin = chain.origin(0);
    chain.make_block(6, &[Act::RegisterIssuer, Act::Register(1)]);
    let mut view = View::begin(origin, at(START_MS), limits);
    view.apply(&chain.head().changes).unwrap();
    (chain, view)
}

fn verify(view: &View, sample: &Sample, now: Moment) -> Result<(), Unverified> {
    verify_token(view, &sample.token(0), now)
}

fn verify_token(view: &View, token: &SignedToken, now: Moment) -> Result<(), Unverified> {
    let requirement = requirement();
    view.verify(Check { token, requirement: &requirement, presenter: None }, &now).map(|_| ())
}
