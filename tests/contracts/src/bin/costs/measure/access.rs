//! What `access_control` costs.

use marque_contract_tests::{Access, Actor, TokenKey, access::RECLAIM_PRICE, chain::Means, samples};
use marque_primitives::{
    Controller, DeviceId,
    access::{
        AccessInfo, AccessOperation, Entitlements, Grantee, Issuer, IssuerId, IssuerRole, NewIssuerKey, Right,
        Sensitivity,
    },
    blake2b_256, bounds,
    token::{Claims, IssuerKeyRef, Requirement, SignedToken, Verified, VerifyError},
};
use parity_scale_codec::{Decode, Encode};

use super::{Cost, HOUR_MS};

const TOKEN_SAMPLES: usize = 16;
const DAY_MS: u64 = 24 * HOUR_MS;
/// The authorization server that is measured, and another one.
pub const ISSUER: IssuerId = 0;
const OTHER: IssuerId = 1;
const URL: &str = "https://as.example/default";
pub const AUDIENCE: &str = "station-1";
pub const SCOPE: &str = "charge:start";

/// A write.
pub struct OperationCost {
    /// What it is.
    pub name: &'static str,
    /// What it costs.
    pub cost: Cost,
}

/// All that is measured.
pub struct AccessCosts {
    /// Bytes of a typical token, of an Ed25519 key.
    pub token_bytes: usize,
    /// Verifying typical tokens of an Ed25519 key: picoseconds. A signature's bits decide how long its check takes.
    pub ed25519_ps: Vec<u64>,
    /// Verifying a typical token of an Sr25519 key.
    pub verify_sr25519: Cost,
    /// Checking whether a token that was verified is still good.
    pub check: Cost,
    /// Writes.
    pub operations: Vec<OperationCost>,
    /// Reads.
    pub reads: Vec<(&'static str, Cost)>,
}

/// Measures `access_control`.
pub fn measure() -> AccessCosts {
    let mut ed25519 = Bench::new(TokenKey::ed25519("issuer key"));
    let mut sr25519 = Bench::new(TokenKey::sr25519("issuer key"));
    let (typical, largest) = (ed25519.claims(), ed25519.largest_claims());
    let sample = |number: usize| Claims { token_id: format!("{number:04}"), ..typical.clone() };
    let ed25519_ps = (0..TOKEN_SAMPLES).map(|number| ed25519.verify(&sample(number)).ref_time_ps).collect();
    let (verify_sr25519, check) = (sr25519.verify(&typical), sr25519.check(&typical));
    let mut reads = vec![
        ("verify, Ed25519", ed25519.verify(&typical)),
        ("verify, Ed25519, largest token and requirement", ed25519.verify(&largest)),
        ("verify, Sr25519", verify_sr25519),
        ("verify, Sr25519, largest token and requirement", sr25519.verify(&largest)),
        ("verify, Sr25519, of a trusted authorization server", sr25519.verify_trusted()),
        ("verify, no token", sr25519.verify_bytes(b"", &sr25519.requirement(&typical))),
        ("check", check),
    ];
    reads.extend(sr25519.reads());
    AccessCosts {
        token_bytes: ed25519.token(&typical).len(),
        ed25519_ps,
        verify_sr25519,
        check,
        operations: sr25519.operations(),
        reads,
    }
}

/// A device with its initial key alone, and an authorization server with one key.
pub struct Bench {
    pub access: Access,
    pub device: Actor,
    owner: Actor,
    key: TokenKey,
}

/// Setting up, and tokens.
impl Bench {
    pub fn new(key: TokenKey) -> Self {
        let (mut access, device, owner) = (Access::default(), Actor::new("device"), Actor::new("owner"));
        let registration = samples::registration(Controller::Account(Actor::new("controller").account()));
        access.registry.execute(&device, device.device(), registration).accepted();
        let not_before_ms = access.now_ms();
        let not_after_ms = not_before_ms + 30 * DAY_MS;
        let new_key = NewIssuerKey { public_key: key.public_key(), not_before_ms, not_after_ms };
        for url in [URL, "https://other.example"] {
            access.register_issuer(&owner, url, vec![new_key]).accepted();
        }
        let mut bench = Self { access, device, owner, key };
        for operation in [define(SCOPE), define("meter:read"), set_role("driver", &[SCOPE])] {
            bench.execute(operation);
        }
        bench
    }

    fn execute(&mut self, operation: AccessOperation) {
        self.access.execute(&self.owner, ISSUER, operation).accepted();
    }

    /// What a typical token says.
    pub fn claims(&self) -> Claims {
        samples::claims(URL, self.access.did(self.device.device()), AUDIENCE, SCOPE, self.access.now_ms())
    }

    /// What a token says that says as much as any.
    fn largest_claims(&self) -> Claims {
        use marque_primitives::token::Confirmation;

        let audience = |number: usize| format!("{number}{}", "a".repeat(bounds::AUDIENCE_BYTES_MAX - 1));
        Claims {
            audience: (0..bounds::AUDIENCES_MAX).map(audience).collect(),
            scopes: (0..bounds::SCOPES_MAX).map(longest_scope).collect(),
            client_id: "c".repeat(bounds::CLIENT_ID_BYTES_MAX),
            confirmation: Some(Confirmation::Key(self.device.public_key())),
            ..self.claims()
        }
    }

