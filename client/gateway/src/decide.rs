//! From a request to its answer: it is decided by settings, at a block; what was decided is written down; and only then it is answered.

use futures::future::BoxFuture;
use marque_sdk::primitives::TimestampMs;
use zeroize::Zeroizing;

use crate::{
    Form, OAuthError, PeerCertificate,
    gateway::Gateway,
    limit::{Counts, Judged},
    log::{Actor, Caller, Event, EventType},
    random,
    settings::{Server, Settings},
    store::{Outcome, Remembered, Step},
};

/// How often a request is decided anew, because the settings have changed meanwhile.
const TRIES_MAX: usize = 4;

/// A request to an endpoint that clients authenticate at, once its body was read.
pub(crate) struct ClientRequest {
    pub(crate) form: Result<Form, OAuthError>,
    /// The header `Authorization`.
    pub(crate) authorization: Option<Zeroizing<String>>,
    /// The header `DPoP` (RFC 9449, section 4).
    pub(crate) dpop: Option<String>,
    /// The certificate that the client showed in TLS.
    pub(crate) certificate: Option<PeerCertificate>,
    pub(crate) caller: Caller,
}

/// What a request is decided by.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) server: &'a Server,
    pub(crate) form: &'a Form,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) dpop: Option<&'a str>,
    pub(crate) certificate: Option<&'a PeerCertificate>,
    pub(crate) caller: &'a Caller,
    pub(crate) counts: Counts,
}

impl<'a> Case<'a> {
    fn new(
        settings: &'a Settings,
        server: &'a Server,
        form: &'a Form,
        request: &'a ClientRequest,
        counts: Counts,
    ) -> Self {
        Self {
            counts,
            settings,
            server,
            form,
            authorization: request.authorization.as_ref().map(|header| header.as_str()),
            dpop: request.dpop.as_deref(),
            certificate: request.certificate.as_ref(),
            caller: &request.caller,
        }
    }
}

/// What came to light about a request, and what is to happen with its answer.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    pub(crate) client_id: Option<String>,
    pub(crate) token_id: Option<String>,
    pub(crate) details: serde_json::Map<String, serde_json::Value>,
    /// What may be used once, and how it is refused if it was used before. It is used up whatever the answer is.
    pub(crate) uses: Vec<(Remembered, OAuthError)>,
    pub(crate) revoked_tokens: Vec<Remembered>,
    /// How many requests there were, once the client is known.
    pub(crate) counts: Option<Counts>,
    /// Whether it is one of so many refusals that it is not written down.
    pub(crate) is_quiet: bool,
}

impl Trail {
    pub(crate) fn note(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.details.insert(name.into(), value.into());
    }
}

/// Decides a request.
pub(crate) type Decide<T> = for<'a> fn(&'a Gateway, Case<'a>, &'a mut Trail) -> BoxFuture<'a, Result<T, OAuthError>>;

/// What is answered, and what the limits leave.
pub(crate) struct Answer<T> {
    pub(crate) result: Result<T, OAuthError>,
    /// `None` where requests could not be counted.
    pub(crate) judged: Option<Judged>,
}

impl<T> Answer<T> {
    const fn failed(error: OAuthError) -> Self {
        Self { result: Err(error), judged: None }
    }
}

impl Gateway {
    /// Answers a request at an authorization server; `None` where there is none of this name. Success and failure are both written down
    /// first; when that fails, nothing is given out.
    pub(crate) async fn answer<T>(
        &self,
        server: &str,
        event_type: EventType,
        request: &ClientRequest,
        decide: Decide<T>,
    ) -> Option<Answer<T>> {
        if !self.settings().servers.contains_key(server) {
            return None;
        }
        let answer = self.try_answer(server, event_type, request, decide).await?;
        if let Err(error) = &answer.result {
            self.parts.metrics.refused(error.code());
        }
        Some(answer)
    }

