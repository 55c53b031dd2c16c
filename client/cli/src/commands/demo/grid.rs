//! Who is in the chapters on access: an operator of charging stations with its authorization server, and a vehicle.

use marque_charging::Station;
use marque_sdk::{
    Access, Account, At, CallError, Chain, Receipt, Registry, Signer, Verifier, VerifierConfig,
    primitives::{
        Controller, DeviceId, PublicKey,
        access::{AccessError, AccessOperation, Grantee, IssuerId, NewIssuerKey, Right, Sensitivity},
        blake2b_256, bounds,
        token::{Claims, Confirmation, IssuerKeyRef, Requirement, SignedToken},
    },
    token::issue_cwt,
};

use super::{
    birth::register,
    cast::{ALLOWANCE, Actor, Cast},
    teller::Teller,
};
use crate::{failure::Outcome, spec::hex0x};

/// What the operator's authorization server is called in tokens.
pub const URL: &str = "https://auth.charge.example";
/// The scope that a vehicle needs.
pub const SCOPE: &str = marque_charging::SCOPE;
/// Whom the vehicle's tokens are for.
pub const AUDIENCE: &str = "station-17";
/// How long the tokens of this story live, in seconds.
const LIFETIME_S: u64 = 600;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// The number of the authorization server's key.
const KEY: u32 = 0;
/// The role of the vehicles that may charge.
const ROLE: &str = "driver";

/// The operator's side, the vehicle, and what both use.
pub struct Grid {
    /// The contract for access.
    pub access: Access,
    /// Who owns the authorization server and the station, and controls the vehicle.
    pub operator: Account,
    /// The key that signs its tokens.
    pub signing_key: Account,
    /// The authorization server.
    pub issuer: IssuerId,
    /// The vehicle, which pays for its own transactions.
    pub vehicle: Actor,
    /// What verifies tokens off chain.
    pub verifier: Verifier,
}

/// The operator sets up what its tokens need.
///
/// # Errors
/// When a step does not go as it should.
pub async fn set_up(teller: &mut Teller, cast: &Cast) -> Outcome<Grid> {
    teller.chapter(
        "An operator of charging stations says who may do what",
        "Its authorization server is a record on chain: whose it is, which keys sign its tokens, what it grants.",
    )?;
    let (registry, chain) = (&cast.registry, cast.chain());
    let alice = Account::from_uri("//Alice").map_err(|error| teller.differs("find //Alice", &error.to_string()))?;
    let (operator, signing_key, vehicle) = (Account::generate(), Account::generate(), Actor::new());
    for account in [operator.account(), vehicle.key.account()] {
        chain.transfer(&alice, &account, ALLOWANCE).await?;
    }
    let mut deployed = None;
    let deploy = async {
        let (access, receipt) = Access::deploy_with_receipt(registry, &alice).await?;
        deployed = Some(access);
        Ok::<_, CallError>(receipt)
    };
    teller.accepted("the contract for access is deployed, beside the registry", alice.account(), deploy).await?;
    let access = deployed.ok_or_else(|| teller.differs("it is deployed", "it is not there"))?;
    let now_ms = chain.time_ms(At::Best).await?;
    let key = NewIssuerKey {
        public_key: signing_key.public_key(),
        not_before_ms: now_ms.saturating_sub(DAY_MS),
        not_after_ms: now_ms.saturating_add(90 * DAY_MS),
    };
    let mut registered = None;
    let registration = async {
        let (issuer, receipt) = access.register_issuer(&operator, URL, &[key]).await?;
        registered = Some(issuer);
        Ok::<_, CallError>(receipt)
    };
    teller.accepted(&format!("the operator registers {URL}"), operator.account(), registration).await?;
    let issuer = registered.ok_or_else(|| teller.differs("it is registered", "it has no number"))?;
    let verifier = Verifier::start(&access, VerifierConfig::default()).await?;
    let grid = Grid { access, operator, signing_key, issuer, vehicle, verifier };
    scopes(teller, &grid).await?;
    grants(teller, cast, &grid).await?;
    Ok(grid)
}

