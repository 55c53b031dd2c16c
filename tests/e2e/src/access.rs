//! An authorization server on a chain, and the vehicles that it issues tokens to.

use marque_charging::SCOPE;
use marque_sdk::{
    Access, Account, At, Chain, Receipt, Registry, Signer,
    primitives::{
        AccountId, Controller, DeviceId, Operation, Scheme,
        access::{AccessOperation, IssuerId, NewIssuerKey},
        token::{Claims, IssuerKeyRef, Requirement},
    },
    signer::Seed,
    token,
};

/// The authorization server's issuer URL.
pub const ISSUER_URL: &str = "https://as.example/default";
/// Whom tokens are for.
pub const AUDIENCE: &str = "station-1";
/// The number of the authorization server's Ed25519 key.
pub const ED25519: u32 = 0;
/// The number of its Sr25519 key.
pub const SR25519: u32 = 1;
/// A minute, in milliseconds.
pub const MINUTE_MS: u64 = 60 * 1000;
/// An hour, in milliseconds.
pub const HOUR_MS: u64 = 60 * MINUTE_MS;
/// What an account needs to pay for itself, in the chain's smallest unit.
const FUNDS: u128 = 100_000_000_000_000;

/// A registry, an access contract for it, and an authorization server with two keys.
pub struct Scene {
    /// The access contract.
    pub access: Access,
    /// Pays for everything, controls the vehicles and owns the authorization server.
    pub alice: Account,
    /// The authorization server.
    pub issuer: IssuerId,
    /// Its keys, by their numbers.
    pub keys: [Account; 2],
}

impl Scene {
    /// Deploys and registers all of it.
    ///
    /// # Panics
    /// When the chain refuses something.
    pub async fn begin(chain: &Chain) -> Self {
        let alice = Account::from_uri("//Alice").expect("everybody has her key");
        let registry = Registry::deploy(chain, &alice).await.expect("a registry deploys");
        let access = Access::deploy(&registry, &alice).await.expect("an access contract deploys");
        let keys = [new_key(Scheme::Ed25519), new_key(Scheme::Sr25519)];
        let issuer = register_issuer(&access, &alice, ISSUER_URL, &keys).await;
        Self { access, alice, issuer, keys }
    }

    /// The same, seen over another connection.
    ///
    /// # Panics
    /// When the contracts are not there.
    pub async fn seen_over(&self, chain: &Chain) -> Access {
        let registry = Registry::attach(chain, self.registry().contract()).await.expect("the registry is there");
        Access::attach(&registry, self.access.contract()).await.expect("the access contract is there")
    }

    /// The registry.
    pub fn registry(&self) -> &Registry {
        self.access.registry()
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        self.access.chain()
    }

    /// The time of the last finalized block.
    ///
    /// # Panics
    /// When the chain can't be read.
    pub async fn now_ms(&self) -> u64 {
        self.chain().time_ms(At::Finalized).await.expect("the chain has a time")
    }

    /// A new device, which its own key registers and Alice pays for and controls.
    ///
    /// # Panics
    /// When the registry refuses it.
    pub async fn vehicle(&self) -> Account {
        let (key, controller) = (Account::generate(), Controller::Account(self.alice.account()));
        let register = Operation::Register { controller, metadata: None, keys: vec![], services: vec![] };
        let signed = self.registry().prepare(id(&key), register).sign(&key).await.expect("its key signs");
        self.registry().submit(&self.alice, signed).await.expect("the registry takes it");
        key
    }

    /// Gives an account what it needs to pay for itself.
    ///
    /// # Panics
    /// When the chain refuses.
    pub async fn fund(&self, account: &AccountId) {
        self.chain().transfer(&self.alice, account, FUNDS).await.expect("Alice has money");
    }

    /// An operation on the authorization server.
    ///
    /// # Panics
    /// When the contract refuses it.
    pub async fn on_issuer(&self, operation: AccessOperation) -> Receipt {
        let done = self.access.execute(&self.alice, self.issuer, operation.clone()).await;
        done.unwrap_or_else(|error| panic!("{operation:?}: {error}"))
    }

    /// An operation on a vehicle's device.
    ///
    /// # Panics
    /// When the registry refuses it.
    pub async fn on_vehicle(&self, vehicle: &Account, operation: Operation) -> Receipt {
        let done = self.registry().execute(&self.alice, id(vehicle), operation.clone()).await;
        done.unwrap_or_else(|error| panic!("{operation:?}: {error}"))
    }

    /// What a good token of a vehicle says that is issued now: ten minutes, in the device's first epoch.
    pub async fn claims(&self, vehicle: &Account) -> Claims {
        let (did, issued_s) = (self.registry().did(id(vehicle)), self.now_ms().await / 1000);
        let nonce = hex::encode(&Account::generate().account().0[..8]);
        Claims {
            issuer: ISSUER_URL.into(),
            subject: did.into(),
            audience: vec![AUDIENCE.into()],
            expires_s: issued_s + 600,
            issued_s,
            not_before_s: None,
            token_id: nonce,
            client_id: did.to_string(),
            scopes: vec![SCOPE.into()],
            epoch: 0,
            confirmation: None,
        }
    }

    /// The token with these claims, by the authorization server's Ed25519 key.
    ///
    /// # Panics
    /// When the claims are out of bounds.
    pub fn issue(&self, claims: &Claims) -> Vec<u8> {
        self.issue_with(claims, ED25519)
    }

    /// The same, by its key of this number.
    ///
    /// # Panics
    /// When the claims are out of bounds, or it has no such key.
    pub fn issue_with(&self, claims: &Claims, key: u32) -> Vec<u8> {
        let signed_by = IssuerKeyRef { issuer: self.issuer, key };
        issue(claims, signed_by, &self.keys[key as usize])
    }

    /// A good token of a vehicle.
    pub async fn token(&self, vehicle: &Account) -> Vec<u8> {
        self.issue(&self.claims(vehicle).await)
    }

    /// What is asked of tokens.
    pub fn requirement(&self) -> Requirement {
        Requirement { issuer: self.issuer, audience: AUDIENCE.into(), scopes: vec![SCOPE.into()] }
    }
}

/// A new key of this scheme.
///
/// # Panics
/// Never: any seed is one.
pub fn new_key(scheme: Scheme) -> Account {
    Account::from_seed(scheme, &Seed::random()).expect("any seed is one")
}

/// A vehicle's device.
///
/// # Panics
/// When the key is not an Ed25519 key.
pub fn id(vehicle: &Account) -> DeviceId {
    vehicle.device_id().expect("an Ed25519 key")
}

/// Registers an authorization server whose keys sign from an hour ago on, for a day.
///
/// # Panics
/// When the contract refuses it.
pub async fn register_issuer(access: &Access, owner: &Account, url: &str, keys: &[Account]) -> IssuerId {
    let now_ms = access.chain().time_ms(At::Finalized).await.expect("the chain has a time");
    let (not_before_ms, not_after_ms) = (now_ms - HOUR_MS, now_ms + 24 * HOUR_MS);
    let of = |key: &Account| NewIssuerKey { public_key: key.public_key(), not_before_ms, not_after_ms };
    let keys: Vec<_> = keys.iter().map(of).collect();
    access.register_issuer(owner, url, &keys).await.expect("the contract takes it").0
}

/// The token with these claims, by this key.
///
/// # Panics
/// When the claims are out of bounds.
pub fn issue(claims: &Claims, signed_by: IssuerKeyRef, key: &Account) -> Vec<u8> {
    token::issue_cwt(claims, signed_by, key).expect("the claims are within their bounds")
}