    async fn try_answer<T>(
        &self,
        server: &str,
        event_type: EventType,
        request: &ClientRequest,
        decide: Decide<T>,
    ) -> Option<Answer<T>> {
        let (admitted, judged) = self.admit(server, &request.caller).await;
        let counts = match admitted {
            Ok(counts) => counts,
            Err(error) => return Some(Answer { result: Err(error), judged }),
        };
        for _ in 0..TRIES_MAX {
            let settings = self.settings();
            let server = settings.servers.get(server)?;
            let mut trail = Trail::default();
            let decided = match &request.form {
                Ok(form) => decide(self, Case::new(&settings, server, form, request, counts), &mut trail).await,
                Err(error) => Err(*error),
            };
            let judged = self.parts.limits.judge(&trail.counts.unwrap_or(counts));
            if trail.is_quiet {
                return Some(Answer { result: decided, judged: Some(judged) });
            }
            match self.settle(&settings, server, event_type, &request.caller, trail, decided).await {
                Ok(Some(result)) => return Some(Answer { result, judged: Some(judged) }),
                Ok(None) => {}
                Err(error) => return Some(Answer { result: Err(error), judged: Some(judged) }),
            }
        }
        tracing::error!("the settings change all the time: a request was given up");
        Some(Answer::failed(OAuthError::Server))
    }

    /// Writes down what was decided; `None` where the settings have changed since, and are known now.
    async fn settle<T>(
        &self,
        settings: &Settings,
        server: &Server,
        event_type: EventType,
        caller: &Caller,
        mut trail: Trail,
        mut decided: Result<T, OAuthError>,
    ) -> Result<Option<Result<T, OAuthError>>, OAuthError> {
        loop {
            if decided.is_err() {
                (trail.token_id, trail.revoked_tokens) = (None, Vec::new());
            }
            let now_ms = self.now_ms();
            let event = self.event(server.name(), event_type, caller, &trail, decided.as_ref().err(), now_ms)?;
            let step = Step {
                event,
                now_ms,
                uses: trail.uses.iter().map(|(used, _)| *used).collect(),
                revoked_tokens: trail.revoked_tokens.clone(),
                changes: Vec::new(),
                revision: Some(settings.revision),
            };
            let begun = self.parts.clock.now();
            let outcome = self.parts.store.commit(step).await?;
            self.parts.metrics.commit(self.parts.clock.now().uptime_ms.saturating_sub(begun.uptime_ms) as f64 / 1000.0);
            match outcome {
                Outcome::Done { .. } => return Ok(Some(decided)),
                Outcome::UsedBefore { place } => {
                    // What else was shown is used up all the same.
                    decided = Err(trail.uses.remove(place).1);
                }
                Outcome::Outdated => {
                    self.refresh().await.map_err(|error| failed("reading the settings again", &error))?;
                    return Ok(None);
                }
            }
        }
    }

    fn event(
        &self,
        server: &str,
        event_type: EventType,
        caller: &Caller,
        trail: &Trail,
        error: Option<&OAuthError>,
        now_ms: TimestampMs,
    ) -> Result<String, OAuthError> {
        let event = Event {
            event_type: match error {
                Some(OAuthError::InvalidClient(_)) => EventType::InvalidCredentials,
                _ => event_type,
            },
            server: Some(server),
            actor: Actor::Client(trail.client_id.as_deref()),
            caller,
            failure: error.map(|error| (error.code(), error.to_string())),
            targets: trail.token_id.iter().map(|id| ("access_token", id.clone())).collect(),
            details: trail.details.clone(),
        };
        let uuid = random::uuid(&*self.parts.random).ok_or(OAuthError::Server)?;
        Ok(event.to_json(&uuid, now_ms).to_string())
    }
}

/// What failed is for the operator: clients are told nothing of it.
pub(crate) fn failed(what: &'static str, error: &dyn std::error::Error) -> OAuthError {
    tracing::error!(%error, what, "a request could not be carried out");
    OAuthError::Server
}
