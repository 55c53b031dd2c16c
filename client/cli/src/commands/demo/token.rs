//! A token is issued, and verified by whoever is presented it.

use std::time::Instant;

use marque_sdk::{
    Signer, VerifierError,
    primitives::token::{Claims, SignedToken, VerifyError},
    token::{issue_cwt, issue_jwt, read_jwt},
};

use super::{
    cast::Cast,
    grid::{AUDIENCE, Grid},
    teller::Teller,
};
use crate::failure::Outcome;

/// Verifications that the time of one is taken from.
const ROUNDS: u32 = 200;

/// A token is issued, and verified off chain.
///
/// # Errors
/// When a step does not go as it should.
pub async fn issued(teller: &mut Teller, cast: &Cast, grid: &Grid) -> Outcome {
    teller.chapter(
        "A token says it for ten minutes",
        "As a JWT for services, as a CWT for contracts and small devices; both say the same, and bind it to the vehicle's key.",
    )?;
    let claims = grid.claims().await?;
    let jwt = issue_jwt(&claims, grid.signed_by(), &grid.signing_key)?;
    let cwt = grid.cwt(&claims)?;
    let token = read_jwt(&jwt).map_err(|error| teller.differs("the JWT is read", &error.to_string()))?;
    teller.show(&format!("{}…", &jwt[..64]))?;
    let same = Grid::read(teller, &cwt)?.claims == token.claims;
    teller.check(
        &format!("the operator issues it: {} bytes as a JWT, {} as a CWT, with the same claims", jwt.len(), cwt.len()),
        same,
    )?;
    off_chain(teller, cast, grid, &token).await?;
    forged(teller, cast, grid, &claims).await?;
    let on_chain = grid.access.verify(&cwt, &grid.requirement(), &grid.vehicle.key.account()).await;
    teller.check("the contract says of the CWT what the verifier said of the JWT", on_chain.is_ok())
}

/// A service verifies the token without asking anybody.
async fn off_chain(teller: &mut Teller, cast: &Cast, grid: &Grid, token: &SignedToken) -> Outcome {
    let Grid { verifier, .. } = grid;
    let head = cast.chain().finalized().await?;
    verifier.wait_for(head.number).await?;
    let requirement = grid.requirement();
    let verified = verifier.verify(token, &requirement, None).await;
    teller.check(&format!("a service that follows the chain finds it good for {AUDIENCE}"), verified.is_ok())?;
    let started = Instant::now();
    let good = (0..ROUNDS).filter(|_| verifier.verify_cached(token, &requirement, None).is_ok()).count();
    let each = started.elapsed() / ROUNDS;
    teller.check(&format!("from memory, without a question to anybody, in {} µs", each.as_micros()), good == 200)
}

/// A stranger signs what the authorization server would.
async fn forged(teller: &mut Teller, cast: &Cast, grid: &Grid, claims: &Claims) -> Outcome {
    let forged = issue_cwt(claims, grid.signed_by(), &cast.stranger)?;
    let forged = Grid::read(teller, &forged)?;
    let refused = grid.verifier.verify(&forged, &grid.requirement(), None).await;
    teller.token_refused(
        "the same, signed by a stranger, is not",
        VerifyError::InvalidSignature,
        refused.map_err(|error: VerifierError| error.refusal()),
    )
}
