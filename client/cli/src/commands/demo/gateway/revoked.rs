//! What the chain takes away, the gateway gives no more.

use marque_sdk::{
    Signer,
    primitives::{Operation, token::VerifyError},
};

use super::{READ, app::App, request::refused, scene::Scene};
use crate::{commands::demo::teller::Teller, failure::Outcome};

/// The meter is suspended on the chain.
///
/// # Errors
/// When a step does not go as it should.
pub async fn over_at_once(teller: &mut Teller, scene: &Scene<'_>, app: &App, token: &str) -> Outcome {
    teller.chapter(
        "Suspended on the chain is suspended at the gateway",
        "Nobody tells the gateway: it asks the chain at each request, and gives nothing while what it knows may be too old.",
    )?;
    let introspected = scene.introspect(app.credentials(), token).await?;
    teller.check("the application asks about the meter's token: it is active", introspected.body["active"] == true)?;
    let (registry, utility, meter) = (&scene.cast.registry, &scene.cast.utility, scene.cast.meter.id);
    let call = registry.execute(utility, meter, Operation::Suspend);
    teller.accepted("the utility suspends the meter", utility.account(), call).await?;
    let answer = scene.meter_asks(READ).await?;
    refused(teller, "its next request gets nothing", (401, "invalid_client", "suspended"), &answer)?;
    let introspected = scene.introspect(app.credentials(), token).await?;
    teller.check("its token from before is inactive, and no more is told", introspected.body == inactive())?;
    let verified = scene.verify(teller, token, READ).await?;
    teller.token_refused("whoever follows the chain knows it too", VerifyError::DeviceSuspended, verified)
}

fn inactive() -> serde_json::Value {
    serde_json::json!({ "active": false })
}
