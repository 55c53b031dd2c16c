//! A device gets a token by its key, and by what the chain says of it.

use marque_gateway::{Clients, GrantType, Policy, Rule, settings::ServerDocument};
use marque_sdk::{
    CallError, Signer,
    primitives::access::{AccessOperation, Sensitivity},
    token::Algorithm,
};
use serde_json::json;

use super::{
    AUDIENCE, READ, RESET,
    request::{Credentials, given, refused},
    scene::{SERVER, Scene},
};
use crate::{
    commands::demo::{cast::Cast, grid::Grid, teller::Teller},
    failure::Outcome,
};

/// A gateway is set up for an authorization server that the operator registers.
///
/// # Errors
/// When a step does not go as it should.
pub async fn set_up<'a>(teller: &mut Teller, cast: &'a Cast, grid: &'a Grid) -> Outcome<Scene<'a>> {
    teller.chapter(
        "A gateway gives the tokens",
        "OAuth 2.0 for devices. It has no list of them: at each request it reads from the chain who they are, and what they may have.",
    )?;
    let mut scene = Scene::open(teller, cast, grid).await?;
    let (operator, url) = (&grid.operator, scene.url.clone());
    let mut registered = None;
    let registration = async {
        let (issuer, receipt) = grid.access.register_issuer(operator, &url, &[]).await?;
        registered = Some(issuer);
        Ok::<_, CallError>(receipt)
    };
    teller.accepted(&format!("the operator registers {url}, without a key"), operator.account(), registration).await?;
    scene.issuer = registered.ok_or_else(|| teller.differs("it is registered", "it has no number"))?;
    for scope in [READ, RESET] {
        let define =
            AccessOperation::DefineScope { name: scope.into(), description: [0; 32], sensitivity: Sensitivity::Low };
        scene.change(teller, &format!("it defines the scope {scope}"), define).await?;
    }
    configure(&scene).await?;
    let keys = scene.keys().await?;
    let what = "the gateway makes its signing key and the next one, and puts both on the chain by itself";
    teller.check(what, keys == [(0, false), (1, false)])?;
    Ok(scene)
}

/// The gateway hears of its authorization server, and of the rule that devices may read meters.
async fn configure(scene: &Scene<'_>) -> Outcome {
    let server = ServerDocument {
        name: SERVER.into(),
        issuer: scene.issuer,
        url: scene.url.clone(),
        default_scopes: Vec::new(),
        requires_dpop: false,
        algorithm: Algorithm::EdDsa,
    };
    scene.operators.put(&["authorizationServers", SERVER], &json!(server)).await?;
    scene.set_clock();
    let policy = Policy {
        name: "everyone".into(),
        priority: 1,
        is_active: true,
        clients: Clients::Every,
        rules: vec![rule("reading", READ)],
    };
    scene.put_policy(&policy).await
}

/// A rule that gives one scope for ten minutes.
pub fn rule(name: &str, scope: &str) -> Rule {
    Rule {
        name: name.into(),
        priority: 1,
        is_active: true,
        grant_types: [GrantType::ClientCredentials].into(),
        scopes: [scope.into()].into(),
        lifetime_s: 600,
        audience: [AUDIENCE.into()].into(),
        ..Rule::default()
    }
}

impl Scene<'_> {
    /// The gateway's operator puts in a policy.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub async fn put_policy(&self, policy: &Policy) -> Outcome {
        let path = ["authorizationServers", SERVER, "policies", &policy.name];
        self.operators.put(&path, &json!(policy)).await.map(drop)
    }
}

/// The meter gets a token, and nothing that it may not have.
///
/// # Errors
/// When a step does not go as it should.
pub async fn asks(teller: &mut Teller, scene: &Scene<'_>) -> Outcome<String> {
    let answer = scene.meter_asks(READ).await?;
    let nothing_granted = (400, "access_denied", "granted");
    refused(teller, "nothing is granted to the meter: it gets nothing", nothing_granted, &answer)?;
    scene.grant(teller, "the operator grants it meter:read for 30 days", scene.cast.meter.id, READ).await?;
    let assertion = scene.assertion()?;
    let answer = scene.ask(Credentials::Assertion(&assertion), READ, None).await?;
    let what = "the meter, which nobody registered at the gateway, signs who it is with its key, and gets a token";
    let token = given(teller, what, READ, &answer)?;
    teller.show(&format!("{}…", token.get(..64).unwrap_or_default()))?;
    let verified = scene.verify(teller, &token, READ).await?;
    teller
        .check("a service that follows the chain finds it good, when the meter's key presents it", verified.is_ok())?;
    let again = scene.ask(Credentials::Assertion(&assertion), READ, None).await?;
    refused(teller, "the same assertion again is worth nothing", (401, "invalid_client", "used before"), &again)?;
    let answer = scene.meter_asks(RESET).await?;
    refused(teller, "meter:reset is given by no rule", (401, "access_denied", "no policy"), &answer)?;
    Ok(token)
}
