//! Tests of the policy: one file per family of operations, and shared fixtures here.

mod actors;
mod entries;
mod histories;
mod record;
mod tokens;

use std::collections::BTreeMap;

use marque_primitives::{
    access::{
        AccessChange, AccessError, AccessOperation, Entitlements, Grant, Grantee, Issuer, IssuerId, IssuerRole,
        NewIssuerKey, Right, Scope, Sensitivity, Trust,
    },
    AccountId, DeviceId, Hash, KeyStatus, PublicKey, Status, TimestampMs,
};

use super::{apply, decide, entitlements, reclaim, register, Context};
use crate::state::{Revocation, State, StateMut};

/// The time at which every world starts.
const START_MS: TimestampMs = 1_700_000_000_000;
const HOUR_MS: TimestampMs = 60 * 60 * 1000;
const DAY_MS: TimestampMs = 24 * HOUR_MS;

const OWNER: AccountId = AccountId([0xc0; 32]);
const BUYER: AccountId = AccountId([0xc1; 32]);
const OPERATOR: AccountId = AccountId([0xd0; 32]);
const KEY_MANAGER: AccountId = AccountId([0xd1; 32]);
const STRANGER: AccountId = AccountId([0xee; 32]);

const DEVICE: DeviceId = DeviceId([7; 32]);
const METER: Grantee = Grantee::Device(DEVICE);

/// The authorization server that the tests are about, and another one.
const ID: IssuerId = 0;
const OTHER: IssuerId = 1;

fn key_of(fill: u8) -> NewIssuerKey {
    window(fill, START_MS, START_MS + 30 * DAY_MS)
}

fn window(fill: u8, not_before_ms: TimestampMs, not_after_ms: TimestampMs) -> NewIssuerKey {
    NewIssuerKey { public_key: PublicKey::Ed25519([fill; 32]), not_before_ms, not_after_ms }
}

fn define(name: &str) -> AccessOperation {
    AccessOperation::DefineScope { name: name.into(), description: [1; 32], sensitivity: Sensitivity::Medium }
}

fn set_role(name: &str, scopes: &[&str]) -> AccessOperation {
    AccessOperation::SetRole { name: name.into(), scopes: texts(scopes) }
}

fn grant(right: Right, until_ms: TimestampMs) -> AccessOperation {
    AccessOperation::Grant { grantee: METER, right, until_ms }
}

fn trust(issuer: IssuerId, scopes: &[&str], until_ms: TimestampMs) -> AccessOperation {
    AccessOperation::SetTrust { issuer, scopes: texts(scopes), until_ms }
}

fn scope(name: &str) -> Right {
    Right::Scope(name.into())
}

fn role(name: &str) -> Right {
    Right::Role(name.into())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What the contract keeps, in maps.
#[derive(Clone, Default, PartialEq, Debug)]
struct Maps {
    scopes: BTreeMap<(IssuerId, String), Scope>,
    roles: BTreeMap<(IssuerId, String), Vec<String>>,
    grants: BTreeMap<(IssuerId, Grantee), Vec<Grant>>,
    trusts: BTreeMap<(IssuerId, IssuerId), Trust>,
    revocations: BTreeMap<(IssuerId, Hash), Revocation>,
    tokens_before: BTreeMap<(IssuerId, DeviceId), TimestampMs>,
}

impl State for Maps {
    fn scope(&self, issuer: IssuerId, name: &str) -> Option<Scope> {
        self.scopes.get(&(issuer, name.into())).copied()
    }

    fn role(&self, issuer: IssuerId, name: &str) -> Option<Vec<String>> {
        self.roles.get(&(issuer, name.into())).cloned()
    }

    fn grants(&self, issuer: IssuerId, grantee: &Grantee) -> Vec<Grant> {
        self.grants.get(&(issuer, *grantee)).cloned().unwrap_or_default()
    }

    fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust> {
        self.trusts.get(&(by, of)).cloned()
    }

    fn revocation(&self, issuer: IssuerId, token: &Hash) -> Option<Revocation> {
        self.revocations.get(&(issuer, *token)).copied()
    }

    fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs {
        self.tokens_before.get(&(issuer, *device)).copied().unwrap_or_default()
    }

    fn is_issuer(&self, issuer: IssuerId) -> bool {
        issuer <= OTHER
    }
}

impl StateMut for Maps {
    fn set_scope(&mut self, issuer: IssuerId, name: &str, scope: &Scope) {
        self.scopes.insert((issuer, name.into()), *scope);
    }

    fn set_role(&mut self, issuer: IssuerId, name: &str, scopes: Option<Vec<String>>) {
        put(&mut self.roles, (issuer, name.into()), scopes);
    }

    fn set_grants(&mut self, issuer: IssuerId, grantee: &Grantee, grants: Vec<Grant>) {
        put(&mut self.grants, (issuer, *grantee), (!grants.is_empty()).then_some(grants));
    }

    fn set_trust(&mut self, by: IssuerId, of: IssuerId, trust: Option<&Trust>) {
        put(&mut self.trusts, (by, of), trust.cloned());
    }

    fn set_revocation(&mut self, issuer: IssuerId, token: &Hash, revocation: Option<&Revocation>) {
        put(&mut self.revocations, (issuer, *token), revocation.copied());
    }

    fn set_tokens_before_ms(&mut self, issuer: IssuerId, device: &DeviceId, before_ms: TimestampMs) {
        self.tokens_before.insert((issuer, *device), before_ms);
    }
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => drop(map.insert(key, value)),
        None => drop(map.remove(&key)),
    }
}

