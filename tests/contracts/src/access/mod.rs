//! The deployed `access_control`, with a check of every write.

mod follow;

use marque_primitives::{
    AccountId, DeviceId, Did, Hash, RegistryId, TimestampMs,
    access::{
        AccessChange, AccessError, AccessInfo, AccessOperation, Entitlements, Grant, Grantee, Issuer, IssuerId,
        NewIssuerKey, RoleRecord, Scope, Trust,
    },
    token::{Requirement, Standing, Verified, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

use crate::{
    Actor, Bundle, Chain, Deployed, Failure, Receipt, Registry,
    chain::{Means, RawEvent},
    deployed::GENESIS_HASH,
    registry, written,
};

pub use follow::{Followed, IssuerChanged};

/// What reclaiming costs: the deposit that this chain asks for the entry of a revoked token, one unit for each of its bytes and one for itself.
pub const RECLAIM_PRICE: u128 = 41;

/// What a write came to: one change per event.
pub type Written<T> = written::Written<T, AccessError, IssuerChanged>;

impl<T> Written<T> {
    /// The one change that was made.
    ///
    /// # Panics
    /// When there was none, or more than one.
    pub fn change(&self) -> &AccessChange {
        &self.only().entry.change
    }
}

/// An `access_control` for the devices of a registry on the same chain, and what its events say that its state is.
pub struct Access {
    /// The registry, with the chain.
    pub registry: Registry,
    /// The contract's account.
    pub contract: AccountId,
    deployed: Deployed,
    followed: Followed,
    deposit: u128,
}

/// What the contract, the registry and the chain were at one moment.
pub struct Saved {
    registry: registry::Saved,
    followed: Followed,
    deposit: u128,
}

/// What a write that is refused must leave as it is.
#[derive(PartialEq, Eq, Debug)]
struct Footprint {
    storage: Vec<u8>,
    deposit: u128,
    balance: u128,
}

impl Default for Access {
    fn default() -> Self {
        Self::deploy(Registry::default(), &Actor::new("deployer"), b"")
    }
}

impl Access {
    /// Deploys the contract. The salt makes its account another one.
    ///
    /// # Panics
    /// When the chain refuses the bundle.
    pub fn deploy(mut registry: Registry, deployer: &Actor, salt: &[u8]) -> Self {
        let arguments = (GENESIS_HASH, registry.contract, registry.ed25519, RECLAIM_PRICE);
        let deployed = Deployed::new(&mut registry.chain, "access_control", arguments, salt, deployer);
        let contract = deployed.account;
        let deposit = registry.chain.held_deposit(contract);
        Self { registry, contract, deployed, followed: Followed::default(), deposit }
    }

    /// The bundle that was deployed.
    pub fn bundle(&self) -> &Bundle {
        &self.deployed.bundle
    }

    /// The chain.
    pub fn chain(&mut self) -> &mut Chain {
        &mut self.registry.chain
    }

    /// The block's time.
    pub fn now_ms(&self) -> TimestampMs {
        self.registry.now_ms()
    }

    /// What the events say that the state is.
    pub fn followed(&self) -> &Followed {
        &self.followed
    }

    /// A device of the registry as tokens name it.
    pub fn did(&self, device: DeviceId) -> Did {
        Did { registry: RegistryId::derive(&GENESIS_HASH, &self.registry.contract), device }
    }

    /// Puts a record into the contract's storage, past the contract: for states that no test could reach in time.
    pub fn plant(&mut self, issuer: IssuerId, record: Issuer) {
        let key = (self.bundle().mapping_key("issuers"), issuer).encode();
        let contract = self.contract;
        self.chain().plant(contract, &key, &record.encode());
        self.followed.issuers[issuer as usize] = record;
        self.check_state();
    }

    /// Does something and takes it back, whatever it was.
    pub fn trial<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.save();
        let result = act(self);
        self.go_back(before);
        result
    }

    /// All that is now, to [`go_back`](Self::go_back) to.
    pub fn save(&mut self) -> Saved {
        Saved { registry: self.registry.save(), followed: self.followed.clone(), deposit: self.deposit }
    }

    /// Goes back to what was.
    pub fn go_back(&mut self, before: Saved) {
        self.registry.go_back(before.registry);
        (self.followed, self.deposit) = (before.followed, before.deposit);
    }
}

/// Writes. Each is made in a block of its own, and checked:
///
/// - an accepted one emits exactly one event, with who did it and when; nothing else does;
/// - what the contract keeps is what its events say;
/// - the deposit that the contract holds changes by what the chain says that it charged, and its own balance never changes;
/// - a refused one changes nothing of its storage, deposit and balance.
impl Access {
    /// Registers an authorization server.
    pub fn register_issuer(&mut self, caller: &Actor, url: &str, keys: Vec<NewIssuerKey>) -> Written<IssuerId> {
        self.write("register_issuer", (url, keys), caller, 0, |id| *id)
    }

    /// Carries out an operation for the caller.
    pub fn execute(&mut self, caller: &Actor, issuer: IssuerId, operation: AccessOperation) -> Written<()> {
        self.write("execute", (issuer, operation), caller, 0, |()| issuer)
    }

    /// Takes away the entry of a revoked token, for a payment.
    pub fn reclaim(&mut self, caller: &Actor, issuer: IssuerId, token: Hash, payment: u128) -> Written<()> {
        self.write("reclaim", (issuer, token), caller, payment, |()| issuer)
    }

    fn write<T: Decode>(
        &mut self,
        message: &str,
        arguments: impl Encode,
        caller: &Actor,
        payment: u128,
        changed: impl FnOnce(&T) -> IssuerId,
    ) -> Written<T> {
        self.chain().next_block();
        let before = self.footprint();
        let means = Means::paying(payment);
        let receipt: Receipt<Result<T, AccessError>> = self
            .deployed
            .call(&mut self.registry.chain, message, arguments, caller.account(), means)
            .expect("the contract reads well-formed input");
        let changes: Vec<IssuerChanged> = receipt.events.iter().map(|event| self.decode_event(event)).collect();
        if let Ok(answer) = &receipt.result {
            let [IssuerChanged { issuer, entry }] = &changes[..] else { panic!("one event: {changes:?}") };
            assert_eq!(*issuer, changed(answer));
            assert_eq!((entry.at_ms, entry.actor), (self.now_ms(), caller.account()));
            self.followed.follow(&changes[0]);
            self.deposit = self.deposit.checked_add_signed(receipt.deposit).expect("no negative deposit");
            self.check_changed(&changes[0]);
            assert_eq!(self.footprint().balance, before.balance);
        } else {
            assert_eq!((changes.len(), receipt.deposit), (0, 0));
            assert_eq!(self.footprint(), before, "a refused write changes nothing");
        }
        Written { receipt, changes }
    }

    fn footprint(&mut self) -> Footprint {
        let contract = self.contract;
        let chain = self.chain();
        Footprint {
            storage: chain.storage_root(contract),
            deposit: chain.held_deposit(contract),
            balance: chain.free_balance(contract),
        }
    }

    /// Checks that the contract has what its events say, all of it.
    pub fn check_state(&mut self) {
        let Followed { issuers, scopes, roles, grants, trusts, revoked, tokens_before } = self.followed.clone();
        (0..).zip(issuers).for_each(|(id, _)| self.check_record(id));
        scopes.into_keys().for_each(|(id, name)| self.check_scope(id, &name));
        roles.into_keys().for_each(|(id, name)| self.check_role(id, &name));
        grants.into_keys().for_each(|(id, grantee)| self.check_grants(id, grantee));
        trusts.into_keys().for_each(|(by, of)| self.check_trust(by, of));
        revoked.into_keys().for_each(|(id, token)| self.check_revoked(id, token));
        tokens_before.into_keys().for_each(|(id, device)| self.check_tokens_before(id, device));
        self.check_totals();
    }

    /// Checks what a change has to do with.
    fn check_changed(&mut self, IssuerChanged { issuer, entry }: &IssuerChanged) {
        let id = *issuer;
        match &entry.change {
            AccessChange::ScopeSet { name, .. } => self.check_scope(id, name),
            AccessChange::RoleSet { name, .. } | AccessChange::RoleRemoved { name } => self.check_role(id, name),
            AccessChange::Granted { grantee, .. } | AccessChange::Withdrawn { grantee, .. } => {
                self.check_grants(id, *grantee);
            }
            AccessChange::TokenRevoked { token, .. } | AccessChange::TokenReclaimed { token, .. } => {
                self.check_revoked(id, *token);
            }
            AccessChange::TokensRevokedBefore { device, .. } => self.check_tokens_before(id, *device),
            AccessChange::TrustSet { issuer: other, .. } | AccessChange::TrustRemoved { issuer: other } => {
                self.check_trust(id, *other);
            }
            _ => self.check_record(id),
        }
        self.check_totals();
    }

    fn check_record(&mut self, id: IssuerId) {
        assert_eq!(self.issuer(id).as_ref(), self.followed.issuers.get(id as usize));
    }

    fn check_scope(&mut self, id: IssuerId, name: &str) {
        assert_eq!(self.scope(id, name).as_ref(), self.followed.scopes.get(&(id, name.to_owned())));
    }

    fn check_role(&mut self, id: IssuerId, name: &str) {
        let expected = self.followed.roles[&(id, name.to_owned())].clone();
        assert_eq!(self.role(id, name), expected.map(|scopes| RoleRecord { scopes }));
    }

    fn check_grants(&mut self, id: IssuerId, grantee: Grantee) {
        assert_eq!(self.grants(id, grantee), self.followed.grants[&(id, grantee)]);
    }

    fn check_trust(&mut self, by: IssuerId, of: IssuerId) {
        assert_eq!(self.trust(by, of), self.followed.trusts[&(by, of)]);
    }

    fn check_revoked(&mut self, id: IssuerId, token: Hash) {
        assert_eq!(self.is_token_revoked(id, token), self.followed.revoked[&(id, token)].is_some());
    }

    fn check_tokens_before(&mut self, id: IssuerId, device: DeviceId) {
        assert_eq!(self.tokens_before(id, device), self.followed.tokens_before[&(id, device)]);
    }

    fn check_totals(&mut self) {
        let next_issuer = u32::try_from(self.followed.issuers.len()).expect("there are few");
        assert_eq!(self.info().next_issuer, next_issuer);
        assert_eq!(self.footprint().deposit, self.deposit);
    }

    fn decode_event(&self, event: &RawEvent) -> IssuerChanged {
        self.deployed.event(event, "IssuerChanged", |changed: &IssuerChanged| {
            let mut topic = [0; 32];
            topic[..4].copy_from_slice(&changed.issuer.encode());
            vec![topic]
        })
    }
}

/// Reads.
impl Access {
    /// An authorization server's record.
    pub fn issuer(&mut self, issuer: IssuerId) -> Option<Issuer> {
        self.read("issuer", issuer).result
    }

    /// A scope.
    pub fn scope(&mut self, issuer: IssuerId, name: &str) -> Option<Scope> {
        self.read("scope", (issuer, name)).result
    }

    /// A role.
    pub fn role(&mut self, issuer: IssuerId, name: &str) -> Option<RoleRecord> {
        self.read("role", (issuer, name)).result
    }

    /// A grantee's grants.
    pub fn grants(&mut self, issuer: IssuerId, grantee: Grantee) -> Vec<Grant> {
        self.read("grants", (issuer, grantee)).result
    }

    /// What one authorization server trusts another for.
    pub fn trust(&mut self, by: IssuerId, of: IssuerId) -> Option<Trust> {
        self.read("trust", (by, of)).result
    }

    /// Whether a token is revoked by its id.
    pub fn is_token_revoked(&mut self, issuer: IssuerId, token: Hash) -> bool {
        self.read("is_token_revoked", (issuer, token)).result
    }

    /// Before which time a device's tokens are revoked.
    pub fn tokens_before(&mut self, issuer: IssuerId, device: DeviceId) -> TimestampMs {
        self.read("tokens_before", (issuer, device)).result
    }

    /// What a device may get.
    pub fn entitlements(&mut self, issuer: IssuerId, device: DeviceId) -> Option<Entitlements> {
        self.read("entitlements", (issuer, device)).result
    }

    /// What the contract says of itself.
    pub fn info(&mut self) -> AccessInfo {
        self.read("info", ()).result
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// The contract's.
    pub fn verify(
        &mut self,
        token: &[u8],
        requirement: &Requirement,
        presenter: AccountId,
    ) -> Result<Verified, VerifyError> {
        self.read("verify", (token, requirement, presenter)).result
    }

    /// Checks a token that was verified earlier by this requirement.
    ///
    /// # Errors
    /// The contract's.
    pub fn check(&mut self, standing: &Standing, requirement: &Requirement) -> Result<(), VerifyError> {
        self.read("check", (standing, requirement)).result
    }

    /// Calls a message that changes nothing; anybody may.
    ///
    /// # Panics
    /// As [`Deployed::read`].
    pub fn read<T: Decode>(&mut self, message: &str, arguments: impl Encode) -> Receipt<T> {
        self.deployed.read(&mut self.registry.chain, message, arguments)
    }

    /// Calls a message, with all that can go wrong.
    ///
    /// # Errors
    /// As [`Deployed::call_raw`].
    pub fn call<T: Decode>(
        &mut self,
        message: &str,
        arguments: impl Encode,
        origin: AccountId,
        means: Means,
    ) -> Result<Receipt<T>, Failure> {
        self.deployed.call(&mut self.registry.chain, message, arguments, origin, means)
    }

    /// Calls with any bytes, and gives the answer's bytes.
    ///
    /// # Errors
    /// As [`Deployed::call_raw`].
    pub fn call_raw(&mut self, input: Vec<u8>, origin: AccountId, means: Means) -> Result<Receipt<Vec<u8>>, Failure> {
        self.deployed.call_raw(&mut self.registry.chain, input, origin, means)
    }
}