/// What there is to be granted.
async fn scopes(teller: &mut Teller, grid: &Grid) -> Outcome {
    let define = |name: &str| AccessOperation::DefineScope {
        name: name.into(),
        description: blake2b_256(b"Starts charging sessions, with the vehicle's money."),
        sensitivity: Sensitivity::High,
    };
    teller.accepted("it defines the scope charge:start", grid.operator.account(), grid.change(define(SCOPE))).await?;
    teller.refused("there is no scope for everything", AccessError::InvalidScopeName, grid.change(define("*"))).await?;
    let role = AccessOperation::SetRole { name: ROLE.into(), scopes: vec![SCOPE.into()] };
    teller.accepted("and the role driver, which has it", grid.operator.account(), grid.change(role)).await.map(drop)
}

/// The vehicle gets an identity, and what it needs to charge.
async fn grants(teller: &mut Teller, cast: &Cast, grid: &Grid) -> Outcome {
    let Grid { access, operator, vehicle, .. } = grid;
    let controller = Controller::Account(operator.account());
    let call = cast.registry.execute(&vehicle.key, vehicle.id, register(controller, Vec::new()));
    teller.accepted("a vehicle of the operator's fleet registers itself", vehicle.key.account(), call).await?;
    let until_ms = cast.chain().time_ahead_ms(30 * DAY_MS, bounds::GRANT_MAX_MS).await?;
    let grant =
        AccessOperation::Grant { grantee: Grantee::Device(vehicle.id), right: Right::Role(ROLE.into()), until_ms };
    let theft = access.execute(&cast.stranger, grid.issuer, grant.clone());
    teller.refused("a stranger can't grant it anything", AccessError::NotAuthorized, theft).await?;
    teller.accepted("the operator makes it a driver for 30 days", operator.account(), grid.change(grant)).await?;
    let entitlements = access.entitlements(grid.issuer, vehicle.id).await?;
    let may = entitlements.is_some_and(|may| may.is_active && may.scopes.iter().any(|may| may.scope == SCOPE));
    teller.check("one call tells what the vehicle may get now: charge:start", may)
}

impl Grid {
    /// The operator changes its authorization server.
    pub async fn change(&self, operation: AccessOperation) -> Result<Receipt, CallError> {
        self.access.execute(&self.operator, self.issuer, operation).await
    }

    /// The chain.
    pub const fn chain(&self) -> &Chain {
        self.access.chain()
    }

    /// The registry.
    pub const fn registry(&self) -> &Registry {
        self.access.registry()
    }

    /// What the station asks of tokens.
    pub fn requirement(&self) -> Requirement {
        Requirement { issuer: self.issuer, audience: AUDIENCE.into(), scopes: vec![SCOPE.into()] }
    }

    /// What a token of the vehicle says that is issued now.
    ///
    /// # Errors
    /// When the chain can't be read.
    pub async fn claims(&self) -> Outcome<Claims> {
        self.claims_of(self.vehicle.id).await
    }

    /// The same for another device.
    ///
    /// # Errors
    /// When the chain can't be read.
    pub async fn claims_of(&self, device: DeviceId) -> Outcome<Claims> {
        let issued_s = self.chain().time_ms(At::Best).await? / 1000;
        let did = self.registry().did(device);
        let record = self.registry().device(device).await?;
        Ok(Claims {
            issuer: URL.into(),
            subject: did.into(),
            audience: vec![AUDIENCE.into()],
            expires_s: issued_s + LIFETIME_S,
            issued_s,
            not_before_s: None,
            token_id: hex0x(&Account::generate().account().0[..8]),
            client_id: did.to_string(),
            scopes: vec![SCOPE.into()],
            epoch: record.map_or(0, |record| record.epoch),
            confirmation: Some(Confirmation::Key(PublicKey::Ed25519(device.0))),
        })
    }

    /// A token for contracts (CWT) with these claims, signed by the authorization server's key.
    ///
    /// # Errors
    /// When the claims make no token.
    pub fn cwt(&self, claims: &Claims) -> Outcome<Vec<u8>> {
        Ok(issue_cwt(claims, self.signed_by(), &self.signing_key)?)
    }

    /// Which key signs.
    pub const fn signed_by(&self) -> IssuerKeyRef {
        IssuerKeyRef { issuer: self.issuer, key: KEY }
    }

    /// A token as it is read by who is presented it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(teller: &Teller, cwt: &[u8]) -> Outcome<SignedToken> {
        SignedToken::from_cwt(cwt).map_err(|error| teller.differs("the token is read", &format!("{error:?}")))
    }
}

/// A station and the account of its meter.
pub struct ChargePoint {
    /// The contract.
    pub station: Station,
    /// What says how much energy has flowed.
    pub meter: Account,
}
