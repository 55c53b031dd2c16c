//! A contract acts on a token: a charging station serves the vehicle, or refuses for exactly one reason.

use marque_charging::{EndReason, SessionEnded, SessionId, Station, StationError, Terms};
use marque_sdk::{
    Account, At, Receipt, Signer,
    primitives::{
        Operation,
        access::{AccessOperation, NewIssuerKey},
        blake2b_256, bounds,
        token::{Claims, IssuerKeyRef, VerifyError},
    },
    token::issue_cwt,
};

use super::{
    cast::{ALLOWANCE, Actor, Cast},
    grid::{AUDIENCE, ChargePoint, Grid, URL},
    teller::Teller,
};
use crate::{failure::Outcome, render};

/// What a Wh costs, in the chain's smallest unit: 0.001 UNIT.
const PRICE_PER_WH: u128 = 1_000_000_000;
/// What the vehicle pays in: 5 UNIT.
const DEPOSIT: u128 = 5_000_000_000_000;
const CONNECTOR: u8 = 1;
/// A fast charger gives a Wh each 10 ms.
const POWER_MAX_W: u32 = 350_000;
/// What has flowed when the meter reports.
const ENERGY_WH: u64 = 10;
/// For how long it flows, at full power.
const FLOW_MS: u64 = (ENERGY_WH * 60 * 60 * 1000).div_ceil(POWER_MAX_W as u64);
const HOUR_S: u64 = 60 * 60;

/// The vehicle charges and pays.
///
/// # Errors
/// When a step does not go as it should.
pub async fn charge(teller: &mut Teller, cast: &Cast, grid: &Grid) -> Outcome<ChargePoint> {
    teller.chapter(
        "A contract acts on it",
        "A charging station is a contract. It demands charge:start for itself, and asks nobody outside of the chain.",
    )?;
    let Grid { operator, vehicle, .. } = grid;
    let point = deploy(teller, cast, grid).await?;
    let token = grid.cwt(&grid.claims().await?)?;
    let id =
        start(teller, grid, &point, "the vehicle presents its token, pays 5 UNIT in, and is served", &token).await?;
    let (ended, receipt) = metered(grid, &point, id).await?;
    teller.told_of(&format!("the meter reports {ENERGY_WH} Wh"), &receipt)?;
    teller.check("the session goes on", ended.is_none())?;
    let (ended, receipt) = point.station.stop(&vehicle.key, id).await?;
    teller.told_of("the vehicle stops", &receipt)?;
    let cost = PRICE_PER_WH * u128::from(ENERGY_WH);
    let settled = ended.settlement;
    let holds = settled.paid_to_operator == cost && settled.paid_to_vehicle == DEPOSIT - cost && settled.cost == cost;
    let what =
        format!("the operator got {}, the vehicle {} back", render::amount(cost), render::amount(DEPOSIT - cost));
    teller.check(&what, holds)?;
    let owed = point.station.owed(&operator.account()).await?;
    teller.check("the station keeps nothing", owed == 0 && point.station.session(CONNECTOR).await?.is_none())?;
    Ok(point)
}

async fn deploy(teller: &mut Teller, cast: &Cast, grid: &Grid) -> Outcome<ChargePoint> {
    let Grid { operator, access, issuer, .. } = grid;
    let meter = Account::generate();
    cast.chain().transfer(operator, &meter.account(), ALLOWANCE / 10).await?;
    let terms = Terms {
        operator: operator.account(),
        meter: meter.account(),
        connectors: 2,
        price_per_wh: PRICE_PER_WH,
        power_max_w: POWER_MAX_W,
        session_max_ms: 60 * 60 * 1000,
    };
    let mut deployed = None;
    let deploy = async {
        let (station, receipt) = Station::deploy(access, operator, *issuer, AUDIENCE, &terms).await?;
        deployed = Some(station);
        Ok::<_, StationError>(receipt)
    };
    teller.accepted(&format!("the operator deploys {AUDIENCE}"), operator.account(), deploy).await?;
    let station = deployed.ok_or_else(|| teller.differs("the station is deployed", "it is not there"))?;
    Ok(ChargePoint { station, meter })
}

