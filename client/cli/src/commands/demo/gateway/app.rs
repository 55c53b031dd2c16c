//! An application that can't sign gets tokens by a secret; with a key that it has at hand, they are bound to that.

use marque_sdk::{
    Account, Signer,
    primitives::Controller,
    token::{Jws, JwtError},
};
use serde_json::{Value, json};

use super::{
    READ,
    request::{Answer, Credentials, given, refused},
    scene::Scene,
    signed,
};
use crate::{
    commands::demo::{birth::register, cast::Actor, teller::Teller},
    failure::Outcome,
};

/// An application, and the secret that counts.
pub struct App {
    id: String,
    secret: String,
}

impl App {
    /// How it says who it is.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials::Secret(&self.id, &self.secret)
    }
}

/// An application gets tokens by its secret, which is changed without a pause.
///
/// # Errors
/// When a step does not go as it should.
pub async fn asks(teller: &mut Teller, scene: &Scene<'_>) -> Outcome<App> {
    teller.chapter(
        "For what can't sign",
        "An application has a client id and a secret, as at Okta. It acts for a device: what that may have is the ceiling.",
    )?;
    let old = make(teller, scene).await?;
    let answer = scene.ask(old.credentials(), READ, None).await?;
    given(teller, "the application shows its secret, and gets a token", READ, &answer)?;
    let new = rotate(teller, scene, &old).await?;
    bound(teller, scene, &new).await?;
    Ok(new)
}

async fn make(teller: &mut Teller, scene: &Scene<'_>) -> Outcome<App> {
    let (registry, operator, collector) = (&scene.cast.registry, &scene.grid.operator, Actor::new());
    let registration = register(Controller::Account(operator.account()), Vec::new());
    let signed = registry.prepare(collector.id, registration).only_by(operator.account()).sign(&collector.key).await?;
    let what = "the operator registers an identity for its collector of readings";
    teller.accepted(what, operator.account(), registry.submit(operator, signed)).await?;
    scene.grant(teller, "and grants it meter:read", collector.id, READ).await?;
    let new = json!({ "label": "Collector of readings", "device": registry.did(collector.id).to_string() });
    let made = scene.operators.post(&["apps"], Some(&new)).await?;
    Ok(App { id: text(teller, &made, "client_id")?, secret: text(teller, &made, "client_secret")? })
}

/// The secret is changed: for a while both count.
async fn rotate(teller: &mut Teller, scene: &Scene<'_>, old: &App) -> Outcome<App> {
    let path = ["apps", &*old.id, "credentials", "secrets"];
    let before = scene.operators.list(&path).await?;
    let before = text(teller, before.first().unwrap_or(&Value::Null), "id")?;
    let made = scene.operators.post(&path, None).await?;
    let new = App { id: old.id.clone(), secret: text(teller, &made, "client_secret")? };
    let mut both = Vec::new();
    for app in [old, &new] {
        both.push(scene.ask(app.credentials(), READ, None).await?.status);
    }
    teller.check("it gets a new secret: both count, so that it can change over", both == [200, 200])?;
    let deactivate = [&path[..], &[&before, "lifecycle", "deactivate"]].concat();
    scene.operators.post(&deactivate, None).await?;
    let answer = scene.ask(old.credentials(), READ, None).await?;
    let wrong_secret = (401, "invalid_client", "its secret is wrong");
    refused(teller, "the old one is deactivated, and counts no more", wrong_secret, &answer)?;
    Ok(new)
}

/// A token that is of no use to who steals it.
async fn bound(teller: &mut Teller, scene: &Scene<'_>, app: &App) -> Outcome {
    let (key, endpoint) = (Account::generate(), scene.token_endpoint());
    let proof = signed::proof(&key, &endpoint, None)?;
    let answer = scene.ask(app.credentials(), READ, Some(&proof)).await?;
    let no_nonce = (400, "use_dpop_nonce", "DPoP-Nonce");
    refused(teller, "it proves that it has a key (DPoP), and is told a nonce first", no_nonce, &answer)?;
    let proof = signed::proof(&key, &endpoint, answer.nonce.as_deref())?;
    let answer = scene.ask(app.credentials(), READ, Some(&proof)).await?;
    let jkt = signed::thumbprint(&key)?;
    let holds = confirmation(&answer).is_ok_and(|found| found == json!({ "jkt": jkt }));
    teller
        .check("with the nonce it gets a token that is bound to its key", answer.body["token_type"] == "DPoP" && holds)
}

fn confirmation(answer: &Answer) -> Result<Value, JwtError> {
    let token = answer.body["access_token"].as_str().unwrap_or_default();
    Ok(Jws::read(token)?.claims.remove("cnf").unwrap_or_default())
}

fn text(teller: &Teller, answer: &Value, member: &str) -> Outcome<String> {
    let text = answer[member].as_str().map(ToOwned::to_owned);
    text.ok_or_else(|| teller.differs("the gateway's operator makes an application", &format!("it has no {member}")))
}
