//! Requests of clients, and what is answered to them.

use serde_json::Value;

use super::scene::Scene;
use crate::{
    commands::demo::teller::Teller,
    failure::{Failure, Kind, Outcome},
};

/// How an assertion is said to be one (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = marque_gateway::ASSERTION_TYPE;
const NONCE: &str = "dpop-nonce";

/// How a client says who it is.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// By an assertion that it signed.
    Assertion(&'a str),
    /// By its client id and its secret.
    Secret(&'a str, &'a str),
}

/// A refusal that is expected: HTTP status, OAuth error, and a part of its description.
pub type Refusal = (u16, &'static str, &'static str);

/// What is answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The nonce for the next DPoP proof, if there is one.
    pub nonce: Option<String>,
    /// The body.
    pub body: Value,
}

impl Credentials<'_> {
    fn form(&self) -> Vec<(&str, &str)> {
        match *self {
            Self::Assertion(assertion) => {
                vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]
            }
            Self::Secret(id, secret) => vec![("client_id", id), ("client_secret", secret)],
        }
    }
}

impl Scene<'_> {
    /// Asks for a token, which is bound to the key of the DPoP proof, if there is one.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub async fn ask(&self, by: Credentials<'_>, scope: &str, proof: Option<&str>) -> Outcome<Answer> {
        let mut form = by.form();
        form.extend([("grant_type", "client_credentials"), ("scope", scope)]);
        let request = self.http.post(self.token_endpoint()).form(&form);
        answer(proof.into_iter().fold(request, |request, proof| request.header("dpop", proof))).await
    }

    /// The meter asks for a token, with a new assertion.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub async fn meter_asks(&self, scope: &str) -> Outcome<Answer> {
        self.ask(Credentials::Assertion(&self.assertion()?), scope, None).await
    }

    /// Asks what a token is worth.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub async fn introspect(&self, by: Credentials<'_>, token: &str) -> Outcome<Answer> {
        let mut form = by.form();
        form.push(("token", token));
        answer(self.http.post(format!("{}/v1/introspect", self.url)).form(&form)).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Outcome<Answer> {
    let lost = |error: reqwest::Error| {
        Failure::new(Kind::Failed, format!("the gateway does not answer: {}", error.without_url()))
    };
    let response = request.send().await.map_err(lost)?;
    let status = response.status().as_u16();
    let nonce = response.headers().get(NONCE).and_then(|nonce| nonce.to_str().ok()).map(ToOwned::to_owned);
    Ok(Answer { status, nonce, body: response.json().await.map_err(lost)? })
}

/// A token that must be given, for just these scopes.
///
/// # Errors
/// When it is not, or stdout can't be written.
pub fn given(teller: &mut Teller, what: &str, scope: &str, answer: &Answer) -> Outcome<String> {
    let (token, found) = (answer.body["access_token"].as_str(), answer.body["scope"].as_str());
    match token {
        Some(token) if answer.status == 200 => {
            teller.check(what, found == Some(scope))?;
            Ok(token.to_owned())
        }
        _ => Err(teller.differs(what, &format!("a token should be given, but: {} {}", answer.status, answer.body))),
    }
}

/// A token that must be refused, so.
///
/// # Errors
/// When it is not, or stdout can't be written.
pub fn refused(teller: &mut Teller, what: &str, (status, error, why): Refusal, answer: &Answer) -> Outcome {
    let found = (answer.status, answer.body["error"].as_str());
    let description = answer.body["error_description"].as_str().unwrap_or_default();
    if found != (status, Some(error)) || !description.contains(why) {
        let how = format!("it should be {status} {error} ({why}), and is {} {found:?} ({description})", answer.status);
        return Err(teller.differs(what, &how));
    }
    teller.request_refused(what, error, description)
}