    /// The token with these claims.
    pub fn token(&self, claims: &Claims) -> Vec<u8> {
        self.key.issue(claims, IssuerKeyRef { issuer: ISSUER, key: 0 })
    }

    /// What a verifier asks for that asks for all that a token says.
    fn requirement(&self, claims: &Claims) -> Requirement {
        let audience = claims.audience.last().cloned().unwrap_or_default();
        Requirement { issuer: ISSUER, audience, scopes: claims.scopes.clone() }
    }

    /// Verifies a token with these claims.
    pub fn verify(&mut self, claims: &Claims) -> Cost {
        let requirement = self.requirement(claims);
        self.verify_bytes(&self.token(claims), &requirement)
    }

    fn verify_bytes(&mut self, token: &[u8], requirement: &Requirement) -> Cost {
        let arguments = (token, requirement, self.device.account());
        let receipt = self.access.read::<Result<Verified, VerifyError>>("verify", arguments);
        assert_eq!(receipt.result.is_ok(), !token.is_empty(), "{:?}", receipt.result);
        Cost::from(&receipt)
    }

    /// Verifies a token of an authorization server that is trusted.
    fn verify_trusted(&mut self) -> Cost {
        let until_ms = self.access.now_ms() + HOUR_MS;
        let trust = AccessOperation::SetTrust { issuer: OTHER, scopes: vec![SCOPE.into()], until_ms };
        let claims = Claims { issuer: "https://other.example".into(), ..self.claims() };
        let token = self.key.issue(&claims, IssuerKeyRef { issuer: OTHER, key: 0 });
        let before = self.access.save();
        self.execute(trust);
        let cost = self.verify_bytes(&token, &self.requirement(&claims));
        self.access.go_back(before);
        cost
    }

    fn check(&mut self, claims: &Claims) -> Cost {
        let token = SignedToken::from_cwt(&self.token(claims)).expect("it is one");
        let receipt = self
            .access
            .read::<Result<(), VerifyError>>("check", (token.standing(blake2b_256), self.requirement(claims)));
        assert_eq!(receipt.result, Ok(()));
        Cost::from(&receipt)
    }
}

/// Writes.
impl Bench {
    /// Measures an operation, after those that prepare it, and takes all of it back.
    fn operation(
        &mut self,
        name: &'static str,
        actor: &Actor,
        prepare: &[AccessOperation],
        operation: AccessOperation,
    ) -> OperationCost {
        let before = self.access.save();
        prepare.iter().for_each(|step| self.execute(step.clone()));
        let written = self.access.execute(actor, ISSUER, operation);
        assert_eq!(written.receipt.result, Ok(()), "{name}");
        self.access.go_back(before);
        OperationCost { name, cost: Cost::from(&written.receipt) }
    }

    fn operations(&mut self) -> Vec<OperationCost> {
        let (now_ms, device, buyer) = (self.access.now_ms(), self.device.device(), Actor::new("buyer"));
        let (soon, account, owner) = (now_ms + HOUR_MS, Actor::new("delegate").account(), self.owner.clone());
        let public_key = TokenKey::ed25519("new key").public_key();
        let key = NewIssuerKey { public_key, not_before_ms: now_ms, not_after_ms: now_ms + 30 * DAY_MS };
        let role = IssuerRole::Operator;
        let set_delegate = AccessOperation::SetDelegate { account, role, expires_ms: soon };
        let offer = AccessOperation::OfferTransfer { to: buyer.account(), expires_ms: soon };
        let (scope_right, role_right) = (Right::Scope(SCOPE.into()), Right::Role("driver".into()));
        let grant = |right: &Right| AccessOperation::Grant {
            grantee: Grantee::Device(device),
            right: right.clone(),
            until_ms: soon,
        };
        let withdraw = AccessOperation::Withdraw { grantee: Grantee::Device(device), right: scope_right.clone() };
        let trust = AccessOperation::SetTrust { issuer: OTHER, scopes: vec![SCOPE.into()], until_ms: soon };
        let by_owner = vec![
            ("AddKey", vec![], AccessOperation::AddKey { key }),
            ("RotateKey", vec![], AccessOperation::RotateKey { id: 0, key }),
            ("RevokeKey", vec![], AccessOperation::RevokeKey { id: 0 }),
            ("Deactivate", vec![], AccessOperation::Deactivate),
            ("Reactivate", vec![AccessOperation::Deactivate], AccessOperation::Reactivate),
            ("OfferTransfer", vec![], offer.clone()),
            ("CancelTransfer", vec![offer.clone()], AccessOperation::CancelTransfer),
            ("SetDelegate", vec![], set_delegate.clone()),
            ("RemoveDelegate", vec![set_delegate], AccessOperation::RemoveDelegate { account, role }),
            ("DefineScope", vec![], define("door:open")),
            ("RetireScope", vec![], AccessOperation::RetireScope { name: SCOPE.into() }),
            ("SetRole, two scopes", vec![], set_role("reader", &["meter:read", SCOPE])),
            ("RemoveRole", vec![], AccessOperation::RemoveRole { name: "driver".into() }),
            ("Grant, a scope", vec![], grant(&scope_right)),
            ("Grant, a role", vec![], grant(&role_right)),
            ("Withdraw", vec![grant(&scope_right)], withdraw),
            ("RevokeToken", vec![], AccessOperation::RevokeToken { token: [7; 32], expires_ms: soon }),
            ("RevokeTokensBefore", vec![], AccessOperation::RevokeTokensBefore { device, before_ms: now_ms }),
            ("SetTrust", vec![], trust.clone()),
            ("RemoveTrust", vec![trust], AccessOperation::RemoveTrust { issuer: OTHER }),
        ];
        let mut costs = vec![self.registration(key)];
        for (name, prepare, operation) in by_owner {
            costs.push(self.operation(name, &owner, &prepare, operation));
        }
        costs.push(self.operation("AcceptTransfer", &buyer, &[offer], AccessOperation::AcceptTransfer));
        costs.push(self.reclaim());
        costs
    }

