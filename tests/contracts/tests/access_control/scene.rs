//! An authorization server with a key, a device of the registry, and who has to do with them.

use marque_contract_tests::{Access, Actor, TokenKey, access::Written, samples};
use marque_primitives::{
    Controller, DeviceId, Operation,
    access::{AccessChange, AccessError, AccessOperation, Issuer, IssuerId, NewIssuerKey},
    token::{Claims, IssuerKeyRef, Requirement, Standing, Verified, VerifyError},
};

/// One second, in milliseconds.
pub const SECOND_MS: u64 = 1000;
/// One hour, in milliseconds.
pub const HOUR_MS: u64 = 60 * 60 * SECOND_MS;
/// One day, in milliseconds.
pub const DAY_MS: u64 = 24 * HOUR_MS;

/// The authorization server's URL.
pub const URL: &str = "https://as.example/default";
/// The authorization server.
pub const ISSUER: IssuerId = 0;
/// Its first key.
pub const KEY: IssuerKeyRef = IssuerKeyRef { issuer: ISSUER, key: 0 };
/// Whom the tokens are for.
pub const AUDIENCE: &str = "station-1";
/// The scope that is required.
pub const SCOPE: &str = "charge:start";

/// A registry with a device, and an authorization server.
pub struct Scene {
    /// The contracts.
    pub access: Access,
    /// The device's initial key.
    pub device: Actor,
    /// The account that controls the device.
    pub controller: Actor,
    /// The authorization server's owner.
    pub owner: Actor,
    /// The authorization server's key.
    pub key: TokenKey,
    /// Somebody without rights.
    pub stranger: Actor,
}

impl Scene {
    /// The contracts alone.
    pub fn empty() -> Self {
        Self {
            access: Access::default(),
            device: Actor::new("device"),
            controller: Actor::new("controller"),
            owner: Actor::new("owner"),
            key: TokenKey::ed25519("issuer key"),
            stranger: Actor::new("stranger"),
        }
    }

    /// An active device, and an authorization server with an Ed25519 key.
    pub fn new() -> Self {
        Self::with_key(TokenKey::ed25519("issuer key"))
    }

    /// An active device, and an authorization server with this key.
    pub fn with_key(key: TokenKey) -> Self {
        let mut scene = Self { key, ..Self::empty() };
        scene.register_device(&scene.device.clone());
        let new_key = scene.new_key(&scene.key);
        let owner = scene.owner.clone();
        assert_eq!(scene.access.register_issuer(&owner, URL, vec![new_key]).accepted(), ISSUER);
        scene
    }

    /// Registers a device, which the controller controls.
    pub fn register_device(&mut self, device: &Actor) {
        let registration = samples::registration(Controller::Account(self.controller.account()));
        self.access.registry.execute(device, device.device(), registration).accepted();
    }

    /// The key with a window of 30 days from now on.
    pub fn new_key(&self, key: &TokenKey) -> NewIssuerKey {
        let not_before_ms = self.access.now_ms();
        NewIssuerKey { public_key: key.public_key(), not_before_ms, not_after_ms: not_before_ms + 30 * DAY_MS }
    }

    /// The device's id.
    pub fn id(&self) -> DeviceId {
        self.device.device()
    }

    /// What the events say that the authorization server's record is.
    pub fn record(&self) -> &Issuer {
        &self.access.followed().issuers[ISSUER as usize]
    }

    /// The operation on the authorization server, by this actor.
    pub fn by(&mut self, actor: &Actor, operation: AccessOperation) -> Written<()> {
        self.access.execute(actor, ISSUER, operation)
    }

    /// The change that the owner makes by this operation.
    pub fn changed(&mut self, operation: AccessOperation) -> AccessChange {
        let written = self.by(&self.owner.clone(), operation);
        written.change().clone()
    }

    /// Why the owner may not do this.
    pub fn refused(&mut self, operation: AccessOperation) -> AccessError {
        self.by(&self.owner.clone(), operation).error()
    }

    /// The operation on the device, by its controller.
    pub fn on_device(&mut self, operation: Operation) {
        let controller = self.controller.clone();
        self.access.registry.execute(&controller, self.id(), operation).accepted();
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        let now_ms = self.access.now_ms() + ms;
        self.access.chain().set_time(now_ms);
    }
}

/// Tokens.
impl Scene {
    /// What a token for the device says that is issued now, for ten minutes.
    pub fn claims(&self) -> Claims {
        samples::claims(URL, self.access.did(self.id()), AUDIENCE, SCOPE, self.access.now_ms())
    }

    /// The token with these claims, signed by the authorization server's key.
    pub fn issue(&self, claims: &Claims) -> Vec<u8> {
        self.key.issue(claims, KEY)
    }

    /// What the verifier asks of tokens.
    pub fn requirement(&self) -> Requirement {
        Requirement { issuer: ISSUER, audience: AUDIENCE.into(), scopes: vec![SCOPE.into()] }
    }

    /// Verifies a token that the device's initial key presents.
    pub fn verify(&mut self, token: &[u8]) -> Result<Verified, VerifyError> {
        let (requirement, presenter) = (self.requirement(), self.device.account());
        self.access.verify(token, &requirement, presenter)
    }

    /// Checks a token that was verified by what the verifier asks.
    pub fn check(&mut self, standing: &Standing) -> Result<(), VerifyError> {
        let requirement = self.requirement();
        self.access.check(standing, &requirement)
    }

    /// Verifies a token with these claims that the device's initial key presents.
    pub fn verify_claims(&mut self, claims: &Claims) -> Result<Standing, VerifyError> {
        let token = self.issue(claims);
        self.verify(&token).map(|verified| verified.standing)
    }
}