/// Each thing that can be wrong with a token is refused for what it is.
///
/// # Errors
/// When a step does not go as it should.
pub async fn refusals(teller: &mut Teller, cast: &Cast, grid: &Grid, point: &ChargePoint) -> Outcome {
    teller.chapter(
        "Every other token is refused, each for its own reason",
        "The station refuses before anything is paid. A stolen token is worth nothing without the vehicle's key.",
    )?;
    let good = grid.claims().await?;
    for (what, expected, token) in faulty(cast, grid, &good).await? {
        refused(teller, point, what, expected, &grid.vehicle.key, &token).await?;
    }
    let token = grid.cwt(&good)?;
    let stolen = "a stranger who presents the vehicle's token is not the vehicle";
    refused(teller, point, stolen, VerifyError::PresenterIsNotSubject, &cast.stranger, &token).await?;
    let cut = &token[..token.len() - 1];
    refused(teller, point, "a token that was cut is none", VerifyError::Malformed, &grid.vehicle.key, cut).await?;
    let other = Actor::new();
    let unknown = grid.cwt(&grid.claims_of(other.id).await?)?;
    let what = "a device that was never registered gets nothing";
    refused(teller, point, what, VerifyError::DeviceUnknown, &grid.vehicle.key, &unknown).await
}

/// What is wrong with it, why it is refused, and the token.
type Faulty = (&'static str, VerifyError, Vec<u8>);

async fn faulty(cast: &Cast, grid: &Grid, good: &Claims) -> Outcome<Vec<Faulty>> {
    let at = |issued_s: u64, expires_s: u64| Claims { issued_s, expires_s, ..good.clone() };
    let (now_s, number) = (good.issued_s, grid.issuer);
    let claims = [
        (
            "for another station",
            VerifyError::WrongAudience,
            Claims { audience: vec!["station-18".into()], ..good.clone() },
        ),
        (
            "one for reading meters",
            VerifyError::MissingScope,
            Claims { scopes: vec!["meter:read".into()], ..good.clone() },
        ),
        ("one of two hours ago", VerifyError::Expired, at(now_s - 2 * HOUR_S, now_s - HOUR_S)),
        ("one for the next hour", VerifyError::NotYetValid, at(now_s + HOUR_S, now_s + 2 * HOUR_S)),
        ("one that would live for 25 hours", VerifyError::LifetimeTooLong, at(now_s, now_s + 25 * HOUR_S)),
        ("one of another URL", VerifyError::UnknownIssuer, Claims { issuer: format!("{URL}.evil"), ..good.clone() }),
        ("one of a later epoch", VerifyError::StaleEpoch, Claims { epoch: good.epoch + 1, ..good.clone() }),
    ];
    let mut all = Vec::new();
    for (what, expected, claims) in claims {
        all.push((what, expected, grid.cwt(&claims)?));
    }
    let other_key = IssuerKeyRef { issuer: number, key: 7 };
    all.push((
        "one of a key that there is not",
        VerifyError::IssuerKeyNotValid,
        issue_cwt(good, other_key, &grid.signing_key)?,
    ));
    all.push((
        "one that a stranger signed",
        VerifyError::InvalidSignature,
        issue_cwt(good, grid.signed_by(), &cast.stranger)?,
    ));
    let (own, _) = grid.access.register_issuer(&cast.stranger, URL, &[own_key(cast, grid).await?]).await?;
    let of_own = IssuerKeyRef { issuer: own, key: 0 };
    all.push((
        "one of a stranger's own authorization server",
        VerifyError::UntrustedIssuer,
        issue_cwt(good, of_own, &cast.stranger)?,
    ));
    Ok(all)
}

/// The key of the authorization server that a stranger registers under the operator's URL.
async fn own_key(cast: &Cast, grid: &Grid) -> Outcome<NewIssuerKey> {
    let not_before_ms = grid.chain().time_ms(At::Best).await? - 60_000;
    let not_after_ms = not_before_ms + bounds::TOKEN_LIFETIME_MAX_MS;
    Ok(NewIssuerKey { public_key: cast.stranger.public_key(), not_before_ms, not_after_ms })
}

/// What ends a token before its time, and a session with it.
///
/// # Errors
/// When a step does not go as it should.
pub async fn revocations(teller: &mut Teller, grid: &Grid, point: &ChargePoint) -> Outcome {
    teller.chapter(
        "What is revoked is over at once",
        "On chain with the block, and off chain with the same block once it is finalized.",
    )?;
    let Grid { operator, vehicle, .. } = grid;
    let claims = grid.claims().await?;
    let token = grid.cwt(&claims)?;
    let id = blake2b_256(claims.token_id.as_bytes());
    let revoke = AccessOperation::RevokeToken { token: id, expires_ms: claims.expires_ms() };
    let receipt = teller.accepted("the operator revokes a token", operator.account(), grid.change(revoke)).await?;
    seen(teller, grid, &token, &receipt, VerifyError::TokenRevoked).await?;
    refused(teller, point, "the station refuses it", VerifyError::TokenRevoked, &vehicle.key, &token).await?;

    let token = grid.cwt(&grid.claims().await?)?;
    let suspend = grid.registry().execute(operator, vehicle.id, Operation::Suspend);
    let receipt = teller.accepted("the vehicle is suspended", operator.account(), suspend).await?;
    seen(teller, grid, &token, &receipt, VerifyError::DeviceSuspended).await?;
    refused(teller, point, "the station refuses it too", VerifyError::DeviceSuspended, &vehicle.key, &token).await?;
    let resume = grid.registry().execute(operator, vehicle.id, Operation::Resume);
    teller.accepted("and resumed", operator.account(), resume).await?;
    let stale = "its tokens from before stay dead";
    refused(teller, point, stale, VerifyError::StaleEpoch, &vehicle.key, &token).await?;
    midway(teller, grid, point).await
}

/// The vehicle is revoked while it charges.
async fn midway(teller: &mut Teller, grid: &Grid, point: &ChargePoint) -> Outcome {
    let Grid { operator, vehicle, .. } = grid;
    let token = grid.cwt(&grid.claims().await?)?;
    let id = start(teller, grid, point, "with a new token it charges again", &token).await?;
    metered(grid, point, id).await?;
    let revoke = grid.registry().execute(operator, vehicle.id, Operation::Revoke);
    let receipt = teller.accepted("meanwhile the vehicle is revoked, for ever", operator.account(), revoke).await?;
    seen(teller, grid, &token, &receipt, VerifyError::DeviceRevoked).await?;
    let (ended, receipt) = point.station.meter(&point.meter, id, ENERGY_WH + 1).await?;
    teller.told_of("the meter's next report ends the session", &receipt)?;
    let cost = PRICE_PER_WH * u128::from(ENERGY_WH);
    let holds = ended.is_some_and(|ended| {
        ended.reason == EndReason::TokenRefused(VerifyError::DeviceRevoked)
            && ended.settlement.cost == cost
            && ended.settlement.rest == DEPOSIT - cost
    });
    teller.check("for that reason, settled by what had flowed before", holds)?;
    let again = "it is served no more";
    refused(teller, point, again, VerifyError::DeviceRevoked, &vehicle.key, &token).await
}

async fn start(teller: &mut Teller, grid: &Grid, point: &ChargePoint, what: &str, token: &[u8]) -> Outcome<SessionId> {
    let mut started = None;
    let call = async {
        let (id, receipt) = point.station.start(&grid.vehicle.key, CONNECTOR, PRICE_PER_WH, DEPOSIT, token).await?;
        started = Some(id);
        Ok::<_, StationError>(receipt)
    };
    teller.accepted(what, grid.vehicle.key.account(), call).await?;
    started.ok_or_else(|| teller.differs(what, "no session began"))
}

/// Energy flows, and is reported.
async fn metered(grid: &Grid, point: &ChargePoint, id: SessionId) -> Outcome<(Option<SessionEnded>, Receipt)> {
    let began_ms = grid.chain().time_ms(At::Finalized).await?;
    // The chain's time, by which the station knows how much can have flowed, goes on with a block: with anybody's transaction.
    while grid.chain().time_ms(At::Finalized).await? < began_ms + FLOW_MS {
        grid.chain().transfer(&grid.operator, &point.meter.account(), 1).await?;
    }
    Ok(point.station.meter(&point.meter, id, ENERGY_WH).await?)
}

/// The station refuses a token, and for this reason.
async fn refused(
    teller: &mut Teller,
    point: &ChargePoint,
    what: &str,
    expected: VerifyError,
    presenter: &Account,
    token: &[u8],
) -> Outcome {
    let answer = point.station.start(presenter, CONNECTOR, PRICE_PER_WH, DEPOSIT, token).await;
    teller.token_refused(what, expected, answer.map_err(|error| error.token_refusal()))
}

/// The verifier refuses a token from the block of this receipt on, and for this reason.
async fn seen(teller: &mut Teller, grid: &Grid, token: &[u8], receipt: &Receipt, expected: VerifyError) -> Outcome {
    grid.verifier.wait_for(receipt.block.number).await?;
    let token = Grid::read(teller, token)?;
    let answer = grid.verifier.verify(&token, &grid.requirement(), None).await;
    let what = format!("whoever follows the chain knows it with block {}", receipt.block.number);
    teller.token_refused(&what, expected, answer.map_err(|error| error.refusal()))
}