    fn registration(&mut self, key: NewIssuerKey) -> OperationCost {
        let owner = self.owner.clone();
        let written = self.access.trial(|access| access.register_issuer(&owner, URL, vec![key]));
        assert!(written.receipt.result.is_ok());
        OperationCost { name: "register_issuer, with a key", cost: Cost::from(&written.receipt) }
    }

    fn reclaim(&mut self) -> OperationCost {
        let expires_ms = self.access.now_ms() + HOUR_MS;
        let before = self.access.save();
        self.execute(AccessOperation::RevokeToken { token: [7; 32], expires_ms });
        self.access.chain().set_time(expires_ms + bounds::CLOCK_SKEW_MAX_MS);
        let written = self.access.reclaim(&Actor::new("cleaner"), ISSUER, [7; 32], RECLAIM_PRICE);
        assert_eq!(written.receipt.result, Ok(()));
        self.access.go_back(before);
        OperationCost { name: "reclaim", cost: Cost::from(&written.receipt) }
    }
}

/// Reads.
impl Bench {
    fn reads(&mut self) -> Vec<(&'static str, Cost)> {
        let device = self.device.device();
        let before = self.access.save();
        let nothing = self.entitlements(device, 0);
        self.grant(Right::Scope(SCOPE.into()));
        let one = self.entitlements(device, 1);
        let names: Vec<String> = (0..bounds::SCOPES_MAX).map(longest_scope).collect();
        names.iter().for_each(|name| self.execute(define(name)));
        self.execute(AccessOperation::SetRole { name: "largest".into(), scopes: names });
        self.grant(Right::Role("largest".into()));
        let many = self.entitlements(device, 1 + bounds::SCOPES_MAX);
        self.access.go_back(before);
        vec![
            ("entitlements, nothing granted", nothing),
            ("entitlements, a scope", one),
            ("entitlements, a scope and a role of 16", many),
            ("is_token_revoked", self.read::<bool>("is_token_revoked", (ISSUER, [7u8; 32]))),
            ("issuer", self.read::<Option<Issuer>>("issuer", ISSUER)),
            ("info", self.read::<AccessInfo>("info", ())),
            ("unknown message", self.floor()),
        ]
    }

    fn grant(&mut self, right: Right) {
        let until_ms = self.access.now_ms() + HOUR_MS;
        self.execute(AccessOperation::Grant { grantee: Grantee::Device(self.device.device()), right, until_ms });
    }

    fn entitlements(&mut self, device: DeviceId, expected: usize) -> Cost {
        let receipt = self.access.read::<Option<Entitlements>>("entitlements", (ISSUER, device));
        assert_eq!(receipt.result.as_ref().map(|entitlements| entitlements.scopes.len()), Some(expected));
        Cost::from(&receipt)
    }

    fn read<T: Decode>(&mut self, message: &str, arguments: impl Encode) -> Cost {
        Cost::from(&self.access.read::<T>(message, arguments))
    }

    fn floor(&mut self) -> Cost {
        let (contract, caller) = (self.access.contract, self.owner.account());
        let answer = self.access.chain().call(contract, vec![0; 4], caller, Means::default());
        Cost::from(&answer.expect("the contract answers"))
    }
}

fn define(name: &str) -> AccessOperation {
    AccessOperation::DefineScope { name: name.into(), description: [1; 32], sensitivity: Sensitivity::Medium }
}

fn set_role(name: &str, scopes: &[&str]) -> AccessOperation {
    AccessOperation::SetRole { name: name.into(), scopes: scopes.iter().map(|scope| (*scope).into()).collect() }
}

fn longest_scope(number: usize) -> String {
    format!("a:{number:0width$}", width = bounds::SCOPE_BYTES_MAX - 2)
}
