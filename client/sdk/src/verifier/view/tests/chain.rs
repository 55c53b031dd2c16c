//! A chain that is modelled whole: every block with the state after it.

use std::collections::{BTreeMap, BTreeSet};

use marque_primitives::{
    AccountId, Change, Controller, Device, DeviceId, Did, Hash, Key, KeyStatus, LogEntry, PublicKey, RegistryId,
    Relationships, Service, Signature, Status, TimestampMs,
    access::{AccessChange, AccessLogEntry, Issuer, IssuerId, IssuerStatus, Trust},
    blake2b_256, bounds,
    token::{Claims, IssuerKeyRef, SignedToken, TokenState, VerifyError},
    verify_ed25519,
};

use super::{REGISTRY, SKEW_MS, START_MS, account, device_id, issuer_key, secret, url};
use crate::{
    chain::BlockRef,
    verifier::view::{Answer, Changes, Origin, Question},
};

/// All that the chain has at one block.
#[derive(Clone, Default, Debug)]
pub(in crate::verifier) struct State {
    devices: BTreeMap<DeviceId, Device>,
    issuers: BTreeMap<IssuerId, Issuer>,
    trusts: BTreeMap<(IssuerId, IssuerId), Trust>,
    revoked: BTreeSet<(IssuerId, Hash)>,
    before: BTreeMap<(IssuerId, DeviceId), TimestampMs>,
}

/// Something that somebody does; if the chain would refuse it, nothing.
#[derive(Clone, Debug)]
pub(in crate::verifier) enum Act {
    Register(u8),
    AddKey(u8, bool),
    RotateKey(u8),
    RevokeKey(u8),
    Suspend(u8),
    Resume(u8),
    Bump(u8),
    SetService(u8),
    RevokeDevice(u8),
    RegisterIssuer,
    AddIssuerKey(u32),
    RotateIssuerKey(u32),
    RevokeIssuerKey(u32),
    Deactivate(u32),
    Reactivate(u32),
    SetTrust(u32, u32),
    RemoveTrust(u32, u32),
    /// By its place in the list of tokens.
    RevokeToken(usize),
    Reclaim(usize),
    /// Whether by a clock that is ahead.
    RevokeBefore(u32, u8, bool),
}

/// A token that may be shown.
#[derive(Clone, Debug)]
pub(in crate::verifier) struct Sample {
    pub(in crate::verifier) device: u8,
    pub(in crate::verifier) issuer: u32,
    pub(in crate::verifier) key: u32,
    pub(in crate::verifier) epoch: u32,
    /// Seconds after the start.
    pub(in crate::verifier) issued_s: u64,
    pub(in crate::verifier) lives_s: u64,
    pub(in crate::verifier) is_signed: bool,
}

impl Sample {
    pub(in crate::verifier) fn token(&self, number: usize) -> SignedToken {
        let issued_s = START_MS / 1000 + self.issued_s;
        let claims = Claims {
            issuer: url(self.issuer),
            subject: Did { registry: REGISTRY, device: device_id(self.device) },
            audience: vec!["api://meters".into()],
            expires_s: issued_s + self.lives_s,
            issued_s,
            not_before_s: None,
            token_id: format!("token-{number}"),
            client_id: "client".into(),
            scopes: vec!["meters:read".into()],
            epoch: self.epoch,
            confirmation: None,
        };
        let signed_bytes = format!("{claims:?}").into_bytes();
        let signer = if self.is_signed { secret(self.issuer, self.key) } else { secret(9, 9) };
        let signature = ed25519_dalek::Signer::sign(&signer, &signed_bytes).to_bytes();
        let signed_by = IssuerKeyRef { issuer: self.issuer, key: self.key };
        SignedToken { signed_by, claims, signed_bytes, signature: Signature::Ed25519(signature) }
    }
}

/// A block, and the state after it.
#[derive(Clone, Debug)]
pub(in crate::verifier) struct Block {
    pub(in crate::verifier) changes: Changes,
    pub(in crate::verifier) state: State,
}

pub(in crate::verifier) struct Chain {
    pub(in crate::verifier) blocks: Vec<Block>,
    tokens: Vec<SignedToken>,
}

