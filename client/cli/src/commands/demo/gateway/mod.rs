//! The chapters on the gateway: OAuth 2.0 for devices that are on the chain, and for what can't sign.

mod app;
mod device;
mod log;
mod policy;
mod request;
mod revoked;
mod scene;
mod signed;

use super::{cast::Cast, grid::Grid, teller::Teller};
use crate::failure::Outcome;

/// The scope that every device may get that the chain grants it to.
const READ: &str = "meter:read";
/// The scope that no rule gives, until one does.
const RESET: &str = "meter:reset";
/// Whom the gateway's tokens are for.
const AUDIENCE: &str = "api://default";

/// A gateway gives tokens, and stops to.
///
/// # Errors
/// When a step does not go as it should.
pub async fn story(teller: &mut Teller, cast: &Cast, grid: &Grid) -> Outcome {
    let scene = device::set_up(teller, cast, grid).await?;
    let token = device::asks(teller, &scene).await?;
    let app = app::asks(teller, &scene).await?;
    policy::decides(teller, &scene).await?;
    log::tells(teller, &scene, &token).await?;
    log::rotation(teller, &scene, &token).await?;
    revoked::over_at_once(teller, &scene, &app, &token).await?;
    scene.stop().await;
    Ok(())
}
