//! What was decided is written down; and the keys that sign follow each other.

use marque_gateway::Store;
use marque_sdk::token::{Jwt, JwtError};
use serde_json::{Value, json};

use super::{
    READ,
    request::given,
    scene::{SERVER, Scene},
};
use crate::{commands::demo::teller::Teller, failure::Outcome};

/// The query that Okta's users run.
const FILTER: &str = r#"eventType eq "app.oauth2.as.token.grant.access_token" and debugContext.debugData.grantType eq "client_credentials""#;

/// The log has what was given and what was refused, and nobody can change it without being seen.
///
/// # Errors
/// When a step does not go as it should.
pub async fn tells(teller: &mut Teller, scene: &Scene<'_>, token: &str) -> Outcome {
    teller.chapter(
        "What was decided is written down",
        "Before it is answered. Events have the form of Okta's system log; each entry has the hash of the one before.",
    )?;
    let found = scene.operators.page(&["logs"], &[("filter", FILTER)]).await?.entries;
    let id = read(teller, token)?.claims.token_id;
    let is_it = |event: &&Value| event["target"][0]["id"] == json!(id);
    let event = found.iter().find(is_it).unwrap_or(&Value::Null);
    let holds = event["actor"]["id"] == json!(scene.meter().to_string()) && event["outcome"]["result"] == "SUCCESS";
    let with = |result: &str| found.iter().filter(|event| event["outcome"]["result"] == result).count();
    let (given, refused) = (with("SUCCESS"), with("FAILURE"));
    teller.show(FILTER)?;
    teller.check(
        &format!("Okta's query finds {given} tokens that were given, the meter's first among them, and {refused} that were denied"),
        holds && given + refused == found.len(),
    )?;
    let checked = scene.store.check_log().await;
    let what = checked.as_ref().map_or_else(
        |_| "the chain of hashes holds".to_owned(),
        |entries| format!("the chain of hashes holds, over all {entries} entries"),
    );
    teller.check(&what, checked.is_ok())
}

/// The next key signs, and tokens of the one before stay good.
///
/// # Errors
/// When a step does not go as it should.
pub async fn rotation(teller: &mut Teller, scene: &Scene<'_>, old: &str) -> Outcome {
    teller.show(
        "A next key must have been published for ten minutes before it signs. Nobody waits here:\n\
         the gateway's clock was eleven minutes behind while it was set up.",
    )?;
    let path = ["authorizationServers", SERVER, "credentials", "lifecycle", "keyRotate"];
    let asked = json!({ "use": "sig", "compromised": false });
    scene.operators.post(&path, Some(&asked)).await?;
    let keys = scene.keys().await?;
    let what = "the next key signs from now on, and the one after it is on the chain before anybody needs it";
    teller.check(what, keys == [(0, false), (1, false), (2, false)])?;
    let new = given(teller, "the meter gets a token by the new key", READ, &scene.meter_asks(READ).await?)?;
    let by_another = read(teller, &new)?.key_id != read(teller, old)?.key_id;
    let both = [scene.verify(teller, old, READ).await?, scene.verify(teller, &new, READ).await?];
    teller.check("tokens of both keys are good", by_another && both.iter().all(Result::is_ok))?;
    let again = scene.operators.post(&path, Some(&asked)).await;
    let is_too_early = again.is_err_and(|failure| failure.message.contains("not published for ten minutes"));
    teller.check("a key that is not known to everybody yet can't follow at once", is_too_early)
}

fn read(teller: &Teller, token: &str) -> Outcome<Jwt> {
    Jwt::read(token).map_err(|error: JwtError| teller.differs("the JWT is read", &error.to_string()))
}