impl Chain {
    pub(in crate::verifier) fn new(tokens: Vec<SignedToken>) -> Self {
        let block = BlockRef { number: 0, hash: [0; 32] };
        let changes = Changes { block, time_ms: START_MS, devices: vec![], issuers: vec![] };
        Self { blocks: vec![Block { changes, state: State::default() }], tokens }
    }

    pub(in crate::verifier) fn head(&self) -> &Block {
        self.blocks.last().unwrap()
    }

    /// Where a view would begin at this block.
    pub(in crate::verifier) fn origin(&self, number: usize) -> Origin {
        let Block { changes, state } = &self.blocks[number];
        let issuers = state.issuers.len() as IssuerId;
        Origin { registry: REGISTRY, block: changes.block, time_ms: changes.time_ms, issuers, is_complete: number == 0 }
    }

    pub(in crate::verifier) fn make_block(&mut self, after_s: u64, acts: &[Act]) {
        let head = self.head();
        let number = head.changes.block.number + 1;
        let block = BlockRef { number, hash: blake2b_256(&number.to_le_bytes()) };
        let time_ms = head.changes.time_ms + after_s * 1000;
        let mut next =
            Block { changes: Changes { block, time_ms, devices: vec![], issuers: vec![] }, state: head.state.clone() };
        for act in acts {
            next.act(act, &self.tokens);
        }
        self.blocks.push(next);
    }
}

impl Block {
    fn act(&mut self, act: &Act, tokens: &[SignedToken]) {
        let tokens = |number: &usize| &tokens[number % tokens.len()];
        match act {
            Act::Register(_)
            | Act::AddKey(..)
            | Act::RotateKey(_)
            | Act::RevokeKey(_)
            | Act::Suspend(_)
            | Act::Resume(_)
            | Act::Bump(_)
            | Act::SetService(_)
            | Act::RevokeDevice(_) => self.change_device(act),
            Act::RevokeToken(number) => self.revoke_token(tokens(number)),
            Act::Reclaim(number) => self.reclaim(tokens(number)),
            _ => self.change_issuer(act),
        }
    }

    fn change_device(&mut self, act: &Act) {
        let (Act::Register(device)
        | Act::AddKey(device, _)
        | Act::RotateKey(device)
        | Act::RevokeKey(device)
        | Act::Suspend(device)
        | Act::Resume(device)
        | Act::Bump(device)
        | Act::SetService(device)
        | Act::RevokeDevice(device)) = *act
        else {
            return;
        };
        let id = device_id(device);
        let record = self.state.devices.get(&id).cloned();
        let Some(change) = self.device_change(act, device, record.as_ref()) else { return };
        let (version, epoch) = record.as_ref().map_or((0, 0), |record| (record.version, record.epoch));
        let entry = LogEntry {
            version: version + 1,
            epoch: epoch + u32::from(change.starts_epoch()),
            at_ms: self.changes.time_ms,
            actor: AccountId([0; 32]),
            previous_block: record.as_ref().map_or(0, |record| record.changed_block),
            nonce: None,
            change,
        };
        let after = Device::evolve(record, &entry, self.changes.block.number);
        self.state.devices.insert(id, after);
        self.changes.devices.push((id, entry));
    }

    fn device_change(&self, act: &Act, device: u8, record: Option<&Device>) -> Option<Change> {
        let key = |id: u32, relationships| Key {
            id,
            public_key: PublicKey::Ed25519(account(device, id).0),
            relationships,
            added_ms: self.changes.time_ms,
            revoked_ms: None,
        };
        if matches!(act, Act::Register(_)) {
            return record.is_none().then(|| Change::Registered {
                controller: Controller::Device,
                metadata: None,
                keys: vec![key(0, Relationships::INITIAL)],
                services: vec![],
                previous_registration_block: 0,
            });
        }
        let record = record.filter(|record| record.status != Status::Revoked)?;
        let is_full = record.keys.iter().filter(|key| key.is_current()).count() >= bounds::KEYS_MAX;
        let current = record.keys.iter().find(|key| key.is_current());
        match act {
            Act::AddKey(_, is_for_authentication) => (!is_full).then(|| {
                let relationships = if *is_for_authentication {
                    Relationships::AUTHENTICATION
                } else {
                    Relationships::ASSERTION_METHOD
                };
                Change::KeyAdded { key: key(record.next_key_id, relationships) }
            }),
            Act::RotateKey(_) => current
                .map(|old| Change::KeyRotated { revoked: old.id, key: key(record.next_key_id, old.relationships) }),
            Act::RevokeKey(_) => current.map(|old| Change::KeyRevoked { id: old.id }),
            Act::Suspend(_) => (record.status == Status::Active).then_some(Change::Suspended),
            Act::Resume(_) => (record.status == Status::Suspended).then_some(Change::Resumed),
            Act::Bump(_) => Some(Change::EpochBumped),
            Act::SetService(_) => {
                let service = Service { id: "s".into(), service_type: "S".into(), endpoint: "a:b".into() };
                Some(Change::ServiceSet { service })
            }
            _ => Some(Change::Revoked),
        }
    }

