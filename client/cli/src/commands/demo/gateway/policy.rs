//! Rules say who gets what from where, and which of them decided.

use marque_gateway::{
    Clients, Policy, Rule,
    policy::{Explanation, Matching, Verdict},
};
use serde_json::json;

use super::{
    RESET,
    device::rule,
    request::{given, refused},
    scene::{SERVER, Scene},
};
use crate::{commands::demo::teller::Teller, failure::Outcome};

/// Where requests of this story come from.
const HERE: &str = "127.0.0.1";
const ZONE: &str = "control room";
const FLEET: &str = "substations";
const RULE: &str = "resetting";

/// A rule for a fleet gives a scope, to who asks from one network alone.
///
/// # Errors
/// When a step does not go as it should.
pub async fn decides(teller: &mut Teller, scene: &Scene<'_>) -> Outcome {
    teller.chapter(
        "Policies narrow it down",
        "The first rule that fits decides: by fleet, role, label, network, time of day. The chain's grants stay the ceiling.",
    )?;
    scene.grant(teller, "the operator grants the meter meter:reset", scene.cast.meter.id, RESET).await?;
    let meter = scene.meter().to_string();
    scene.operators.put(&["devices", &meter], &json!({ "fleet": FLEET })).await?;
    put_zone(scene, "10.1.0.0/16").await?;
    let policy = Policy {
        name: FLEET.into(),
        priority: 2,
        is_active: true,
        clients: Clients::Matching(Matching { fleets: [FLEET.into()].into(), ..Matching::default() }),
        rules: vec![Rule { zones: [ZONE.into()].into(), ..rule(RULE, RESET) }],
    };
    scene.put_policy(&policy).await?;
    let answer = scene.meter_asks(RESET).await?;
    let what = "the fleet of substations may reset meters from the control room; the meter asks from elsewhere";
    refused(teller, what, (401, "access_denied", "no policy"), &answer)?;
    explained(teller, scene, "the gateway explains which rule it was, and why", Verdict::OtherZones).await?;
    put_zone(scene, "127.0.0.0/8").await?;
    let answer = scene.meter_asks(RESET).await?;
    given(teller, "once this machine is in the control room, the meter gets meter:reset", RESET, &answer)?;
    explained(teller, scene, "and it explains which rule decides now", Verdict::Decides).await
}

async fn put_zone(scene: &Scene<'_>, network: &str) -> Outcome {
    let zone = json!({ "name": ZONE, "is_active": true, "gateways": [network] });
    scene.operators.put(&["zones", ZONE], &zone).await.map(drop)
}

/// What the fleet's rule is explained to say.
async fn explained(teller: &mut Teller, scene: &Scene<'_>, what: &str, expected: Verdict) -> Outcome {
    let question = json!({ "client_id": scene.meter().to_string(), "scopes": [RESET], "address": HERE });
    let answer = scene.operators.post(&["authorizationServers", SERVER, "explain"], Some(&question)).await?;
    let explanation: Explanation =
        serde_json::from_value(answer).map_err(|error| teller.differs(what, &error.to_string()))?;
    teller.show(&explanation.to_string())?;
    let last = explanation.steps.last();
    teller.check(what, last.is_some_and(|step| step.rule.as_deref() == Some(RULE) && step.verdict == expected))
}