/// An authorization server of OWNER with one key, and the chain's clock.
#[derive(Clone, PartialEq, Debug)]
struct World {
    issuer: Issuer,
    state: Maps,
    now_ms: TimestampMs,
}

impl World {
    fn new() -> Self {
        let context = Context { issuer: ID, actor: OWNER, now_ms: START_MS };
        let change = register("https://issuer.example".into(), vec![key_of(1)], &context).unwrap();
        let issuer = Issuer::evolve(None, &change, START_MS).unwrap();
        Self { issuer, state: Maps::default(), now_ms: START_MS }
    }

    /// With two scopes, a role, and a delegate for each role.
    fn furnished() -> Self {
        let mut world = Self::new();
        world.must(OWNER, define("meter:read"));
        world.must(OWNER, define("charge:start"));
        world.must(OWNER, set_role("driver", &["charge:start"]));
        world.delegate(OPERATOR, IssuerRole::Operator);
        world.delegate(KEY_MANAGER, IssuerRole::KeyManager);
        world
    }

    fn delegate(&mut self, account: AccountId, role: IssuerRole) {
        let expires_ms = self.now_ms + DAY_MS;
        self.must(OWNER, AccessOperation::SetDelegate { account, role, expires_ms });
    }

    fn context(&self, actor: AccountId) -> Context {
        Context { issuer: ID, actor, now_ms: self.now_ms }
    }

    fn decide(&self, actor: AccountId, operation: AccessOperation) -> Result<AccessChange, AccessError> {
        decide(&self.state, &self.issuer, operation, &self.context(actor))
    }

    /// Carries the operation out, as the contract does.
    fn act(&mut self, actor: AccountId, operation: AccessOperation) -> Result<(), AccessError> {
        let change = self.decide(actor, operation)?;
        self.make(actor, &change);
        Ok(())
    }

    fn make(&mut self, actor: AccountId, change: &AccessChange) {
        let context = self.context(actor);
        apply(&mut self.state, change, &context);
        self.issuer = Issuer::evolve(Some(self.issuer.clone()), change, self.now_ms).unwrap();
    }

    fn reclaim(&mut self, actor: AccountId, token: Hash) -> Result<AccountId, AccessError> {
        let change = reclaim(self.state.revocation(ID, &token), token, self.now_ms)?;
        self.make(actor, &change);
        match change {
            AccessChange::TokenReclaimed { payer, .. } => Ok(payer),
            other => panic!("{other:?}"),
        }
    }

    fn entitlements(&self, status: Status) -> Entitlements {
        let standing = KeyStatus { status, epoch: 3, is_current_key: true };
        entitlements(&self.state, ID, &self.issuer, &DEVICE, Some(standing), self.now_ms)
    }

    fn entitled(&self) -> Vec<String> {
        self.entitlements(Status::Active).scopes.into_iter().map(|entitlement| entitlement.scope).collect()
    }

    #[track_caller]
    fn must(&mut self, actor: AccountId, operation: AccessOperation) {
        let text = format!("{operation:?}");
        assert_eq!(self.act(actor, operation), Ok(()), "{text}");
    }

    #[track_caller]
    fn refuses(&self, actor: AccountId, operation: AccessOperation, error: AccessError) {
        let text = format!("{operation:?}");
        assert_eq!(self.decide(actor, operation), Err(error), "{text}");
    }
}