    fn change_issuer(&mut self, act: &Act) {
        let next = self.state.issuers.len() as IssuerId;
        let (number, change) = match *act {
            Act::RegisterIssuer => {
                let (owner, url, keys) = (AccountId([0; 32]), url(next), vec![issuer_key(next, 0)]);
                (next, Some(AccessChange::Registered { owner, url, keys }))
            }
            Act::RevokeBefore(issuer, device, is_ahead) => {
                let ahead_ms = if is_ahead { SKEW_MS } else { 0 };
                let (device, before_ms) = (device_id(device), self.changes.time_ms + ahead_ms);
                let is_later = self.state.before.get(&(issuer, device)).is_none_or(|before| *before < before_ms);
                (issuer, is_later.then_some(AccessChange::TokensRevokedBefore { device, before_ms }))
            }
            Act::SetTrust(by, of) => {
                let until_ms = self.changes.time_ms + 4 * 60 * 60 * 1000;
                let trust = Trust { scopes: vec!["meters:read".into()], until_ms };
                (by, (by != of && of < next).then_some(AccessChange::TrustSet { issuer: of, trust }))
            }
            Act::RemoveTrust(by, of) => {
                let is_trusted = self.state.trusts.contains_key(&(by, of));
                (by, is_trusted.then_some(AccessChange::TrustRemoved { issuer: of }))
            }
            Act::AddIssuerKey(issuer) => (issuer, self.issuer_change(act, issuer)),
            Act::RotateIssuerKey(issuer) | Act::RevokeIssuerKey(issuer) => (issuer, self.issuer_change(act, issuer)),
            Act::Deactivate(issuer) | Act::Reactivate(issuer) => (issuer, self.issuer_change(act, issuer)),
            _ => return,
        };
        if number < next || matches!(act, Act::RegisterIssuer) {
            change.into_iter().for_each(|change| self.put(number, change));
        }
    }

    fn issuer_change(&self, act: &Act, number: IssuerId) -> Option<AccessChange> {
        let issuer = self.state.issuers.get(&number)?;
        let key = issuer_key(number, issuer.next_key_id);
        let current = issuer.keys.iter().find(|key| key.revoked_ms.is_none());
        match act {
            Act::AddIssuerKey(_) => {
                (issuer.keys.len() < bounds::ISSUER_KEYS_MAX).then_some(AccessChange::KeyAdded { key })
            }
            Act::RotateIssuerKey(_) => {
                let key = marque_primitives::access::IssuerKey { not_before_ms: self.changes.time_ms, ..key };
                let has_room = issuer.keys.len() < bounds::ISSUER_KEYS_MAX;
                current.filter(|_| has_room).map(|old| AccessChange::KeyRotated { ended: old.id, key })
            }
            Act::RevokeIssuerKey(_) => current.map(|old| AccessChange::KeyRevoked { id: old.id }),
            Act::Deactivate(_) => (issuer.status == IssuerStatus::Active).then_some(AccessChange::Deactivated),
            _ => (issuer.status == IssuerStatus::Deactivated).then_some(AccessChange::Reactivated),
        }
    }

