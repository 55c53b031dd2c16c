//! An embedded chain with an authorization server and devices, and tokens for them.

use std::sync::Arc;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use marque_devnet::{Config, Devnet, SystemClock};
use marque_sdk::{
    Access, Account, At, Chain, Registry, Seed, Signer, Verifier, VerifierConfig,
    primitives::{
        Controller, DeviceId, Ed25519Key, Operation, SignedOperation,
        access::{IssuerId, NewIssuerKey},
        bounds::BATCH_MAX,
        token::{Claims, IssuerKeyRef, Requirement, SignedToken},
    },
    token::{issue_cwt, issue_jwt, read_jwt},
};

use crate::{Result, Signed};

pub const AUDIENCE: &str = "api://meters";
pub const TOKENS_PER_DEVICE: usize = 16;
const DEVICES: usize = 2 * BATCH_MAX;
const SCOPE: &str = "meters:read";
const ISSUER_URL: &str = "https://auth.example";
const ISSUER_SEED: [u8; 32] = [7; 32];
const HOUR_S: u64 = 60 * 60;

/// A token in each form.
pub struct Token {
    pub jwt: String,
    pub cwt: Vec<u8>,
    pub read: SignedToken,
}

pub struct Scene {
    pub access: Access,
    pub issuer: IssuerId,
    pub verifying_key: VerifyingKey,
    pub devices: Vec<DeviceId>,
    /// [`TOKENS_PER_DEVICE`] of each device in turn.
    pub tokens: Vec<Token>,
    /// Knows all of them.
    pub verifier: Verifier,
    devnet: Devnet,
}

impl Scene {
    pub async fn set_up() -> Result<Self> {
        let devnet = Devnet::start(Config { clock: Arc::new(SystemClock), ..Config::default() }).await?;
        let chain = Chain::connect(&devnet.url()).await?;
        let alice = Account::from_uri("//Alice")?;
        let registry = Registry::deploy(&chain, &alice).await?;
        let access = Access::deploy(&registry, &alice).await?;
        let signing_key = Account::ed25519(&Seed::from_bytes(&ISSUER_SEED.into()));
        let now_ms = chain.time_ms(At::Best).await?;
        let key = NewIssuerKey {
            public_key: signing_key.public_key(),
            not_before_ms: now_ms - 60_000,
            not_after_ms: now_ms + 24 * HOUR_S * 1000,
        };
        let (issuer, _) = access.register_issuer(&alice, ISSUER_URL, &[key]).await?;
        let devices = register(&registry, &alice).await?;
        let tokens = tokens(&registry, issuer, &signing_key, &devices, now_ms / 1000)?;
        let verifier = Verifier::start(&access, VerifierConfig::default()).await?;
        let verifying_key = VerifyingKey::from_bytes(&Signer::account(&signing_key).0)?;
        let scene = Self { access, issuer, verifying_key, devices, tokens, verifier, devnet };
        for token in &scene.tokens {
            scene.verifier.verify(&token.read, &scene.requirement(), None).await?;
        }
        Ok(scene)
    }

    pub fn requirement(&self) -> Requirement {
        Requirement { issuer: self.issuer, audience: AUDIENCE.into(), scopes: vec![SCOPE.into()] }
    }

    pub async fn stop(self) -> Result<()> {
        drop(self.verifier);
        Ok(self.devnet.stop().await?)
    }
}

async fn register(registry: &Registry, sponsor: &Account) -> Result<Vec<DeviceId>> {
    let mut devices = Vec::with_capacity(DEVICES);
    for _ in 0..DEVICES / BATCH_MAX {
        let mut batch: Vec<SignedOperation> = Vec::with_capacity(BATCH_MAX);
        for _ in 0..BATCH_MAX {
            let key = Account::generate();
            let id = DeviceId(key.account().0);
            let operation =
                Operation::Register { controller: Controller::Device, metadata: None, keys: vec![], services: vec![] };
            batch.push(registry.prepare(id, operation).sign(&key).await?);
            devices.push(id);
        }
        let registered = registry.register_batch(sponsor, batch).await?;
        assert!(registered.outcomes.iter().all(std::result::Result::is_ok), "{:?}", registered.outcomes);
    }
    Ok(devices)
}

fn tokens(
    registry: &Registry,
    issuer: IssuerId,
    signing_key: &Account,
    devices: &[DeviceId],
    issued_s: u64,
) -> Result<Vec<Token>> {
    let mut tokens = Vec::with_capacity(devices.len() * TOKENS_PER_DEVICE);
    for (number, device) in devices.iter().enumerate() {
        for of in 0..TOKENS_PER_DEVICE {
            let claims = claims(registry, *device, format!("token-{number:04}-{of:04}"), issued_s);
            let signed_by = IssuerKeyRef { issuer, key: 0 };
            let jwt = issue_jwt(&claims, signed_by, signing_key)?;
            let cwt = issue_cwt(&claims, signed_by, signing_key)?;
            let read = read_jwt(&jwt)?;
            tokens.push(Token { jwt, cwt, read });
        }
    }
    Ok(tokens)
}

fn claims(registry: &Registry, device: DeviceId, token_id: String, issued_s: u64) -> Claims {
    let did = registry.did(device);
    Claims {
        issuer: ISSUER_URL.into(),
        subject: did.into(),
        audience: vec![AUDIENCE.into()],
        expires_s: issued_s + HOUR_S,
        issued_s,
        not_before_s: None,
        token_id,
        client_id: did.to_string(),
        scopes: vec![SCOPE.into()],
        epoch: 0,
        confirmation: None,
    }
}

/// Signatures by so many keys in turn, each of another message.
pub fn signatures(keys: usize, count: usize) -> Vec<Signed> {
    let keys: Vec<SigningKey> = (0..keys as u64)
        .map(|number| {
            let mut seed = [9; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            SigningKey::from_bytes(&seed)
        })
        .collect();
    let signed = (0..count).map(|number| {
        let key = &keys[number % keys.len()];
        let message = vec![number as u8; 500 + number % 64];
        let signature = key.sign(&message).to_bytes();
        let key = Ed25519Key::decode(key.verifying_key().as_bytes()).expect("a key that signs is one");
        Signed { key, message, signature }
    });
    signed.collect()
}