    fn revoke_token(&mut self, token: &SignedToken) {
        let (issuer, hash) = (token.signed_by.issuer, blake2b_256(token.claims.token_id.as_bytes()));
        let (now_ms, expires_ms) = (self.changes.time_ms, token.claims.expires_ms());
        let is_good = now_ms < expires_ms && expires_ms <= now_ms + bounds::TOKEN_LIFETIME_MAX_MS + 2 * SKEW_MS;
        if is_good && self.state.issuers.contains_key(&issuer) && !self.state.revoked.contains(&(issuer, hash)) {
            self.put(issuer, AccessChange::TokenRevoked { token: hash, expires_ms });
        }
    }

    /// Once the token is dead for everybody.
    fn reclaim(&mut self, token: &SignedToken) {
        let (issuer, hash) = (token.signed_by.issuer, blake2b_256(token.claims.token_id.as_bytes()));
        let is_over = token.claims.expires_ms() + SKEW_MS <= self.changes.time_ms;
        if is_over && self.state.revoked.contains(&(issuer, hash)) {
            self.put(issuer, AccessChange::TokenReclaimed { token: hash, payer: AccountId([0; 32]) });
        }
    }

    fn put(&mut self, issuer: IssuerId, change: AccessChange) {
        let state = &mut self.state;
        match &change {
            AccessChange::TrustSet { issuer: of, trust } => {
                state.trusts.insert((issuer, *of), trust.clone());
            }
            AccessChange::TrustRemoved { issuer: of } => {
                state.trusts.remove(&(issuer, *of));
            }
            AccessChange::TokenRevoked { token, .. } => {
                state.revoked.insert((issuer, *token));
            }
            AccessChange::TokenReclaimed { token, .. } => {
                state.revoked.remove(&(issuer, *token));
            }
            AccessChange::TokensRevokedBefore { device, before_ms } => {
                state.before.insert((issuer, *device), *before_ms);
            }
            _ => {
                let record = state.issuers.remove(&issuer);
                state
                    .issuers
                    .extend(Issuer::evolve(record, &change, self.changes.time_ms).map(|after| (issuer, after)));
            }
        }
        let entry = AccessLogEntry { at_ms: self.changes.time_ms, actor: AccountId([0; 32]), change };
        self.changes.issuers.push((issuer, entry));
    }
}

impl State {
    /// What the chain would answer.
    pub(in crate::verifier) fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Issuer(issuer) => Answer::Issuer(self.issuer(*issuer)),
            Question::Trust { by, of } => Answer::Trust(self.trust(*by, *of)),
            Question::Device(device) => Answer::Device(self.devices.get(device).cloned().map(Box::new)),
            Question::Token { issuer, token } => Answer::Token(self.is_token_revoked(*issuer, token)),
            Question::TokensBefore { issuer, device } => Answer::TokensBefore(self.tokens_before_ms(*issuer, device)),
        }
    }
}

impl TokenState for State {
    fn registry(&self) -> RegistryId {
        REGISTRY
    }

    fn issuer(&self, issuer: IssuerId) -> Option<Issuer> {
        self.issuers.get(&issuer).cloned()
    }

    fn trust(&self, by: IssuerId, of: IssuerId) -> Option<Trust> {
        self.trusts.get(&(by, of)).cloned()
    }

    fn is_token_revoked(&self, issuer: IssuerId, token: &Hash) -> bool {
        self.revoked.contains(&(issuer, *token))
    }

    fn tokens_before_ms(&self, issuer: IssuerId, device: &DeviceId) -> TimestampMs {
        self.before.get(&(issuer, *device)).copied().unwrap_or_default()
    }

    fn device(&self, device: &DeviceId, presenter: Option<&AccountId>) -> Result<Option<KeyStatus>, VerifyError> {
        let Some(record) = self.devices.get(device) else { return Ok(None) };
        let is_key = |account| record.current_key_of(account, Relationships::AUTHENTICATION).is_some();
        let is_current_key = presenter.is_some_and(is_key);
        Ok(Some(KeyStatus { status: record.status, epoch: record.epoch, is_current_key }))
    }

    fn is_signed(
        &self,
        public_key: &PublicKey,
        signed_bytes: &[u8],
        signature: &[u8; 64],
    ) -> Result<bool, VerifyError> {
        Ok(match public_key {
            PublicKey::Ed25519(key) => verify_ed25519(key, signed_bytes, signature),
            _ => false,
        })
    }

    fn blake2b_256(&self, bytes: &[u8]) -> Hash {
        blake2b_256(bytes)
    }
}
